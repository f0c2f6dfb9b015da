import type { ParsedStatement } from '../ast.ts';

/**
 * Statements of a script, each with its text. `variables` are put in for `${name}`; DEFINE and UNDEFINE inside the
 * script count for the statements after them. Throws SqlError.
 */
export function parseScript(
  text: string,
  _variables: ReadonlyMap<string, string> = new Map(),
): ParsedStatement[] {
  throw new Error(`cannot parse ${text} yet`);
}
