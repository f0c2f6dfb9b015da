import { cutScript, placedText, type ScriptPart } from '../sql/split-script.ts';
import { ClientError } from './client-error.ts';

export interface Script {
  readonly text: string;
  /** The file it is from, for errors to name; undefined: whoever typed it sees it. */
  readonly name: string | undefined;
}

/**
 * The statements of a script, each with blanks in front, so that the server's errors have the script's lines and columns.
 * Throws ClientError where the last one does not end: half a statement may be half a file.
 */
export function statementsOf({ text, name }: Script): readonly ScriptPart[] {
  const { ended, rest } = cutScript(text);
  if (rest)
    throw new ClientError(
      `${name}:${rest.line}: the last statement does not end with ';': ${firstLine(rest.text)}`,
    );
  return ended;
}

/** Runs statement after statement up to the first that fails, whose place is then in the error. */
export async function runStatements(
  statements: readonly ScriptPart[],
  name: string | undefined,
  run: (statement: string) => Promise<unknown>,
): Promise<void> {
  for (const statement of statements)
    try {
      await run(placedText(statement));
    } catch (error) {
      throw name === undefined ? error : placedError(name, statement, error as Error);
    }
}

export function firstLine(statement: string): string {
  return statement.trim().split('\n')[0]!;
}

/** `FILE:LINE:COLUMN: ...`, as editors and terminals understand it. */
function placedError(name: string, statement: ScriptPart, { message }: Error): ClientError {
  const [own = '', line = statement.line, column] = /^line (\d+):(\d+): /.exec(message) ?? [];
  const place = column === undefined ? `${name}:${line}` : `${name}:${line}:${column}`;
  return new ClientError(`${place}: ${message.slice(own.length)}`);
}
