import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sleep } from './clock.ts';
import { VirtualClock } from './virtual-clock.ts';

test('fires in order of due time, then of making, each at its own time', async () => {
  const clock = new VirtualClock(1000);
  const fired: string[] = [];
  const note = (name: string) => () => fired.push(`${name}@${clock.nowMs()}`);
  clock.after(30, note('c'));
  clock.after(10, note('a'));
  clock.after(30, note('d'));
  clock.after(20, note('cancelled')).cancel();
  clock.after(20, note('b'));
  clock.after(41, note('later'));
  await clock.advance(40);
  assert.deepEqual(fired, ['a@1010', 'b@1020', 'c@1030', 'd@1030']);
  assert.equal(clock.nowMs(), 1040);
  assert.equal(clock.pendingTimers, 1);
});

test('promise chains run between timers, and what they start within the time is waited for', async () => {
  const clock = new VirtualClock(0);
  const seen: number[] = [];
  const poll = async (): Promise<void> => {
    for (let round = 0; round < 3; round++) {
      await sleep(clock, 10);
      await Promise.resolve();
      seen.push(clock.nowMs());
    }
  };
  const polling = poll();
  await clock.advance(100);
  await polling;
  assert.deepEqual(seen, [10, 20, 30]);
});

test('setting the wall clock moves neither timers nor monotonic time', async () => {
  const clock = new VirtualClock(1000);
  let fired = false;
  clock.after(10, () => {
    fired = true;
  });
  clock.setWallMs(0);
  assert.equal(clock.nowMs(), 0);
  await clock.advance(9);
  assert.equal(fired, false);
  await clock.advance(1);
  assert.equal(fired, true);
  assert.deepEqual([clock.nowMs(), clock.monotonicMs()], [10, 10]);
});
