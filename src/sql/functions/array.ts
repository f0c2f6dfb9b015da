import { compareValues, equalValues, identityOf } from '../../data/compare.ts';
import { addLong, type Long } from '../../data/long.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { valueToText } from '../../data/value-text.ts';
import { type Bound, type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'ARRAY';
type Items = readonly SqlValue[];

function distinct(items: Items): SqlValue[] {
  return [...new Map(items.map((item) => [identityOf(item), item])).values()];
}

function identities(items: Items): Set<unknown> {
  return new Set(items.map(identityOf));
}

/** Nulls come last in either direction. */
function sorted(items: Items, direction = 'ASC'): SqlValue[] | null {
  const sign = { ASC: 1, ASCENDING: 1, DESC: -1, DESCENDING: -1 }[direction.toUpperCase()];
  if (sign === undefined) return null;
  return items.toSorted((a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return sign * compareValues(a, b);
  });
}

function extreme(sign: 1 | -1): (items: Items) => SqlValue {
  return (items) =>
    items.reduce((best, item) => {
      if (item === null) return best;
      return best === null || compareValues(item, best) * sign > 0 ? item : best;
    }, null);
}

function elementText({ argTypes }: Bound): (item: SqlValue) => string {
  return valueToText((argTypes[0] as Extract<SqlType, { kind: 'ARRAY' }>).element);
}

function join(text: (item: SqlValue) => string) {
  return (items: Items | null, delimiter: string | null = ','): string | null =>
    items?.map(text).join(delimiter ?? '') ?? null;
}

/** A missing position is the end it stands for. As in ksqlDB nothing is left of a slice that goes beyond the array. */
function slice(items: Items | null, from: number | null, to: number | null): SqlValue[] | null {
  if (items === null) return null;
  const start = from === null ? 0 : from - 1;
  const end = to ?? items.length;
  if (start < 0 || end > items.length) return null;
  if (start > end) throw new RangeError(`SLICE: position ${start + 1} lies behind ${end}`);
  return items.slice(start, end);
}

const SERIES_LIMIT = 1_000_000;

function series(from: Long, to: Long, step = from <= to ? 1 : -1): SqlValue[] {
  if (step === 0) throw new RangeError('GENERATE_SERIES: the step cannot be zero');
  if ((to > from && step < 0) || (to < from && step > 0)) {
    throw new RangeError('GENERATE_SERIES: the step has the wrong sign');
  }
  if ((Number(to) - Number(from)) / step >= SERIES_LIMIT) {
    throw new RangeError(`GENERATE_SERIES: more than ${SERIES_LIMIT} elements`);
  }
  const items: SqlValue[] = [];
  for (let value = from; step > 0 ? value <= to : value >= to; value = addLong(value, step))
    items.push(value);
  return items;
}

const seesNull = { seesNull: true };

export const ARRAY_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('ARRAY_LENGTH', CATEGORY, 'Number of elements.', [
    ['ARRAY<T> -> INTEGER', () => (items: Items) => items.length],
  ]),
  scalar(
    'ARRAY_CONTAINS',
    CATEGORY,
    'Whether an element equals the value.',
    [
      [
        'ARRAY<T>, T -> BOOLEAN',
        () => (items: Items | null, value: SqlValue) =>
          items?.some((item) => equalValues(item, value)) ?? false,
      ],
    ],
    seesNull,
  ),
  scalar('ARRAY_DISTINCT', CATEGORY, 'The different elements in order of first occurrence.', [
    ['ARRAY<T> -> ARRAY<T>', () => distinct],
  ]),
  scalar(
    'ARRAY_CONCAT',
    CATEGORY,
    'The elements of both arrays one after another.',
    [
      [
        'ARRAY<T>, ARRAY<T> -> ARRAY<T>',
        () => (a: Items | null, b: Items | null) =>
          a === null && b === null ? null : [...(a ?? []), ...(b ?? [])],
      ],
    ],
    seesNull,
  ),
  scalar('ARRAY_UNION', CATEGORY, 'The different elements of both arrays.', [
    ['ARRAY<T>, ARRAY<T> -> ARRAY<T>', () => (a: Items, b: Items) => distinct([...a, ...b])],
  ]),
  scalar('ARRAY_INTERSECT', CATEGORY, 'The different elements that both arrays have.', [
    [
      'ARRAY<T>, ARRAY<T> -> ARRAY<T>',
      () => (a: Items, b: Items) => {
        const others = identities(b);
        return distinct(a).filter((item) => others.has(identityOf(item)));
      },
    ],
  ]),
  scalar(
    'ARRAY_EXCEPT',
    CATEGORY,
    'The different elements of the first array that the second does not have.',
    [
      [
        'ARRAY<T>, ARRAY<T> -> ARRAY<T>',
        () => (a: Items, b: Items) => {
          const others = identities(b);
          return distinct(a).filter((item) => !others.has(identityOf(item)));
        },
      ],
    ],
  ),
  scalar(
    'ARRAY_REMOVE',
    CATEGORY,
    'The array without the elements that equal the value.',
    [
      [
        'ARRAY<T>, T -> ARRAY<T>',
        () => (items: Items | null, value: SqlValue) =>
          items?.filter((item) => !equalValues(item, value)) ?? null,
      ],
    ],
    seesNull,
  ),
  scalar('ARRAY_MAX', CATEGORY, 'The largest element that is not null.', [
    ['ARRAY<T> -> T', () => extreme(1)],
  ]),
  scalar('ARRAY_MIN', CATEGORY, 'The smallest element that is not null.', [
    ['ARRAY<T> -> T', () => extreme(-1)],
  ]),
  scalar('ARRAY_SORT', CATEGORY, "The elements in order, 'ASC' or 'DESC'; nulls last.", [
    ['ARRAY<T> -> ARRAY<T>', () => (items: Items) => sorted(items)],
    ['ARRAY<T>, STRING -> ARRAY<T>', () => sorted],
  ]),
  scalar(
    'ARRAY_JOIN',
    CATEGORY,
    'The elements as text with a delimiter (comma) between them; a null delimiter is none.',
    [
      ['ARRAY<T> -> STRING', (bound) => join(elementText(bound))],
      ['ARRAY<T>, STRING -> STRING', (bound) => join(elementText(bound))],
    ],
    seesNull,
  ),
  scalar(
    'SLICE',
    CATEGORY,
    'The elements from one position to another, both included, counted from 1. Null where there are no such positions.',
    [['ARRAY<T>, INTEGER, INTEGER -> ARRAY<T>', () => slice]],
    seesNull,
  ),
  scalar('GENERATE_SERIES', CATEGORY, 'Numbers from one to another, both included, optionally with a step.', [
    ['INTEGER, INTEGER -> ARRAY<INTEGER>', () => series],
    ['BIGINT, BIGINT -> ARRAY<BIGINT>', () => series],
    ['INTEGER, INTEGER, INTEGER -> ARRAY<INTEGER>', () => series],
    ['BIGINT, BIGINT, INTEGER -> ARRAY<BIGINT>', () => series],
  ]),
];
