import { systemClock } from '../base/clock.ts';
import { Substitution } from '../sql/parser/substitution.ts';
import { withoutComments } from '../sql/split-script.ts';
import { ClientError } from './client-error.ts';
import { readText } from './config-file.ts';
import type { Display } from './display.ts';
import { entityText } from './entity-text.ts';
import { firstLine, runStatements, statementsOf } from './run-script.ts';
import type { ClientSession, RowsHeader, SqlClient } from './sql-client.ts';
import { type BoxWriter, cellText } from './text-table.ts';

const SETTER = /^(SET|DEFINE)\s+('(?:[^']|'')*'|[\w.]+)\s*=\s*'((?:[^']|'')*)'\s*;$/i;
const UNSETTER = /^(UNSET|UNDEFINE)\s+('(?:[^']|'')*'|[\w.]+)\s*;$/i;

/** What ends a query early, of those that go on. */
export interface QueryLimits {
  readonly rows?: number | undefined;
  readonly timeoutMs?: number | undefined;
}

/**
 * Runs statements for the shell and writes their answers. SET and DEFINE last for the shell's life, so they are kept
 * here and sent along with every request.
 */
export class StatementRunner {
  readonly #client: SqlClient;
  readonly #session: ClientSession;
  readonly #display: Display;
  readonly #limits: QueryLimits;
  #lastCommand: number | undefined;
  /** Whether a statement is sent without regard to those before it: of one server they are in force when answered. */
  isPipelining = false;

  constructor(client: SqlClient, session: ClientSession, display: Display, limits: QueryLimits = {}) {
    this.#client = client;
    this.#session = session;
    this.#display = display;
    this.#limits = limits;
  }

  /** Rejects with a ClientError that says what is wrong. An aborted query just ends. */
  async run(statement: string, signal?: AbortSignal): Promise<void> {
    const plain = withoutComments(statement).trim();
    if (await this.#keep(plain)) return;
    if (isQuery(plain)) return this.#query(statement, plain, signal);
    const after = this.isPipelining ? undefined : this.#lastCommand;
    for (const entity of await this.#client.execute(statement, this.#session, after)) {
      if (typeof entity.commandSequenceNumber === 'number') this.#lastCommand = entity.commandSequenceNumber;
      this.#display.write(
        `${this.#display.output === 'json' ? JSON.stringify(entity) : entityText(entity)}\n`,
      );
    }
  }

  /** The statements of a file, but no queries: of one that goes on the rest would never run. */
  async runFile(path: string, signal?: AbortSignal): Promise<void> {
    const statements = statementsOf({ text: readText(path), name: path });
    const query = statements.find(({ text }) => isQuery(text));
    if (query !== undefined)
      throw new ClientError(
        `${path}:${query.line}: RUN SCRIPT takes no SELECT or PRINT: ${firstLine(query.text)}`,
      );
    await runStatements(statements, path, (statement) => this.run(statement, signal));
  }

  async #keep(text: string): Promise<boolean> {
    if (!/^(UN)?(SET|DEFINE)\b/i.test(text)) return false;
    const statement = Substitution.of(this.#session).textOf({ text, line: 1, column: 1 });
    const set = SETTER.exec(statement);
    const unset = set ? null : UNSETTER.exec(statement);
    const [, verb = '', quoted = '', value = ''] = set ?? unset ?? [];
    if (verb === '') return false;
    const kept = /^(SET|UNSET)$/i.test(verb) ? this.#session.properties : this.#session.variables;
    const name = quoted.replace(/^'(.*)'$/, '$1').replaceAll("''", "'");
    // The server knows the properties: a mistyped one would spoil every statement after it.
    if (/^SET$/i.test(verb))
      await this.#client.execute(`SET '${name.replaceAll("'", "''")}'='${value}';`, this.#session);
    if (set) kept.set(name, value.replaceAll("''", "'"));
    else kept.delete(name);
    return true;
  }

  async #query(statement: string, plain: string, given?: AbortSignal): Promise<void> {
    const end = new AbortController();
    const signal = given ? AbortSignal.any([given, end.signal]) : end.signal;
    const { timeoutMs } = this.#limits;
    const timer = timeoutMs === undefined ? undefined : systemClock.after(timeoutMs, () => end.abort());
    const lines = this.#limited(this.#client.query(statement, this.#session, signal), end);
    try {
      if (/^PRINT\b/i.test(plain)) for await (const line of lines) this.#display.write(`${line}\n`);
      else if (this.#display.output === 'json') await this.#json(lines);
      else if (/\bEMIT\s+CHANGES\b/i.test(plain)) await this.#live(lines);
      else await this.#table(lines);
    } catch (error) {
      if (!signal.aborted) throw error;
      this.#display.write('Query terminated\n');
    } finally {
      timer?.cancel();
    }
  }

  /** Ends the query behind the rows that are wanted; its first line is no row. */
  async *#limited(lines: AsyncIterable<string>, end: AbortController): AsyncGenerator<string> {
    let left = this.#limits.rows ?? Number.POSITIVE_INFINITY;
    let isHeader = true;
    for await (const line of lines) {
      yield line;
      if (!isHeader) left -= 1;
      isHeader = false;
      if (left > 0) continue;
      end.abort();
      return;
    }
  }

  async #json(lines: AsyncIterable<string>): Promise<void> {
    for await (const line of lines) {
      failIfError(JSON.parse(line));
      this.#display.write(`${line}\n`);
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
    this.#display.write(`${this.#display.table(header?.columnNames ?? [], rows)}\n`);
  }

  async #live(lines: AsyncIterable<string>): Promise<void> {
    let box: BoxWriter | undefined;
    try {
      for await (const line of lines) {
        const value: unknown = JSON.parse(line, exactNumber);
        failIfError(value);
        if (Array.isArray(value)) this.#display.write(`${box?.row(value.map(cellText))}\n`);
        else {
          const { columnNames } = value as RowsHeader;
          box = this.#display.liveBox(columnNames);
          this.#display.write(`${box.top()}\n${box.row(columnNames)}\n${box.middle()}\n`);
        }
      }
    } finally {
      if (box) this.#display.write(`${box.bottom()}\n`);
    }
  }
}

function isQuery(plain: string): boolean {
  return /^(SELECT|PRINT)\b/i.test(plain);
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
