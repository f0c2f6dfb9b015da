import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { nexmarkEvent, type Topic } from './events.ts';

type Row = Readonly<Record<string, unknown>>;

const COLUMNS: Readonly<Record<Topic, string>> = {
  person: `id: 'BIGINT', name: 'VARCHAR', city: 'VARCHAR', state: 'VARCHAR', dateTime: 'BIGINT'`,
  auction: `id: 'BIGINT', itemName: 'VARCHAR', dateTime: 'BIGINT', expires: 'BIGINT', seller: 'BIGINT', category: 'INTEGER'`,
  bid: `auction: 'BIGINT', bidder: 'BIGINT', price: 'BIGINT', channel: 'VARCHAR', url: 'VARCHAR', dateTime: 'BIGINT', extra: 'VARCHAR'`,
};

/** DuckDB with the first so many events in a table for each topic. */
export interface Reference {
  /** Rows as `comparableRow` writes them, in order. */
  rows(sql: string): Promise<string[]>;
  close(): void;
}

export async function openReference(events: number): Promise<Reference> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const folder = mkdtempSync(join(tmpdir(), 'nexmark-'));
  try {
    for (const [topic, columns] of Object.entries(COLUMNS) as [Topic, string][]) {
      const file = join(folder, `${topic}.json`);
      writeFileSync(file, linesOf(topic, events));
      await connection.run(
        `CREATE TABLE ${topic} AS SELECT * FROM read_json('${file}', format = 'newline_delimited', columns = {${columns}})`,
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  return {
    rows: async (sql) => {
      const result = await connection.runAndReadAll(sql);
      return comparable(result.getRowObjectsJson() as readonly Row[]);
    },
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

function linesOf(topic: Topic, events: number): string {
  const lines: string[] = [];
  for (let n = 0; n < events; n++) {
    const event = nexmarkEvent(n);
    if (event.topic !== topic) continue;
    lines.push(JSON.stringify(event.key === null ? event.value : { id: event.key, ...event.value }));
  }
  return `${lines.join('\n')}\n`;
}

/** Rows as texts in an order of their own: names in lower case, numbers to twelve digits however they are written. */
export function comparable(rows: readonly Row[]): string[] {
  return rows.map((row) => JSON.stringify(comparableValue(row))).sort();
}

const NUMBER = /^-?\d+(\.\d+)?$/;

function comparableValue(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (typeof value === 'string') return NUMBER.test(value) ? Number(Number(value).toPrecision(12)) : value;
  if (typeof value === 'number') return Number(value.toPrecision(12));
  if (Array.isArray(value)) return value.map(comparableValue);
  if (value === null || typeof value !== 'object') return value;
  const fields = Object.entries(value).map(
    ([name, field]) => [name.toLowerCase(), comparableValue(field)] as const,
  );
  return Object.fromEntries(fields.sort(([a], [b]) => (a < b ? -1 : 1)));
}
