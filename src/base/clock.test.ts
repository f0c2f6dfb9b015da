import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deferred } from './async.ts';
import { repeat, sleep, systemClock } from './clock.ts';
import { VirtualClock } from './virtual-clock.ts';

test('wall time is an integer near the machine clock', () => {
  assert.ok(Number.isInteger(systemClock.nowMs()));
  assert.ok(Math.abs(systemClock.nowMs() - Date.now()) < 1000);
});

test('never calls back early', async () => {
  for (const delayMs of [0, 1, 2.5, 7]) {
    const start = systemClock.monotonicMs();
    // Something else must keep the process alive while it waits.
    const keepAlive = setTimeout(() => {}, 5000);
    await sleep(systemClock, delayMs);
    clearTimeout(keepAlive);
    const elapsedMs = systemClock.monotonicMs() - start;
    assert.ok(elapsedMs >= delayMs, `${elapsedMs} < ${delayMs}`);
  }
});

test('a cancelled timer does not call back, one of 100 days not at once', async () => {
  let calls = 0;
  const cancelled = systemClock.after(1, () => calls++);
  const long = systemClock.after(100 * 24 * 3600 * 1000, () => calls++);
  cancelled.cancel();
  await new Promise((resolve) => setTimeout(resolve, 20));
  long.cancel();
  assert.equal(calls, 0);
});

test('repeated work pauses after its end, goes on after a failure and ends when cancelled', async () => {
  const clock = new VirtualClock();
  const gate = new Deferred();
  const begun: number[] = [];
  const errors: unknown[] = [];
  const repeating = repeat(
    clock,
    () => 10,
    async () => {
      begun.push(clock.monotonicMs());
      if (begun.length === 1) throw new Error('once');
      if (begun.length === 2) await gate.promise;
    },
    (error) => errors.push(error),
  );
  await clock.advance(45);
  assert.deepEqual(begun, [10, 20], 'the second run is not over');
  gate.resolve();
  await clock.advance(10);
  assert.deepEqual([begun, errors.length], [[10, 20, 55], 1]);
  repeating.cancel();
  await clock.advance(100);
  assert.equal(begun.length, 3);
});
