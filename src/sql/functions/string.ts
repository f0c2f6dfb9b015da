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

/** Position (1-based) of the nth occurrence; a negative start searches backwards from the end; 0 when absent. */
function instr(text: string, part: string, position = 1, occurrence = 1): number {
  let found = -1;
  if (position >= 0) {
    let from = Math.max(position, 1) - 1;
    for (let i = 0; i < occurrence; i++, from = found + 1) {
      found = text.indexOf(part, from);
      if (found < 0) return 0;
    }
  } else {
    let from = text.length + position;
    for (let i = 0; i < occurrence; i++, from = found - 1) {
      found = from < 0 ? -1 : text.lastIndexOf(part, from);
      if (found < 0) return 0;
    }
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

export const STRING_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('UCASE', CATEGORY, 'The text in upper case.', [
    ['STRING -> STRING', () => (text: string) => text.toUpperCase()],
  ]),
  scalar('LCASE', CATEGORY, 'The text in lower case.', [
    ['STRING -> STRING', () => (text: string) => text.toLowerCase()],
  ]),
  scalar('TRIM', CATEGORY, 'The text without blanks at either end.', [
    ['STRING -> STRING', () => (text: string) => text.trim()],
  ]),
  scalar('LEN', CATEGORY, 'Number of characters, or of bytes.', [
    ['STRING -> INTEGER', () => (text: string) => text.length],
    ['BYTES -> INTEGER', () => (bytes: Uint8Array) => bytes.length],
  ]),
  scalar('INITCAP', CATEGORY, 'Each word with a capital first letter and the rest in lower case.', [
    [
      'STRING -> STRING',
      () => (text: string) =>
        text
          .toLowerCase()
          .replace(/(^|\s)(\S)/g, (_, gap: string, first: string) => gap + first.toUpperCase()),
    ],
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
        () => (text: string, from: string, to: string) => text.split(from).join(to),
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
    'Where the second text begins inside the first (1 is the first character), 0 when it does not occur.',
    [
      ['STRING, STRING -> INTEGER', () => instr],
      ['STRING, STRING, INTEGER -> INTEGER', () => instr],
      ['STRING, STRING, INTEGER, INTEGER -> INTEGER', () => instr],
    ],
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
        () => (text: string) =>
          /^(\\u[0-9a-fA-F]{4})+$/.test(text) ? (JSON.parse(`"${text}"`) as string) : null,
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
