import assert from 'node:assert/strict';
import { test } from 'node:test';
import { entriesInJavaOrder } from './java-map-order.ts';

test('entries go by the hash of their keys, equal hashes in the order they came', () => {
  const orderOf = (...keys: string[]) =>
    Array.from(entriesInJavaOrder(new Map(keys.map((key) => [key, null]))), ([key]) => key);
  // "a" is 97, "b" 98 ...: in a table of four buckets 1, 2, 3, 0.
  assert.deepEqual(orderOf('d', 'c', 'b'), ['d', 'b', 'c']);
  assert.deepEqual(orderOf('e', 'a'), ['e', 'a']);
  assert.deepEqual(orderOf('a', 'e'), ['a', 'e']);
  // With four entries there are eight: e is 5.
  assert.deepEqual(orderOf('e', 'c', 'b', 'a'), ['a', 'b', 'c', 'e']);
  assert.deepEqual(orderOf('only'), ['only']);
});
