import { ClientError } from './client-error.ts';
import { entityText } from './entity-text.ts';
import { withoutComments } from './split-statements.ts';
import type { ClientSession, RowsHeader, SqlClient } from './sql-client.ts';
import { BoxWriter, cellText, displayWidth, textTable } from './text-table.ts';

export type OutputFormat = 'tabular' | 'json';

const SETTER = /^(SET|DEFINE)\s+('(?:[^']|'')*'|[\w.]+)\s*=\s*'((?:[^']|'')*)'\s*;$/i;
const UNSETTER = /^(UNSET|UNDEFINE)\s+('(?:[^']|'')*'|[\w.]+)\s*;$/i;
const LIVE_COLUMN_WIDTH = 20;

/**
 * Runs statements for the shell and writes their answers. SET and DEFINE last for the shell's life, so they are kept
 * here and sent along with every request.
 */
export class StatementRunner {
  readonly #client: SqlClient;
  readonly #session: ClientSession;
  readonly #write: (text: string) => void;
  output: OutputFormat;

  constructor(
    client: SqlClient,
    session: ClientSession,
    output: OutputFormat,
    write: (text: string) => void,
  ) {
    this.#client = client;
    this.#session = session;
    this.#write = write;
    this.output = output;
  }

  /** Rejects with a ClientError that says what is wrong. An aborted query just ends. */
  async run(statement: string, signal?: AbortSignal): Promise<void> {
    const plain = withoutComments(statement).trim();
    if (this.#keep(plain)) return;
    if (/^(SELECT|PRINT)\b/i.test(plain)) return this.#query(statement, plain, signal);
    for (const entity of await this.#client.execute(statement, this.#session))
      this.#write(`${this.output === 'json' ? JSON.stringify(entity) : entityText(entity)}\n`);
  }

  #keep(statement: string): boolean {
    const set = SETTER.exec(statement);
    const unset = set ? null : UNSETTER.exec(statement);
    const [, verb = '', quoted = '', value = ''] = set ?? unset ?? [];
    if (verb === '') return false;
    const kept = /^(SET|UNSET)$/i.test(verb) ? this.#session.properties : this.#session.variables;
    const name = quoted.replace(/^'(.*)'$/, '$1').replaceAll("''", "'");
    if (set) kept.set(name, value.replaceAll("''", "'"));
    else kept.delete(name);
    return true;
  }

  async #query(statement: string, plain: string, signal?: AbortSignal): Promise<void> {
    const lines = this.#client.query(statement, this.#session, signal);
    try {
      if (/^PRINT\b/i.test(plain)) for await (const line of lines) this.#write(`${line}\n`);
      else if (this.output === 'json') await this.#json(lines);
      else if (/\bEMIT\s+CHANGES\b/i.test(plain)) await this.#live(lines);
      else await this.#table(lines);
    } catch (error) {
      if (!signal?.aborted) throw error;
      this.#write('Query terminated\n');
    }
  }

  async #json(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      failIfError(JSON.parse(line));
      this.#write(`${line}\n`);
    }
  }

  async #table(lines: AsyncIterable<string>): Promise<void> {
    let header: RowsHeader | undefined;
    const rows: unknown[][] = [];
    for await (const line of lines) {
      const value: unknown = JSON.parse(line, exactNumber);
      failIfError(value);
      if (Array.isArray(value)) rows.push(value);
      else header = value as RowsHeader;
    }
    this.#write(`${textTable(header?.columnNames ?? [], rows)}\n`);
  }

  async #live(lines: AsyncIterable<string>): Promise<void> {
    let box: BoxWriter | undefined;
    try {
      for await (const line of lines) {
        const value: unknown = JSON.parse(line, exactNumber);
        failIfError(value);
        if (Array.isArray(value)) this.#write(`${box?.row(value.map(cellText))}\n`);
        else {
          const { columnNames } = value as RowsHeader;
          box = new BoxWriter(columnNames.map((name) => Math.max(displayWidth(name), LIVE_COLUMN_WIDTH)));
          this.#write(`${box.top()}\n${box.row(columnNames)}\n${box.middle()}\n`);
        }
      }
    } finally {
      if (box) this.#write(`${box.bottom()}\n`);
    }
  }
}

/** After the answer has begun, an error is its last line. */
function failIfError(value: unknown): void {
  const { error_code: code, message } = (value ?? {}) as { error_code?: number; message?: string };
  if (code !== undefined) throw new ClientError(message ?? `error ${code}`);
}

/** BIGINT and DECIMAL may have more digits than a JavaScript number; those are shown as they came. */
function exactNumber(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return String(value) === context.source ? value : context.source;
}
