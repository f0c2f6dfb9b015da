import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { KsqlError } from './ksql-error.ts';
import { BoundedStream } from './row-stream.ts';

function stream(options: { maxBytes?: number; limit?: number } = {}) {
  const log = { closed: 0 };
  const clock = new VirtualClock();
  const made = new BoundedStream<number>({
    maxBytes: 10,
    sizeOf: () => 1,
    stall: { afterMs: 1_000, clock },
    ...options,
    onClose: () => log.closed++,
  });
  return { made, log, clock };
}

describe('a bounded stream', () => {
  it('gives what waits at once and what comes later when it comes', async () => {
    const { made } = stream();
    made.add(1);
    made.add(2);
    assert.deepEqual(await made.next(), [1, 2]);
    const later = made.next();
    made.add(3);
    assert.deepEqual(await later, [3]);
  });

  it('ends after what waits, and says how', async () => {
    const { made, log } = stream();
    made.add(1);
    made.end('complete');
    made.add(2);
    assert.equal(made.ending, undefined);
    assert.deepEqual(await made.next(), [1]);
    assert.equal(await made.next(), undefined);
    assert.equal(made.ending, 'complete');
    assert.equal(log.closed, 1);
  });

  it('stops its feed at the limit', async () => {
    const { made, log } = stream({ limit: 2 });
    for (const item of [1, 2, 3]) made.add(item);
    assert.equal(log.closed, 1);
    assert.deepEqual(await made.next(), [1, 2]);
    assert.equal(await made.next(), undefined);
    assert.equal(made.ending, 'limit');
  });

  it('with limit 0 is over before it begins', async () => {
    assert.equal(await stream({ limit: 0 }).made.next(), undefined);
  });

  it('holds its feed while it is full, until the reader takes', async () => {
    const { made } = stream({ maxBytes: 2 });
    made.add(1);
    assert.equal(made.hold(), undefined);
    made.add(2);
    const hold = made.hold();
    assert.ok(hold);
    assert.deepEqual(await made.next(), [1, 2]);
    await hold;
    assert.equal(made.hold(), undefined);
  });

  it('cuts off a reader that takes nothing, frees what waited and stops its feed', async () => {
    const { made, log, clock } = stream({ maxBytes: 2 });
    for (const item of [1, 2]) made.add(item);
    const hold = made.hold();
    await clock.advance(999);
    assert.equal(log.closed, 0);
    await clock.advance(1);
    await hold;
    assert.equal(log.closed, 1);
    await assert.rejects(made.next(), (error: KsqlError) => /took nothing for 1000 ms/.test(error.message));
  });

  it('gives a reader that takes something, however slowly, all the time it needs', async () => {
    const { made, log, clock } = stream({ maxBytes: 1 });
    for (let item = 0; item < 5; item++) {
      made.add(item);
      const hold = made.hold();
      await clock.advance(900);
      assert.deepEqual(await made.next(), [item]);
      await hold;
    }
    assert.equal(log.closed, 0);
  });

  it('lets its feed go when the reader leaves', async () => {
    const { made } = stream({ maxBytes: 1 });
    made.add(1);
    const hold = made.hold();
    made.close();
    await hold;
    assert.equal(await made.next(), undefined);
  });

  it('wakes a waiting reader when the feed fails', async () => {
    const { made } = stream();
    const next = made.next();
    made.fail(new KsqlError(50000, 'broken'));
    await assert.rejects(next, /broken/);
  });

  it('tells its feed once when the reader leaves, also while it waits', async () => {
    const { made, log } = stream();
    const next = made.next();
    made.close();
    made.close();
    assert.equal(await next, undefined);
    assert.equal(log.closed, 1);
  });
});
