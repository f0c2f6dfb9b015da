import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Deferred, lazy, runAll, SerialQueue } from './async.ts';

test('work runs one at a time in order; a failure reaches its caller only', async () => {
  const queue = new SerialQueue();
  const gate = new Deferred();
  const events: string[] = [];
  const first = queue.run(async () => {
    events.push('first starts');
    await gate.promise;
    events.push('first ends');
    throw new Error('broken');
  });
  const second = queue.run(() => {
    events.push('second');
    return 2;
  });
  gate.resolve();
  await assert.rejects(first, /broken/);
  assert.equal(await second, 2);
  await queue.idle();
  assert.deepEqual(events, ['first starts', 'first ends', 'second']);
});

test('every step runs whatever became of those before; the first error counts', async () => {
  const done: number[] = [];
  const fail = (step: number) => async () => {
    done.push(step);
    throw new Error(`step ${step}`);
  };
  await assert.rejects(
    runAll([fail(1), () => void done.push(2), fail(3), () => void done.push(4)]),
    /step 1/,
  );
  assert.deepEqual(done, [1, 2, 3, 4]);
});

test('what is lazy is made once for all who ask, and again after a failure', async () => {
  let made = 0;
  const value = lazy(async () => {
    made += 1;
    if (made === 1) throw new Error('not yet');
    return made;
  });
  assert.equal(made, 0);
  const both = await Promise.allSettled([value(), value()]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.deepEqual(await Promise.all([value(), value(), value()]), [2, 2, 2]);
});
