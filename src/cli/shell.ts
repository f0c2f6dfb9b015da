import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { readText } from './config-file.ts';
import { splitStatements } from './split-statements.ts';
import type { SqlClient } from './sql-client.ts';
import type { StatementRunner } from './statement-runner.ts';

const HISTORY_LINES = 1_000;

const HELP = `Statements end with ';' and may span lines. Ctrl-C ends a running query or drops what was typed.
  HELP                      this text
  OUTPUT TABULAR | JSON     how answers are shown
  HISTORY, CLEAR, VERSION   earlier lines, a clean screen, the server's version
  SET 'name'='value';       a property for all statements that follow; UNSET 'name'; takes it back
  DEFINE name='value';      a variable for \${name}; UNDEFINE name; takes it back
  RUN SCRIPT 'file';        the statements of a file
  EXIT                      leave (Ctrl-D)
`;

/** The interactive shell: reads lines until a statement is complete, runs it, shows the answer. */
export async function runShell(client: SqlClient, runner: StatementRunner, url: string): Promise<void> {
  const version = await client.version();
  process.stdout.write(`Millrace ${version} at ${url}. HELP; lists commands, Ctrl-D leaves.\n`);
  const history = new HistoryFile(join(homedir(), '.millrace', 'history'));
  const reader = createInterface({
    input: process.stdin,
    output: process.stdout,
    prompt: 'sql> ',
    history: history.load(),
    historySize: HISTORY_LINES,
    removeHistoryDuplicates: true,
  });
  reader.on('history', (lines: string[]) => history.keep(lines));
  await new Shell(reader, client, runner, history).run();
  history.save();
}

/** Reads lines into statements. Invariant: `#typed` holds what has not become a whole statement yet. */
class Shell {
  readonly #reader: Interface;
  readonly #client: SqlClient;
  readonly #runner: StatementRunner;
  readonly #history: HistoryFile;
  #typed = '';
  #running: AbortController | undefined;

  constructor(reader: Interface, client: SqlClient, runner: StatementRunner, history: HistoryFile) {
    this.#reader = reader;
    this.#client = client;
    this.#runner = runner;
    this.#history = history;
  }

  async run(): Promise<void> {
    this.#reader.on('SIGINT', () => this.#interrupt());
    this.#reader.prompt();
    for await (const line of this.#reader) {
      if (await this.#take(line)) break;
      this.#reader.setPrompt(this.#typed === '' ? 'sql> ' : '  -> ');
      this.#reader.prompt();
    }
    this.#reader.close();
  }

  /** True when the shell is to end. */
  async #take(line: string): Promise<boolean> {
    const command = line.trim().replace(/;$/, '').trim();
    if (this.#typed === '' && /^(exit|quit)$/i.test(command)) return true;
    if (this.#typed === '' && (await this.#command(command))) return false;
    const { statements, rest } = splitStatements(`${this.#typed}${line}\n`);
    this.#typed = rest;
    for (const statement of statements) if (!(await this.#runStatement(statement))) break;
    return false;
  }

  async #command(command: string): Promise<boolean> {
    const [, verb = '', word = ''] = /^(\w+)(?:\s+(\w+))?$/.exec(command) ?? [];
    switch (verb.toUpperCase()) {
      case 'HELP':
        process.stdout.write(HELP);
        return true;
      case 'CLEAR':
        process.stdout.write('\u001b[2J\u001b[H');
        return true;
      case 'HISTORY':
        process.stdout.write(`${this.#history.lines().toReversed().join('\n')}\n`);
        return true;
      case 'VERSION':
        process.stdout.write(`${await this.#client.version()}\n`);
        return true;
      case 'OUTPUT':
        if (/^(tabular|json)$/i.test(word)) this.#runner.output = word.toLowerCase() as 'tabular' | 'json';
        process.stdout.write(`Output format: ${this.#runner.output}\n`);
        return true;
      default:
        return false;
    }
  }

  /** False when it failed: what was typed after it may depend on it. */
  async #runStatement(statement: string): Promise<boolean> {
    this.#running = new AbortController();
    try {
      const script = /^run\s+script\s+'([^']*)'\s*;$/i.exec(statement)?.[1];
      if (script === undefined) await this.#runner.run(statement, this.#running.signal);
      else await this.#runFile(script);
      return true;
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
      return false;
    } finally {
      this.#running = undefined;
    }
  }

  async #runFile(path: string): Promise<void> {
    for (const statement of splitStatements(readText(path)).statements)
      await this.#runner.run(statement, this.#running?.signal);
  }

  #interrupt(): void {
    if (this.#running) this.#running.abort();
    else {
      this.#typed = '';
      process.stdout.write('\n');
      this.#reader.setPrompt('sql> ');
      this.#reader.prompt();
    }
  }
}

/** Lines typed earlier, newest first; a home folder that cannot be written only costs the history. */
class HistoryFile {
  readonly #path: string;
  #lines: readonly string[] = [];

  constructor(path: string) {
    this.#path = path;
  }

  load(): string[] {
    try {
      this.#lines = readFileSync(this.#path, 'utf8').split('\n').filter(Boolean);
    } catch {
      this.#lines = [];
    }
    return [...this.#lines];
  }

  keep(lines: readonly string[]): void {
    this.#lines = [...lines];
  }

  lines(): readonly string[] {
    return this.#lines;
  }

  save(): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
      writeFileSync(this.#path, `${this.#lines.slice(0, HISTORY_LINES).join('\n')}\n`, { mode: 0o600 });
    } catch (error) {
      process.stderr.write(`the history was not kept: ${(error as Error).message}\n`);
    }
  }
}
