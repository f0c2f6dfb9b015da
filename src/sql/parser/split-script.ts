/** A statement as it stands in a script: its text up to and with the semicolon, and where it begins. */
export interface ScriptPart {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** What can hide a semicolon, or be one: strings, quoted names, both comments. An unclosed one runs to the end. */
const NOTABLE = /'[^']*(?:'|$)|`[^`]*(?:`|$)|"[^"]*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;/g;

/** Cuts a script at its semicolons, in one pass; blanks and comments around statements are dropped. */
export function splitScript(script: string): ScriptPart[] {
  const parts: ScriptPart[] = [];
  const position = { at: 0, line: 1, lineStart: 0 };
  let start = 0;
  const add = (end: number) => {
    const text = script.slice(start, end);
    const lead = leadingBlank(text);
    const body = text.slice(lead).trimEnd();
    if (body === '' || body === ';') return;
    advance(script, position, start + lead);
    parts.push({ text: body, line: position.line, column: start + lead - position.lineStart + 1 });
  };
  for (const match of script.matchAll(NOTABLE)) {
    if (match[0] !== ';') continue;
    add(match.index + 1);
    start = match.index + 1;
  }
  add(script.length);
  return parts;
}

const LEADING = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)*/y;

function leadingBlank(text: string): number {
  LEADING.lastIndex = 0;
  return LEADING.exec(text)![0].length;
}

function advance(
  script: string,
  position: { at: number; line: number; lineStart: number },
  to: number,
): void {
  for (let at = script.indexOf('\n', position.at); at >= 0 && at < to; at = script.indexOf('\n', at + 1)) {
    position.line++;
    position.lineStart = at + 1;
  }
  position.at = to;
}
