/** Comments and layout do not make a statement another one. */
export function withoutLayout(text: string): string {
  return text
    .replaceAll(/--[^\n]*/g, ' ')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([(),;=<>]) ?/g, '$1')
    .trim();
}

/** A line to know the statement by. */
export function summaryOfText(text: string): string {
  const line = withoutLayout(text);
  return line.length > 80 ? `${line.slice(0, 80)}...` : line;
}

/** Recognises each of these statements, however it is laid out. */
export function isOneOf(statementTexts: Iterable<string>): (text: string) => boolean {
  const known = new Set(Array.from(statementTexts, withoutLayout));
  return (text) => known.has(withoutLayout(text));
}
