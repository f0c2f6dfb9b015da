import { Variables } from '../sql/variables.ts';
import { readConfigFile, readText } from './config-file.ts';
import { Display } from './display.ts';
import { runStatements, type Script, statementsOf } from './run-script.ts';
import { SettingsError } from './settings-error.ts';
import { outputFormat, runShellCommand } from './shell-commands.ts';
import { type ClientSession, SqlClient } from './sql-client.ts';
import { StatementRunner } from './statement-runner.ts';

export interface SqlFlags {
  readonly execute?: string;
  readonly file?: string;
  readonly define?: readonly string[];
  readonly output: string;
  readonly configFile?: string;
  readonly queryRowLimit?: number;
  readonly queryTimeout?: number;
  readonly user?: string;
  readonly password?: string;
}

/** `millrace sql`: statements from the command line, a file or standard input, or a shell on a terminal. */
export async function sqlCommand(url: string, flags: SqlFlags): Promise<void> {
  const client = new SqlClient(url, userOf(flags));
  const properties = await propertiesOf(flags.configFile);
  const session: ClientSession = { properties, variables: definitions(flags.define ?? []) };
  const display = new Display(outputFormat(flags.output), (text) => process.stdout.write(text));
  const limits = { rows: flags.queryRowLimit, timeoutMs: flags.queryTimeout };
  const runner = new StatementRunner(client, session, display, limits);
  const script = await scriptOf(flags);
  if (script === undefined) {
    const { runShell } = await import('./shell.ts');
    await runShell(client, runner, display);
    return;
  }
  const shell = { client, runner, display, history: () => [] };
  await runStatements(statementsOf(script), script.name, async (statement) => {
    if (!(await runShellCommand(statement, shell))) await runner.run(statement);
  });
}

/** Properties of a file to send along with every statement; what concerns the connection is no property of SQL. */
async function propertiesOf(path: string | undefined): Promise<Map<string, string>> {
  const values = path === undefined ? {} : await readConfigFile(path);
  const sent = Object.entries(values).filter(([name]) => !/^(ssl|sasl|security|bootstrap)\./.test(name));
  return new Map(sent.map(([name, value]) => [name, String(value)]));
}

/** `NAME:PASSWORD`, given so or in two parts as ksqlDB's shell takes them. */
function userOf({ user, password }: SqlFlags): string | undefined {
  if (password !== undefined) {
    if (user === undefined) throw new SettingsError('--password needs --user NAME too');
    return `${user}:${password}`;
  }
  if (user !== undefined && !user.includes(':'))
    throw new SettingsError('--user needs a password: --user NAME:PASSWORD, or --password beside it');
  return user;
}

async function scriptOf({ execute, file }: SqlFlags): Promise<Script | undefined> {
  // Its last statement needs no semicolon.
  if (execute !== undefined) return { text: `${execute}\n;`, name: undefined };
  if (file !== undefined) return { text: readText(file), name: file };
  if (process.stdin.isTTY) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return { text: Buffer.concat(chunks).toString(), name: 'standard input' };
}

function definitions(texts: readonly string[]): Variables {
  return new Variables(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new SettingsError(`--define needs NAME=VALUE, not '${text}'`);
      return [text.slice(0, at), text.slice(at + 1)] as const;
    }),
  );
}
