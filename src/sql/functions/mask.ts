import { type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'STRING';

type Nullable<T> = T | null;
/** What stands for a capital, a small letter, a digit and anything else; null leaves them as they are. */
type Masks = readonly Nullable<string>[];

const DEFAULT_MASKS: Masks = ['X', 'x', 'n', '-'];
const CLASSES = [/\p{Lu}/u, /\p{Ll}/u, /\p{Nd}/u];

/** The characters from `start` up to `end` masked. */
function masked(text: string, start: number, end: number, masks: Masks): string {
  let result = text.slice(0, start);
  for (const char of text.slice(start, end)) {
    const kind = CLASSES.findIndex((pattern) => pattern.test(char));
    result += masks[kind < 0 ? CLASSES.length : kind] ?? char;
  }
  return result + text.slice(end);
}

/** Masks that were not given at all are the usual ones; those given as NULL mask nothing. */
function masksOf(given: Masks): Masks {
  for (const mask of given)
    if (mask !== null && mask.length !== 1) throw new RangeError(`a mask is one character, not '${mask}'`);
  return DEFAULT_MASKS.map((usual, i) => (i < given.length ? (given[i] ?? null) : usual));
}

type Range = (length: number, count: number) => readonly [start: number, end: number];

const RANGES: readonly [name: string, description: string, range: Range][] = [
  ['MASK_LEFT', 'The text with its first characters masked.', (_, count) => [0, count]],
  ['MASK_RIGHT', 'The text with its last characters masked.', (length, count) => [length - count, length]],
  ['MASK_KEEP_LEFT', 'The text masked but for its first characters.', (length, count) => [count, length]],
  ['MASK_KEEP_RIGHT', 'The text masked but for its last characters.', (length, count) => [0, length - count]],
];

function countedMask(name: string, range: Range) {
  return (text: Nullable<string>, count: Nullable<number>, ...given: Nullable<string>[]) => {
    if (text === null || count === null) return null;
    if (count < 0) throw new RangeError(`${name} needs a number of characters from 0 on, not ${count}`);
    const [start, end] = range(text.length, Math.min(count, text.length));
    return masked(text, start, end, masksOf(given));
  };
}

export const MASK_FUNCTIONS: readonly ScalarFunction[] = [
  scalar(
    'MASK',
    CATEGORY,
    'The text with capitals as X, small letters as x, digits as n and the rest as -, or as the characters given.',
    [
      [
        'STRING -> STRING',
        () => (text: Nullable<string>) => text && masked(text, 0, text.length, DEFAULT_MASKS),
      ],
      [
        'STRING, STRING, STRING, STRING, STRING -> STRING',
        () =>
          (text: Nullable<string>, ...given: Nullable<string>[]) =>
            text && masked(text, 0, text.length, masksOf(given)),
      ],
    ],
    { seesNull: true },
  ),
  ...RANGES.map(([name, description, range]) =>
    scalar(
      name,
      CATEGORY,
      description,
      [
        ['STRING, INTEGER -> STRING', () => countedMask(name, range)],
        ['STRING, INTEGER, STRING, STRING, STRING, STRING -> STRING', () => countedMask(name, range)],
      ],
      { seesNull: true },
    ),
  ),
];
