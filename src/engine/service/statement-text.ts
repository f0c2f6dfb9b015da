import { isComment, scriptTokens } from '../../sql/split-script.ts';

/** Comments and layout do not make a statement another one; what stands in quotes does. */
export function withoutLayout(text: string): string {
  let done = '';
  let code = '';
  let at = 0;
  for (const { 0: token, index } of scriptTokens(text)) {
    code += text.slice(at, index);
    at = index + token.length;
    if (token === ';') code += token;
    else if (isComment(token)) code += ' ';
    else {
      done += tight(code) + token;
      code = '';
    }
  }
  return (done + tight(code + text.slice(at))).trim();
}

function tight(code: string): string {
  return code.replaceAll(/\s+/g, ' ').replaceAll(/ ?([(),;=<>]) ?/g, '$1');
}

/** A line to know the statement by. */
export function summaryOfText(text: string): string {
  const line = withoutLayout(text).replaceAll(/\s+/g, ' ');
  return line.length > 80 ? `${line.slice(0, 80)}...` : line;
}

/** Recognises each of these statements, however it is laid out. */
export function isOneOf(statementTexts: Iterable<string>): (text: string) => boolean {
  const known = new Set(Array.from(statementTexts, withoutLayout));
  return (text) => known.has(withoutLayout(text));
}
