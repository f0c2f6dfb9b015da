import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { afterTest } from '../../../test/support/after-test.ts';
import { engineInThreads, faultyEngine } from '../../../test/support/engine-threads.ts';
import { openLocal } from '../../../test/support/local-storage.ts';
import { osFolder } from '../../../test/support/os-folder.ts';
import { keyWindowOf } from '../../sql/planner/window.ts';
import { caughtUp, createTopics } from '../../testing/engine-runs.ts';
import {
  aggregateCall,
  column,
  columns,
  INTEGER,
  lossesPerUser,
  plan,
  rekey,
  STRING,
  source,
  windowedAggregate,
} from '../../testing/plan-builders.ts';
import { consume, produce } from '../../testing/topic-content.ts';
import type { RunningQuery } from '../running-query.ts';

const USERS = 20;
const DAY_MS = 86_400_000;

async function openLog(t: TestContext) {
  const folder = await osFolder();
  const local = await openLocal(folder);
  afterTest(t, folder.remove);
  afterTest(t, local.close);
  return local;
}

const losses = (properties = {}) => plan('LOSSES', 'LOSSES_PER_USER', lossesPerUser(), properties);

async function lose(topics: Awaited<ReturnType<typeof openLog>>['topics'], count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, n) => ({ value: { USER: `user${n % USERS}` } }));
  await produce(topics, 'USER_LOSSES', 0, records);
}

/** Resolves when the query has consumed so many records and committed what came of them. */
async function consumed(query: RunningQuery, count: number): Promise<void> {
  await query.reached([{ topic: 'USER_LOSSES', partition: 0, offset: count }], 60_000);
}

describe('a thread that dies', () => {
  it('in the middle of rounds leaves every result written once', async (t) => {
    const { topics, places } = await openLog(t);
    await createTopics(topics, { USER_LOSSES: 1, LOSSES_PER_USER: 3 });
    const { engine, die, close } = faultyEngine(topics, { places });
    afterTest(t, close);
    // A commit with every slice, so that a death finds one on its way.
    const query = await engine.start(losses({ 'commit.interval.ms': '0' }));
    const total = 60_000;
    for (let n = 0; n < total; n += 5_000) {
      await lose(topics, 5_000);
      if (n % 20_000 !== 10_000) continue;
      await consumed(query, n - 4_000);
      die();
    }
    await consumed(query, total);
    const counts = new Map<string, number[]>();
    for (const { key, value } of await consume(topics, 'LOSSES_PER_USER')) {
      const own = counts.get(key as string) ?? [];
      own.push(JSON.parse(value as string).TOTAL_LOSSES);
      counts.set(key as string, own);
    }
    assert.equal(counts.size, USERS);
    // 1, 2, 3 ... without a gap or a repetition.
    const expected = Array.from({ length: total / USERS }, (_, n) => n + 1);
    for (const own of counts.values()) assert.deepEqual(own, expected);
    assert.equal(query.state, 'RUNNING');
  });

  it('again and again stops the query that is at work in it in ERROR, and says why', {
    timeout: 120_000,
  }, async (t) => {
    const { topics, places } = await openLog(t);
    await createTopics(topics, { USER_LOSSES: 1, LOSSES_PER_USER: 1, WORDS: 1, LISTS: 1 });
    const engine = engineInThreads(topics, { places, heapMb: 40 });
    afterTest(t, () => engine.stop());
    const modest = await engine.start(losses());
    const words = source('WORDS', 'STREAM', { key: [], value: columns(['KIND', STRING], ['WORD', STRING]) });
    const grouped = rekey(words, 'GROUP_BY', [column(words, 0)], ['KIND']);
    const collected = { kind: 'ARRAY', element: STRING } as const;
    const lists = windowedAggregate(
      grouped,
      { type: 'TUMBLING', sizeMs: DAY_MS, advanceMs: DAY_MS },
      aggregateCall('COLLECT_LIST', 'WORDS', collected, column(grouped, 2)),
      { graceMs: DAY_MS, retentionMs: 2 * DAY_MS, emit: 'CHANGES' },
    );
    const greedy = await engine.start(plan('LISTS', 'LISTS', lists, {}, keyWindowOf(lists)));
    // One list a record: more than the heap holds, and windows are all there again before a query goes on.
    for (let n = 0; n < 60; n++) {
      const words = Array.from({ length: 1_000 }, (_, i) => `${n} ${i} ${'x'.repeat(1_000)}`);
      await produce(
        topics,
        'WORDS',
        0,
        words.map((WORD) => ({ value: { KIND: WORD.slice(0, 9), WORD } })),
      );
    }
    const failure = await greedy.failed;
    assert.match(failure.message, /memory/);
    assert.equal(greedy.state, 'ERROR');
    await lose(topics, 100);
    await consumed(modest, 100);
    assert.equal(modest.state, 'RUNNING');
    assert.equal((await consume(topics, 'LOSSES_PER_USER')).length, 100);
  });

  it('takes its push queries with it, and tells them', async (t) => {
    const { topics } = await openLog(t);
    await createTopics(topics, { NUMBERS: 1 });
    const { engine, die, close } = faultyEngine(topics);
    afterTest(t, close);
    const root = source('NUMBERS', 'STREAM', { key: [], value: columns(['N', INTEGER]) });
    const query = await engine.startTransient({ queryId: 'push', root, properties: {} });
    die();
    assert.match((await query.failed).message, /made to die/);
    assert.equal(query.state, 'ERROR');
  });
});

describe('a thread that stands still', () => {
  it('holds up no append, no other thread and no stop', async (t) => {
    const { topics, places } = await openLog(t);
    await createTopics(topics, { USER_LOSSES: 1, LOSSES_PER_USER: 1, OTHER: 1 });
    const { engine, block, close } = faultyEngine(topics, { places });
    afterTest(t, close);
    const query = await engine.start(losses());
    await lose(topics, 10);
    await caughtUp(topics, query);
    const release = block();
    for (let n = 0; n < 50; n++) await lose(topics, 1);
    assert.deepEqual(query.positions(), [{ topic: 'USER_LOSSES', partition: 0, offset: 10 }]);
    release();
    await caughtUp(topics, query);
    block();
    // With a thread that does not listen any more.
    await close();
    assert.equal((await consume(topics, 'LOSSES_PER_USER')).length, 60);
  });
});

describe('queries', () => {
  it('are spread over threads, which begin when they are needed', async (t) => {
    const { topics, places } = await openLog(t);
    await createTopics(topics, { USER_LOSSES: 1, A: 1, B: 1, C: 1 });
    const { engine, die, close } = faultyEngine(topics, { places, workers: 2 });
    afterTest(t, close);
    const queries = [];
    for (const name of ['A', 'B', 'C'])
      queries.push(await engine.start({ ...plan(name, name, lossesPerUser()) }));
    assert.equal(engine.threadCount, 2);
    // All threads die at once, and all queries go on.
    await lose(topics, 10);
    for (const query of queries) await caughtUp(topics, query);
    die();
    await lose(topics, 10);
    for (const query of queries) await consumed(query, 20);
    for (const name of ['A', 'B', 'C']) assert.equal((await consume(topics, name)).length, 20);
  });
});
