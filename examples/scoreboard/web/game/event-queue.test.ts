import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EventQueue } from './event-queue.ts';

/** A server that fails as told: `outages` says how often each send fails before it works. */
function rig(outages: number[] = []) {
  const sent: string[] = [];
  const pauses: number[] = [];
  const states: [number, boolean][] = [];
  let idle = (): void => {};
  const drained = new Promise<void>((resolve) => (idle = resolve));
  const queue = new EventQueue(
    async (statement) => {
      if ((outages[0] ?? 0) > 0) {
        outages[0]!--;
        throw new Error('the server is away');
      }
      outages.shift();
      sent.push(statement);
    },
    async (delayMs) => void pauses.push(delayMs),
    (unsent, failing) => {
      states.push([unsent, failing]);
      if (unsent === 0) idle();
    },
  );
  return { queue, sent, pauses, states, drained };
}

test('moves arrive in order, each once', async () => {
  const { queue, sent, drained } = rig();
  for (const move of ['a', 'b', 'c']) queue.push(move);
  assert.equal(queue.unsent, 3, 'pushing does not wait');
  await drained;
  assert.deepEqual(sent, ['a', 'b', 'c']);
});

test('while the server is away the first move is tried again, with growing pauses up to four seconds', async () => {
  const { queue, sent, pauses, states, drained } = rig([0, 7]);
  for (const move of ['a', 'b', 'c']) queue.push(move);
  await drained;
  assert.deepEqual(sent, ['a', 'b', 'c']);
  assert.deepEqual(pauses, [200, 400, 800, 1_600, 3_200, 4_000, 4_000]);
  assert.ok(states.some(([unsent, failing]) => unsent === 2 && failing));
  assert.deepEqual(states.at(-1), [0, false]);
});

test('a queue that ran empty starts again', async () => {
  const { queue, sent } = rig();
  queue.push('a');
  await new Promise(setImmediate);
  queue.push('b');
  await new Promise(setImmediate);
  assert.deepEqual(sent, ['a', 'b']);
});
