import { readText } from './config-file.ts';
import { SettingsError } from './settings-error.ts';
import { splitStatements } from './split-statements.ts';
import { type ClientSession, SqlClient } from './sql-client.ts';
import { type OutputFormat, StatementRunner } from './statement-runner.ts';

export interface SqlFlags {
  readonly execute?: string;
  readonly file?: string;
  readonly define?: readonly string[];
  readonly output: string;
  readonly user?: string;
  readonly password?: string;
}

/** `millrace sql`: statements from the command line, a file or standard input, or a shell on a terminal. */
export async function sqlCommand(url: string, flags: SqlFlags): Promise<void> {
  const client = new SqlClient(/^https?:\/\//.test(url) ? url : `http://${url}`, userOf(flags));
  const session: ClientSession = { properties: new Map(), variables: definitions(flags.define ?? []) };
  const runner = new StatementRunner(client, session, outputFormat(flags.output), (text) => {
    process.stdout.write(text);
  });
  const script = await scriptOf(flags);
  if (script === undefined) {
    const { runShell } = await import('./shell.ts');
    await runShell(client, runner, url);
    return;
  }
  const { statements, rest } = splitStatements(script);
  if (rest !== '' && flags.execute === undefined)
    throw new SettingsError(`the last statement does not end with ';': ${rest.trim().split('\n')[0]}`);
  for (const statement of rest === '' ? statements : [...statements, `${rest.trim()};`])
    await runner.run(statement);
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

async function scriptOf(flags: SqlFlags): Promise<string | undefined> {
  if (flags.execute !== undefined) return flags.execute;
  if (flags.file !== undefined) return readText(flags.file);
  if (process.stdin.isTTY) return undefined;
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function definitions(texts: readonly string[]): Map<string, string> {
  return new Map(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new SettingsError(`--define needs NAME=VALUE, not '${text}'`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

function outputFormat(text: string): OutputFormat {
  const format = text.toLowerCase();
  if (format !== 'tabular' && format !== 'json')
    throw new SettingsError(`--output is tabular or json, not '${text}'`);
  return format;
}
