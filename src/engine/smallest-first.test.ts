import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SmallestFirst } from './smallest-first.ts';

test('keeps the smallest, in order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 30 })), fc.nat({ max: 12 }), (items, count) => {
      const smallest = new SmallestFirst<number>(count, (a, b) => a - b);
      for (const item of items) smallest.add(item);
      assert.deepEqual(smallest.sorted(), items.toSorted((a, b) => a - b).slice(0, count));
    }),
  );
});
