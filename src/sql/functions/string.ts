import { joined, padTo, splitAt, substringOf } from './bytes.ts';
import { type Bound, type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'STRING';

/** 1-based; negative counts from the end; beyond either end is empty. */
function substring(text: string, position: number, length = Number.POSITIVE_INFINITY): string {
  const start = position > 0 ? position - 1 : position === 0 ? 0 : Math.max(text.length + position, 0);
  return text.slice(start, Math.max(start, start + length));
}

/** `ksql.functions.substring.legacy.args`: positions from 0 on, and the end instead of a length, as ksqlDB had it once. */
function isLegacy({ properties }: Bound): boolean {
  return properties['ksql.functions.substring.legacy.args']?.toLowerCase() === 'true';
}

function legacySubstring(text: string, from: number, to: number): string {
  const start = legacyIndex(text, from);
  const end = legacyIndex(text, to);
  if (end < start) throw new RangeError(`SUBSTRING: ${to} lies before ${from}`);
  return text.slice(start, end);
}

function legacyIndex(text: string, at: number): number {
  if (at < 0 || at > text.length) throw new RangeError(`SUBSTRING: ${at} is outside of the text`);
  return at;
}

/** Null for a target that cannot be: no padding to grow with, or a negative length. */
function pad(text: string, length: number, padding: string, left: boolean): string | null {
  if (length < 0 || padding === '') return null;
  if (text.length >= length) return text.slice(0, length);
  return left ? text.padStart(length, padding) : text.padEnd(length, padding);
}

/**
 * Position (1-based) of the nth occurrence; 0 when absent, or when the search would begin outside of the text. A negative
 * position counts from the end: what is found there ends at or before it.
 */
function instr(
  text: string | null,
  part: string | null,
  position: number | null = 1,
  occurrence: number | null = 1,
): number | null {
  if (text === null || part === null) return 0;
  if (position === null || occurrence === null) return null;
  if (position === 0 || Math.abs(position) > text.length || occurrence < 1) return 0;
  const step = Math.sign(position);
  let found = step > 0 ? position - 2 : text.length + position + 2 - part.length;
  for (let i = 0; i < occurrence; i++) {
    const from = found + step;
    found = step > 0 ? text.indexOf(part, from) : from < 0 ? -1 : text.lastIndexOf(part, from);
    if (found < 0) return 0;
  }
  return found + 1;
}

/** Nothing stays one empty part, whatever the delimiter. */
function splitText(text: string, delimiter: string): string[] {
  return text === '' ? [''] : text.split(delimiter);
}

function codePoint(code: number): string | null {
  return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : null;
}

/** Java's: whatever is not above a blank. JavaScript's would take Unicode's spaces off too. */
function trim(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 32) start++;
  while (start < end && text.charCodeAt(end - 1) <= 32) end--;
  return text.slice(start, end);
}

/** Words are what stands between blanks; blanks in front of the first are dropped, as ksqlDB does. */
function initCap(text: string): string {
  return text
    .toLowerCase()
    .replace(/^[ \t\n\v\f\r]+/, '')
    .replace(
      /(^|[ \t\n\v\f\r])([^ \t\n\v\f\r])/g,
      (_, gap: string, first: string) => gap + first.toUpperCase(),
    );
}

const CONTROLS: Readonly<Record<string, string>> = { b: '\b', t: '\t', n: '\n', f: '\f', r: '\r' };

/** What a text means in which Java's escapes stand; a backslash before any other letter is left out. */
function unescaped(text: string): string {
  return text.replace(
    /\\(?:u+\+?([0-9a-fA-F]{4})|([0-3]?[0-7]{1,2})|(.?))/gs,
    (_, hex: string | undefined, octal: string | undefined, letter: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
      if (letter === 'u') throw new RangeError(`'${text}': four hex digits must follow \\u`);
      return CONTROLS[letter] ?? letter;
    },
  );
}

