/** A statement as it stands in a script: its text up to and with the semicolon, and where it begins. */
export interface ScriptPart {
  readonly text: string;
  readonly line: number;
  readonly column: number;
}

/** `rest`: what no semicolon ends, unless it is blanks and comments. */
export interface CutScript {
  readonly ended: readonly ScriptPart[];
  readonly rest: ScriptPart | undefined;
}

/** What can hide a semicolon, or be one: strings, quoted names, both comments. An unclosed one runs to the end. */
const NOTABLE = /'[^']*(?:'|$)|`[^`]*(?:`|$)|"[^"]*(?:"|$)|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|;/g;
const LEADING = /(?:\s+|--[^\n]*|\/\*[\s\S]*?\*\/)*/y;

/** The statements of a script, the last one with or without its semicolon. */
export function splitScript(script: string): readonly ScriptPart[] {
  const { ended, rest } = cutScript(script);
  return rest ? [...ended, { ...rest, text: rest.text.trimEnd() }] : ended;
}

/** Cuts a script at its semicolons, in one pass; blanks and comments before statements are dropped. */
export function cutScript(script: string): CutScript {
  const ended: ScriptPart[] = [];
  const position = { at: 0, line: 1, lineStart: 0 };
  let start = 0;
  const partUpTo = (end: number): ScriptPart | undefined => {
    const text = script.slice(start, end);
    const lead = leadingBlank(text);
    const body = text.slice(lead);
    if (body === '' || body === ';') return undefined;
    advance(script, position, start + lead);
    return { text: body, line: position.line, column: start + lead - position.lineStart + 1 };
  };
  for (const { 0: token, index } of scriptTokens(script)) {
    if (token !== ';') continue;
    const part = partUpTo(index + 1);
    if (part) ended.push(part);
    start = index + 1;
  }
  return { ended, rest: partUpTo(script.length) };
}

/** Strings, quoted names, comments and semicolons, in their order. */
export function scriptTokens(script: string): Iterable<RegExpExecArray> {
  return script.matchAll(NOTABLE);
}

export function isComment(token: string): boolean {
  return token.startsWith('--') || token.startsWith('/*');
}

/** With a blank for each comment. */
export function withoutComments(script: string): string {
  return script.replaceAll(NOTABLE, (token) => (isComment(token) ? ' ' : token));
}

/** With blanks in front, so that errors give the line and the column of the script. */
export function placedText({ text, line, column }: ScriptPart): string {
  return `${'\n'.repeat(line - 1)}${' '.repeat(column - 1)}${text}`;
}

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
