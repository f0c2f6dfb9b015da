import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { silentLogger } from '../base/logger.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { SchemaRegistryError } from '../serde/schema-registry.ts';
import { Query } from './query.ts';
import type { Task } from './task.ts';

const AWAY = new SchemaRegistryError('The schema registry was not reached', 0);

/** A query whose runs fail with these, one after another, and then go on until it is stopped; before that, its openings. */
function failing(clock: VirtualClock, failures: readonly Error[], openings: readonly Error[] = []) {
  let runs = 0;
  let opened = 0;
  const open = async () => {
    const problem = openings[opened++];
    if (problem) throw problem;
    const stopped = Promise.withResolvers<void>();
    const run = () => {
      const failure = failures[runs++];
      return failure ? Promise.reject(failure) : stopped.promise;
    };
    return { run, stop: () => stopped.resolve() } as unknown as Task;
  };
  const query = new Query({
    id: 'Q',
    counters: { consumed: 0, produced: 0, errors: 0, late: 0 },
    table: undefined,
    open,
    onRelease: () => {},
    canRestart: true,
    backoff: { firstMs: 100, longestMs: 10_000 },
    clock,
    logger: silentLogger,
  });
  return { query, runs: () => runs, opened: () => opened };
}

describe('a query that fails', () => {
  it('waits for a registry that is away, with back-off, as long as it takes', async () => {
    const clock = new VirtualClock();
    const { query, runs } = failing(clock, Array(20).fill(AWAY));
    await query.start();
    await clock.advance(100 + 200 + 400);
    assert.equal(runs(), 4);
    assert.equal(query.retry?.attempt, 4);
    await clock.advance(20 * 10_000);
    assert.deepEqual([query.state, runs()], ['RUNNING', 21]);
    assert(query.errors.every(({ type }) => type === 'SYSTEM'));
    await query.stop();
  });

  it('has as many attempts after that as ever', async () => {
    const clock = new VirtualClock();
    const { query, runs } = failing(clock, [...Array(20).fill(AWAY), ...Array(10).fill(new Error('again'))]);
    await query.start();
    await clock.advance(40 * 10_000);
    assert.deepEqual([query.state, runs()], ['ERROR', 30]);
  });

  it('waits for it from its first attempt on', async () => {
    const clock = new VirtualClock();
    const { query, runs, opened } = failing(clock, [], Array(20).fill(AWAY));
    await query.start();
    await clock.advance(100 + 200 + 400);
    assert.deepEqual([query.state, query.retry?.attempt, opened(), runs()], ['RUNNING', 4, 4, 0]);
    await clock.advance(20 * 10_000);
    assert.deepEqual([query.state, query.retry, opened(), runs()], ['RUNNING', undefined, 21, 1]);
    await query.stop();
  });

  it('can be stopped while it waits to begin', async () => {
    const { query } = failing(new VirtualClock(), [], Array(20).fill(AWAY));
    await query.start();
    await query.stop();
    assert.equal(query.state, 'STOPPED');
  });

  it('does not begin where its first attempt failed for another reason', async () => {
    const { query } = failing(new VirtualClock(), [], [new SchemaRegistryError('who are you?', 401)]);
    await assert.rejects(query.start(), /who are you/);
  });

  it('stops when a registry refuses each time', async () => {
    const clock = new VirtualClock();
    const { query, runs } = failing(clock, Array(20).fill(new SchemaRegistryError('who are you?', 401)));
    await query.start();
    await clock.advance(20 * 10_000);
    assert.deepEqual([query.state, runs()], ['ERROR', 10]);
  });
});
