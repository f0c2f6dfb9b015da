import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { KsqlError } from './ksql-error.ts';
import { QueryLimits } from './query-limits.ts';

const MEGABYTE = 1024 * 1024;

function isRefused(run: () => unknown): boolean {
  try {
    run();
    return false;
  } catch (error) {
    assert.ok(error instanceof KsqlError);
    assert.equal(error.code, 42900);
    return true;
  }
}

describe('limits of queries', () => {
  it('are none unless they are set', () => {
    const limits = new QueryLimits(new VirtualClock());
    limits.pulled(1e12);
    for (let i = 0; i < 1_000; i++) assert.equal(limits.beginPull({}), undefined);
    limits.beginPush({});
  });

  it('let so many pull queries begin in a second', async () => {
    const clock = new VirtualClock();
    const limits = new QueryLimits(clock);
    const begin = () => isRefused(() => limits.beginPull({ 'ksql.query.pull.max.qps': '2' }));
    assert.deepEqual([begin(), begin(), begin()], [false, false, true]);
    await clock.advance(500);
    assert.deepEqual([begin(), begin()], [false, true]);
    await clock.advance(60_000);
    assert.deepEqual([begin(), begin(), begin()], [false, false, true]);
  });

  it('let so many pull queries run at a time', () => {
    const limits = new QueryLimits(new VirtualClock());
    const properties = { 'ksql.query.pull.max.concurrent.requests': '1' };
    const end = limits.beginPull(properties)!;
    assert.ok(isRefused(() => limits.beginPull(properties)));
    end();
    assert.ok(!isRefused(() => limits.beginPull(properties)));
  });

  for (const kind of ['pull', 'push'] as const)
    it(`let ${kind} queries take so much in an hour`, async () => {
      const clock = new VirtualClock();
      const limits = new QueryLimits(clock);
      const begin =
        kind === 'pull'
          ? () => limits.beginPull({ 'ksql.query.pull.max.hourly.bandwidth.megabytes': '1' })
          : () => limits.beginPush({ 'ksql.query.push.v2.max.hourly.bandwidth.megabytes': '1' });
      const count = (bytes: number) => (kind === 'pull' ? limits.pulled(bytes) : limits.pushed(bytes));
      count(MEGABYTE);
      assert.ok(!isRefused(begin));
      await clock.advance(1_800_000);
      count(1);
      assert.ok(isRefused(begin));
      await clock.advance(1_860_000);
      assert.ok(!isRefused(begin));
    });
});
