/**
 * Cuts text at the semicolons that end statements: those outside of strings, quoted names and comments.
 * `rest` is what has no semicolon yet.
 */
export function splitStatements(text: string): { readonly statements: string[]; readonly rest: string } {
  const statements: string[] = [];
  let start = 0;
  // Each token is skipped whole; an unclosed one runs to the end of the text.
  for (const { 0: token, index } of text.matchAll(TOKEN)) {
    if (token !== ';') continue;
    const statement = text.slice(start, index + 1).trim();
    if (!isBlank(statement.slice(0, -1))) statements.push(statement);
    start = index + 1;
  }
  const rest = text.slice(start);
  return { statements, rest: isBlank(rest) ? '' : rest };
}

const COMMENT = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/;
const QUOTED = /'[^']*(?:'|$)|"[^"]*(?:"|$)|`[^`]*(?:`|$)/;
const TOKEN = new RegExp(`;|${QUOTED.source}|${COMMENT.source}`, 'g');
const QUOTED_OR_COMMENT = new RegExp(`(${QUOTED.source})|${COMMENT.source}`, 'g');

function isBlank(text: string): boolean {
  return withoutComments(text).trim() === '';
}

export function withoutComments(text: string): string {
  return text.replaceAll(QUOTED_OR_COMMENT, (_, quoted: string | undefined) => quoted ?? ' ');
}
