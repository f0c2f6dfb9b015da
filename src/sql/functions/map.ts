import { compareValues } from '../../data/compare.ts';
import type { SqlValue } from '../../data/types.ts';
import { type ScalarFunction, scalar } from './scalar.ts';

const CATEGORY = 'MAP';
type Entries = ReadonlyMap<SqlValue, SqlValue>;

function splitToMap(
  text: string,
  entryDelimiter: string,
  pairDelimiter: string,
): Map<SqlValue, SqlValue> | null {
  if (entryDelimiter === '' || pairDelimiter === '' || entryDelimiter === pairDelimiter) return null;
  const map = new Map<SqlValue, SqlValue>();
  for (const entry of text.split(entryDelimiter)) {
    const [key, value] = entry.split(pairDelimiter);
    if (value !== undefined) map.set(key!, value);
  }
  return map;
}

export const MAP_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('MAP_KEYS', CATEGORY, 'The keys of a map.', [
    ['MAP<K, V> -> ARRAY<K>', () => (map: Entries) => [...map.keys()]],
  ]),
  scalar('MAP_VALUES', CATEGORY, 'The values of a map.', [
    ['MAP<K, V> -> ARRAY<V>', () => (map: Entries) => [...map.values()]],
  ]),
  scalar(
    'MAP_UNION',
    CATEGORY,
    'The entries of both maps; where both have a key the second wins.',
    [
      [
        'MAP<K, V>, MAP<K, V> -> MAP<K, V>',
        () => (a: Entries | null, b: Entries | null) =>
          a === null && b === null ? null : new Map([...(a ?? []), ...(b ?? [])]),
      ],
    ],
    { seesNull: true },
  ),
  scalar('AS_MAP', CATEGORY, 'A map of keys and values that stand at the same places of two arrays.', [
    [
      'ARRAY<K>, ARRAY<V> -> MAP<K, V>',
      () => (keys: readonly SqlValue[], values: readonly SqlValue[]) =>
        new Map(keys.map((key, i) => [key, values[i] ?? null])),
    ],
  ]),
  scalar('ENTRIES', CATEGORY, 'The entries of a map as structs K, V, sorted by key if asked.', [
    [
      'MAP<K, V>, BOOLEAN sorted -> ARRAY<STRUCT<K K, V V>>',
      () => (map: Entries, inOrder: boolean) => {
        const entries = [...map];
        return inOrder ? entries.sort(([a], [b]) => compareValues(a, b)) : entries;
      },
    ],
  ]),
  scalar('SPLIT_TO_MAP', CATEGORY, "A map of the pairs in a text like 'a=1;b=2', given both delimiters.", [
    ['STRING, STRING, STRING -> MAP<STRING, STRING>', () => splitToMap],
  ]),
];
