import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nexmarkEvent, type Topic } from './events.ts';

export interface Table {
  readonly columnNames: readonly string[];
  readonly rows: readonly (readonly unknown[])[];
}

const COLUMNS: Readonly<Record<Topic, string>> = {
  person: `id: 'BIGINT', name: 'VARCHAR', city: 'VARCHAR', state: 'VARCHAR', dateTime: 'BIGINT'`,
  auction: `id: 'BIGINT', itemName: 'VARCHAR', dateTime: 'BIGINT', expires: 'BIGINT', seller: 'BIGINT', category: 'INTEGER'`,
  bid: `auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'BIGINT', extra: 'VARCHAR'`,
};

/** DuckDB with the first so many events in a table for each topic. */
export interface Reference {
  /** The answer as `comparable` writes it. */
  answer(sql: string): Promise<string[]>;
  close(): void;
}

export async function openReference(events: number): Promise<Reference> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const folder = mkdtempSync(join(tmpdir(), 'nexmark-'));
  try {
    for (const [topic, lines] of Object.entries(linesOf(events)) as [Topic, string[]][]) {
      const file = join(folder, `${topic}.json`);
      writeFileSync(file, `${lines.join('\n')}\n`);
      await connection.run(
        `CREATE TABLE ${topic} AS SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = {${COLUMNS[topic]}})`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return {
    answer: async (sql) => {
      const result = await connection.runAndReadAll(sql);
      return comparable({ columnNames: result.columnNames(), rows: result.getRowsJson() });
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function linesOf(events: number): Readonly<Record<Topic, string[]>> {
  const lines: Record<Topic, string[]> = { person: [], auction: [], bid: [] };
  for (let n = 0; n < events; n++) {
    const { topic, key, value } = nexmarkEvent(n);
    lines[topic].push(JSON.stringify(key === null ? value : { id: key, ...value }));
  }
  return lines;
}

/** Rows that have all the same columns. */
export function tableOf(objects: readonly Readonly<Record<string, unknown>>[]): Table {
  const columnNames = Object.keys(objects[0] ?? {});
  return { columnNames, rows: objects.map((object) => columnNames.map((name) => object[name])) };
}

/**
 * A table as lines: the names of its columns, then its rows, each in an order of their own. Names are in lower case;
 * fractions have twelve digits, however they are written.
 */
export function comparable({ columnNames, rows }: Table): string[] {
  const columns = columnNames
    .map((name, at) => ({ name: name.toLowerCase(), at }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const lines = rows.map((row) => JSON.stringify(columns.map(({ at }) => comparableValue(row[at]))));
  return [columns.map(({ name }) => name).join(), ...lines.sort()];
}

const NUMBER = /^-?\d+(\.\d+)?$/;

function comparableValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return NUMBER.test(value) ? comparableNumber(Number(value)) : value;
  if (typeof value === 'number') return comparableNumber(value);
  if (Array.isArray(value)) return value.map(comparableValue);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value).map(
    ([name, field]) => [name.toLowerCase(), comparableValue(field)] as const,
  );
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function comparableNumber(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(12));
}
