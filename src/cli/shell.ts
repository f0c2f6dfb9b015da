import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { cutScript } from '../sql/split-script.ts';
import type { Display } from './display.ts';
import { runShellCommand, type Shell } from './shell-commands.ts';
import type { SqlClient } from './sql-client.ts';
import type { StatementRunner } from './statement-runner.ts';

const HISTORY_LINES = 1_000;

/** The interactive shell: reads lines until a statement is complete, runs it, shows the answer. */
export async function runShell(client: SqlClient, runner: StatementRunner, display: Display): Promise<void> {
  const version = await client.version();
  process.stdout.write(`Millrace ${version} at ${client.url}. HELP; lists commands, Ctrl-D leaves.\n`);
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
  await new Prompt(reader, { client, runner, display, history: () => history.lines() }).run();
  history.save();
}

/** Reads lines into statements. Invariant: `#typed` holds what has not become a whole statement yet. */
class Prompt {
  readonly #reader: Interface;
  readonly #shell: Shell;
  #typed = '';
  #running: AbortController | undefined;

  constructor(reader: Interface, shell: Shell) {
    this.#reader = reader;
    this.#shell = shell;
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
    if (this.#typed === '' && (await this.#tryCommand(command))) return false;
    const { ended, rest } = cutScript(`${this.#typed}${line}\n`);
    this.#typed = rest?.text ?? '';
    for (const { text } of ended) if (!(await this.#runStatement(text))) break;
    return false;
  }

  /** A command needs no semicolon. */
  async #tryCommand(command: string): Promise<boolean> {
    try {
      return await runShellCommand(command, this.#shell);
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
      return true;
    }
  }

  /** False when it failed: what was typed after it may depend on it. */
  async #runStatement(statement: string): Promise<boolean> {
    this.#running = new AbortController();
    try {
      const isDone = await runShellCommand(statement, this.#shell);
      if (!isDone) await this.#shell.runner.run(statement, this.#running.signal);
      return true;
    } catch (error) {
      process.stderr.write(`${(error as Error).message}\n`);
      return false;
    } finally {
      this.#running = undefined;
    }
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