export const STRING_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('UCASE', CATEGORY, 'The text in upper case.', [
    ['STRING -> STRING', () => (text: string) => text.toUpperCase()],
  ]),
  scalar('LCASE', CATEGORY, 'The text in lower case.', [
    ['STRING -> STRING', () => (text: string) => text.toLowerCase()],
  ]),
  scalar('TRIM', CATEGORY, 'The text without blanks at either end.', [['STRING -> STRING', () => trim]]),
  scalar('LEN', CATEGORY, 'Number of characters, or of bytes.', [
    ['STRING -> INTEGER', () => (text: string) => text.length],
    ['BYTES -> INTEGER', () => (bytes: Uint8Array) => bytes.length],
  ]),
  scalar('INITCAP', CATEGORY, 'Each word with a capital first letter and the rest in lower case.', [
    ['STRING -> STRING', () => initCap],
  ]),
  scalar(
    'CONCAT',
    CATEGORY,
    'All arguments one after another; nulls are left out.',
    [
      [
        'STRING, STRING... -> STRING',
        () =>
          (...texts: (string | null)[]) =>
            texts.join(''),
      ],
      [
        'BYTES, BYTES... -> BYTES',
        () =>
          (...parts: (Uint8Array | null)[]) =>
            Buffer.concat(parts.filter((part) => part !== null)),
      ],
    ],
    { seesNull: true },
  ),
  scalar(
    'CONCAT_WS',
    CATEGORY,
    'All arguments after the first, with the first between them; nulls are left out.',
    [
      [
        'STRING, STRING... -> STRING',
        () =>
          (separator: string | null, ...texts: (string | null)[]) =>
            separator === null ? null : texts.filter((text) => text !== null).join(separator),
      ],
      ['BYTES, BYTES... -> BYTES', () => joined],
    ],
    { seesNull: true },
  ),
  scalar(
    'REPLACE',
    CATEGORY,
    'The text with every occurrence of the second argument replaced by the third.',
    [
      [
        'STRING, STRING, STRING -> STRING',
        () => (text: string, from: string, to: string) => text.replaceAll(from, () => to),
      ],
    ],
  ),
  scalar(
    'SUBSTRING',
    CATEGORY,
    'Part of a text from a position (1 is the first, -1 the last) on, optionally so many characters.',
    [
      [
        'STRING, INTEGER -> STRING',
        (bound) =>
          isLegacy(bound)
            ? (text: string, from: number) => text.slice(legacyIndex(text, from))
            : (text: string, at: number) => substring(text, at),
      ],
      [
        'STRING, INTEGER, INTEGER -> STRING',
        (bound) =>
          isLegacy(bound)
            ? legacySubstring
            : (text: string, at: number, length: number) => substring(text, at, length),
      ],
      ['BYTES, INTEGER -> BYTES', () => substringOf],
      ['BYTES, INTEGER, INTEGER -> BYTES', () => substringOf],
    ],
  ),
  scalar('LPAD', CATEGORY, 'The text filled up or cut to a length; filling goes in front.', [
    [
      'STRING, INTEGER, STRING -> STRING',
      () => (text: string, length: number, padding: string) => pad(text, length, padding, true),
    ],
    [
      'BYTES, INTEGER, BYTES -> BYTES',
      () => (bytes: Uint8Array, length: number, padding: Uint8Array) => padTo(bytes, length, padding, 'left'),
    ],
  ]),
  scalar('RPAD', CATEGORY, 'The text filled up or cut to a length; filling goes behind.', [
    [
      'STRING, INTEGER, STRING -> STRING',
      () => (text: string, length: number, padding: string) => pad(text, length, padding, false),
    ],
    [
      'BYTES, INTEGER, BYTES -> BYTES',
      () => (bytes: Uint8Array, length: number, padding: Uint8Array) =>
        padTo(bytes, length, padding, 'right'),
    ],
  ]),
  scalar(
    'INSTR',
    CATEGORY,
    'Where the second text begins inside the first (1 is the first character), 0 when it does not occur or one is null.',
    [
      ['STRING, STRING -> INTEGER', () => instr],
      ['STRING, STRING, INTEGER -> INTEGER', () => instr],
      ['STRING, STRING, INTEGER, INTEGER -> INTEGER', () => instr],
    ],
    { seesNull: true },
  ),
  scalar(
    'SPLIT',
    CATEGORY,
    'The parts between delimiters; an empty delimiter gives the single characters or bytes.',
    [
      ['STRING, STRING -> ARRAY<STRING>', () => splitText],
      ['BYTES, BYTES -> ARRAY<BYTES>', () => splitAt],
    ],
  ),
  scalar(
    'CHR',
    CATEGORY,
    'The character with a Unicode number, given as a number or as an escape like \\u0041.',
    [
      ['INTEGER -> STRING', () => codePoint],
      [
        'STRING -> STRING',
        () => (text: string) => (text.startsWith('\\u') && text.length >= 6 ? unescaped(text) : null),
      ],
    ],
  ),
  scalar(
    'ELT',
    CATEGORY,
    'The nth of the texts that follow the number; null when there is none.',
    [
      [
        'INTEGER, STRING... -> STRING',
        () =>
          (n: number, ...texts: (string | null)[]) =>
            texts[n - 1] ?? null,
      ],
    ],
    { seesNull: true },
  ),
  scalar(
    'FIELD',
    CATEGORY,
    'Position of the first text among those that follow it, 0 when it is not there.',
    [
      [
        'STRING, STRING... -> INTEGER',
        () =>
          (text: string | null, ...texts: (string | null)[]) =>
            text === null ? 0 : texts.indexOf(text) + 1,
      ],
    ],
    { seesNull: true },
  ),
];
