import { type JavaRegex, javaRegex, javaReplacement } from './java-regex.ts';
import { loadLinearEngine } from './linear-regex.ts';
import { type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'REGULAR EXPRESSION';

/** Patterns are nearly always constants: the last one is kept compiled. */
function cached(flags: string): (pattern: string) => JavaRegex {
  loadLinearEngine();
  let known: { readonly pattern: string; readonly compiled: JavaRegex } | undefined;
  return (pattern) => {
    if (known?.pattern !== pattern) known = { pattern, compiled: javaRegex(pattern, flags) };
    known.compiled.regex.lastIndex = 0;
    return known.compiled;
  };
}

function extract(): (pattern: string, text: string, group?: number) => string | null {
  const compiled = cached('');
  return (pattern, text, group = 0) => {
    const { regex, engineGroupOf } = compiled(pattern);
    return regex.exec(text)?.[engineGroupOf[group] ?? -1] ?? null;
  };
}

/** Null where the pattern has no such group. */
function extractAll(): (pattern: string, text: string, group?: number) => (string | null)[] | null {
  const compiled = cached('g');
  return (pattern, text, group = 0) => {
    const { regex, engineGroupOf } = compiled(pattern);
    const place = engineGroupOf[group];
    return place === undefined ? null : Array.from(text.matchAll(regex), (match) => match[place] ?? null);
  };
}

function replace(): (text: string, pattern: string, replacement: string) => string {
  const compiled = cached('g');
  return (text, pattern, replacement) => {
    const found = compiled(pattern);
    if (!/[$\\]/.test(replacement)) return text.replace(found.regex, () => replacement);
    return text.replace(found.regex, javaReplacement(replacement, found));
  };
}

/**
 * Unlike JavaScript's split, groups are no parts. A pattern that matches nothing too cuts as Java's own split does, without
 * empty parts at the end; any other keeps them.
 */
function split(): (text: string, pattern: string) => string[] {
  const compiled = cached('g');
  return (text, pattern) => {
    const { regex } = compiled(pattern);
    const matchesNothing = regex.exec('') !== null;
    regex.lastIndex = 0;
    const parts: string[] = [];
    let from = 0;
    for (const match of text.matchAll(regex)) {
      const at = match.index;
      const isCut = match[0] !== '' || (matchesNothing ? at > 0 : at > from && at < text.length);
      if (!isCut) continue;
      parts.push(text.slice(from, at));
      from = at + match[0].length;
    }
    if (parts.length === 0) return [text];
    parts.push(text.slice(from));
    if (matchesNothing) while (parts.at(-1) === '') parts.pop();
    return parts;
  };
}

export const REGEX_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('REGEXP_EXTRACT', CATEGORY, 'The first match of a pattern in a text, or one of its groups.', [
    ['STRING, STRING -> STRING', extract],
    ['STRING, STRING, INTEGER -> STRING', extract],
  ]),
  scalar('REGEXP_EXTRACT_ALL', CATEGORY, 'All matches of a pattern in a text, or one group of each.', [
    ['STRING, STRING -> ARRAY<STRING>', extractAll],
    ['STRING, STRING, INTEGER -> ARRAY<STRING>', extractAll],
  ]),
  scalar('REGEXP_REPLACE', CATEGORY, 'The text with every match of a pattern replaced.', [
    ['STRING, STRING, STRING -> STRING', replace],
  ]),
  scalar('REGEXP_SPLIT_TO_ARRAY', CATEGORY, 'The parts of a text between matches of a pattern.', [
    ['STRING, STRING -> ARRAY<STRING>', split],
  ]),
];
