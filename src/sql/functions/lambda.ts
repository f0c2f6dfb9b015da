import { entriesInJavaOrder } from '../../data/java-map-order.ts';
import type { SqlValue } from '../../data/types.ts';
import { type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'LAMBDA';

type List = readonly SqlValue[];
type Entries = ReadonlyMap<SqlValue, SqlValue>;
type Of<Arguments extends SqlValue[], Result = SqlValue> = (...args: Arguments) => Result;

function filterMap(map: Entries, keeps: Of<[SqlValue, SqlValue]>): SqlValue {
  const kept = new Map<SqlValue, SqlValue>();
  for (const [key, value] of map) if (keeps(key, value) === true) kept.set(key, value);
  return kept as SqlValue;
}

function transformMap(
  map: Entries,
  keyFor: Of<[SqlValue, SqlValue]>,
  valueFor: Of<[SqlValue, SqlValue]>,
): SqlValue {
  const made = new Map<SqlValue, SqlValue>();
  for (const [key, value] of map) {
    const newKey = keyFor(key, value);
    if (made.has(newKey)) throw new RangeError(`TRANSFORM makes the key ${String(newKey)} of two`);
    made.set(newKey, valueFor(key, value));
  }
  return made as SqlValue;
}

function transformArray(list: List, of: Of<[SqlValue]>): SqlValue {
  const made = new Array<SqlValue>(list.length);
  for (let i = 0; i < list.length; i++) made[i] = of(list[i]!);
  return made;
}

function reduceArray(list: List | null, initial: SqlValue, next: Of<[SqlValue, SqlValue]>): SqlValue {
  if (list === null || initial === null) return initial;
  let state: SqlValue = initial;
  for (const item of list) state = next(state, item);
  return state;
}

function reduceMap(
  map: Entries | null,
  initial: SqlValue,
  next: Of<[SqlValue, SqlValue, SqlValue]>,
): SqlValue {
  if (map === null || initial === null) return initial;
  let state: SqlValue = initial;
  for (const [key, value] of entriesInJavaOrder(map)) state = next(state, key, value);
  return state;
}

/** Functions that take functions. What a lambda throws, the call throws: there is no half a result. */
export const LAMBDA_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('FILTER', CATEGORY, 'The elements, or the entries, for which the lambda is true.', [
    [
      'ARRAY<T>, LAMBDA<T, BOOLEAN> -> ARRAY<T>',
      () => (list: List, keeps: Of<[SqlValue]>) => list.filter((item) => keeps(item) === true),
    ],
    ['MAP<K, V>, LAMBDA<K, V, BOOLEAN> -> MAP<K, V>', () => filterMap],
  ]),
  scalar(
    'TRANSFORM',
    CATEGORY,
    'What the lambda makes of each element; of a map, of each key and each value.',
    [
      ['ARRAY<T>, LAMBDA<T, R> -> ARRAY<R>', () => transformArray],
      ['MAP<K, V>, LAMBDA<K, V, A>, LAMBDA<K, V, B> -> MAP<A, B>', () => transformMap],
    ],
  ),
  scalar(
    'REDUCE',
    CATEGORY,
    'Starts with the state given and lets the lambda make the next one of it and each element. Null gives the start.',
    [
      ['ARRAY<T>, S, LAMBDA<S, T, S> -> S', () => reduceArray],
      ['MAP<K, V>, S, LAMBDA<S, K, V, S> -> S', () => reduceMap],
    ],
    { seesNull: true },
  ),
];
