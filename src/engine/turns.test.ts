import assert from 'node:assert/strict';
import { it } from 'node:test';
import { RoundRobin } from './turns.ts';

it('tasks have the thread in turn, and messages are heard between two slices', async () => {
  const seen: (string | undefined)[] = [];
  const turns = new RoundRobin((queryId) => seen.push(queryId));
  let slices = 0;
  const work = async (queryId: string, count: number) => {
    for (let n = 0; n < count; n++) {
      await turns.next(queryId);
      slices++;
    }
  };
  const busy = Promise.all([work('a', 3), work('b', 2), work('c', 1)]);
  const slicesSeen: number[] = [];
  for (let turn = 0; turn < 8; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    slicesSeen.push(slices);
  }
  await busy;
  assert.deepEqual(seen, ['a', 'b', 'c', 'a', 'b', 'a', undefined]);
  for (const [turn, count] of slicesSeen.entries())
    assert.ok(count - (slicesSeen[turn - 1] ?? 1) <= 1, `${slicesSeen}`);
});
