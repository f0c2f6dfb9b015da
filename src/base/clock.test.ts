import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep, systemClock } from './clock.ts';

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
