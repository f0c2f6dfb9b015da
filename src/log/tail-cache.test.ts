import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patchBaseOffset } from '../record/batch.ts';
import { clientBatch } from './log-fixture.ts';
import { Tail, TailCache } from './tail-cache.ts';

test('small batches count with what they take in memory, the oldest go first', () => {
  const cache = new TailCache(100_000);
  const tails = [new Tail(cache), new Tail(cache)];
  for (let offset = 0; offset < 1_000; offset++) {
    const batch = clientBatch('x');
    patchBaseOffset(batch, 0, offset);
    for (const tail of tails) tail.push(batch);
  }
  const limits = { maxBytes: 1, limitOffset: 1_000 };
  const kept = tails.map((tail) => {
    const first = Array.from({ length: 1_000 }, (_, offset) => offset).find((offset) =>
      tail.read(offset, limits),
    );
    return 1_000 - (first ?? 1_000);
  });
  // 70 bytes each would be 700 in both; their buffers cost more than they hold.
  assert.deepEqual(kept, [153, 154]);
  assert.ok(cache.bytes <= 100_000);
});
