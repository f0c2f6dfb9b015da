import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { KsqlError } from './ksql-error.ts';
import { BoundedStream } from './row-stream.ts';

function stream(options: { maxItems?: number; limit?: number } = {}) {
  const log = { closed: 0 };
  const made = new BoundedStream<number>({ maxItems: 10, ...options, onClose: () => log.closed++ });
  return { made, log };
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

  it('cuts off a reader that falls behind, frees what waited and stops its feed', async () => {
    const { made, log } = stream({ maxItems: 2 });
    for (const item of [1, 2, 3, 4]) made.add(item);
    assert.equal(made.waiting, 0);
    assert.equal(log.closed, 1);
    await assert.rejects(made.next(), (error: KsqlError) => /too slow/.test(error.message));
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
