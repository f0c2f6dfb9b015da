import { type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'REGULAR EXPRESSION';

/** Patterns are nearly always constants: the last one is kept compiled. */
function cached(flags: string): (pattern: string) => RegExp {
  let known: { pattern: string; regex: RegExp } | undefined;
  return (pattern) => {
    if (known?.pattern !== pattern) known = { pattern, regex: new RegExp(pattern, flags) };
    known.regex.lastIndex = 0;
    return known.regex;
  };
}

function extract(): (pattern: string, text: string, group?: number) => string | null {
  const regex = cached('u');
  return (pattern, text, group = 0) => regex(pattern).exec(text)?.[group] ?? null;
}

function extractAll(): (pattern: string, text: string, group?: number) => (string | null)[] {
  const regex = cached('gu');
  return (pattern, text, group = 0) =>
    Array.from(text.matchAll(regex(pattern)), (match) => match[group] ?? null);
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
    [
      'STRING, STRING, STRING -> STRING',
      () => {
        const regex = cached('gu');
        return (text: string, pattern: string, replacement: string) =>
          text.replace(regex(pattern), replacement);
      },
    ],
  ]),
  scalar('REGEXP_SPLIT_TO_ARRAY', CATEGORY, 'The parts of a text between matches of a pattern.', [
    [
      'STRING, STRING -> ARRAY<STRING>',
      () => {
        const regex = cached('u');
        return (text: string, pattern: string) => text.split(regex(pattern));
      },
    ],
  ]),
];
