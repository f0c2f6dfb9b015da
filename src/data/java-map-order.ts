import type { SqlValue } from './types.ts';

/**
 * The entries of a map in the order in which ksqlDB goes through them: that of a Java HashMap made for so many entries.
 * It shows where a computation depends on the order, as REDUCE does. Keys that are no STRINGs stay in their order.
 */
export function entriesInJavaOrder(
  map: ReadonlyMap<SqlValue, SqlValue>,
): Iterable<readonly [SqlValue, SqlValue]> {
  if (map.size < 2) return map;
  let capacity = 2;
  while (capacity * 0.75 < map.size) capacity *= 2;
  const bucketOf = (key: SqlValue) => (typeof key === 'string' ? hashOf(key) & (capacity - 1) : 0);
  return [...map].sort(([a], [b]) => bucketOf(a) - bucketOf(b));
}

/** Java's String.hashCode, spread as HashMap does. */
function hashOf(text: string): number {
  let hash = 0;
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0;
  return hash ^ (hash >>> 16);
}
