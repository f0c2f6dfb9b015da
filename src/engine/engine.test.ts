import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { QueryPlan, Step } from '../sql/plan.ts';
import { caughtUp, engineOn } from '../testing/engine-runs.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import {
  aggregate,
  aggregateCall,
  BIGINT,
  BOOLEAN,
  call,
  column,
  columns,
  filter,
  INTEGER,
  literal,
  lossesPerUser,
  lossesTable,
  plan,
  rekey,
  STRING,
  source,
  statsPerUser,
} from '../testing/plan-builders.ts';
import { consume, produce, tableOf } from '../testing/topic-content.ts';
import type { Topics } from '../topics/topics.ts';

async function topicsWith(partitions: Record<string, number>): Promise<MemoryTopics> {
  const topics = new MemoryTopics();
  for (const [name, partitionCount] of Object.entries(partitions))
    await topics.create({ name, partitionCount });
  return topics;
}

async function run(topics: Topics, ...plans: QueryPlan[]): Promise<void> {
  const engine = engineOn(topics);
  for (const each of plans) {
    const query = await engine.start(each);
    await caughtUp(topics, query);
  }
  await engine.stop();
}

const games = (scores: readonly [string, number, number][]) =>
  scores.map(([USER, SCORE, timestampMs]) => ({
    value: { USER, GAME: { SCORE, LIVES: 3, LEVEL: 1 } },
    timestampMs,
  }));

describe('the scoreboard', () => {
  it('runs from topics to tables', async () => {
    const topics = await topicsWith({ USER_GAME: 2, USER_LOSSES: 2, LOSSES_PER_USER: 2, STATS_PER_USER: 2 });
    await produce(
      topics,
      'USER_GAME',
      0,
      games([
        ['bob', 10, 1],
        ['bob', 30, 5],
      ]),
    );
    await produce(
      topics,
      'USER_GAME',
      1,
      games([
        ['amy', 7, 2],
        ['bob', 20, 6],
      ]),
    );
    await produce(topics, 'USER_LOSSES', 0, [{ value: { USER: 'bob' }, timestampMs: 3 }]);
    const engine = engineOn(topics);
    const losses = await engine.start(plan('LOSSES', 'LOSSES_PER_USER', lossesPerUser()));
    await caughtUp(topics, losses);
    const stats = await engine.start(plan('STATS', 'STATS_PER_USER', statsPerUser()));
    await caughtUp(topics, stats);

    assert.deepEqual(
      (await consume(topics, 'LOSSES_PER_USER')).map(({ key, value }) => [key, value]),
      [['bob', '{"TOTAL_LOSSES":1}']],
    );
    const written = await consume(topics, 'STATS_PER_USER');
    assert.deepEqual(
      written.filter(({ key }) => key === 'bob').map(({ value, timestampMs }) => [value, timestampMs]),
      [
        ['{"HIGHEST_SCORE":10,"HIGHEST_LEVEL":1,"TOTAL_LOSSES":0}', 1],
        ['{"HIGHEST_SCORE":30,"HIGHEST_LEVEL":1,"TOTAL_LOSSES":1}', 5],
        ['{"HIGHEST_SCORE":30,"HIGHEST_LEVEL":1,"TOTAL_LOSSES":1}', 6],
      ],
    );
    assert.deepEqual(stats.table?.get(['amy']), { row: ['amy', 7, 1, 0], timestampMs: 2 });
    assert.equal(stats.table?.size, 2);
    assert.equal(stats.counters.consumed, 5);

    // Table updates emit nothing; the next event of the user does.
    await produce(topics, 'USER_LOSSES', 1, [{ value: { USER: 'amy' }, timestampMs: 9 }]);
    await caughtUp(topics, losses);
    await caughtUp(topics, stats);
    assert.equal((await consume(topics, 'STATS_PER_USER')).length, written.length);
    await produce(topics, 'USER_GAME', 1, games([['amy', 1, 10]]));
    await caughtUp(topics, stats);
    assert.deepEqual(stats.table?.get(['amy'])?.row, ['amy', 7, 1, 1]);
    await engine.stop();
  });

  it('goes on where it stopped', async () => {
    const topics = await topicsWith({ USER_GAME: 1, LOSSES_PER_USER: 1, STATS_PER_USER: 3 });
    await produce(topics, 'LOSSES_PER_USER', 0, [{ key: 'bob', value: { TOTAL_LOSSES: 4 } }]);
    await produce(topics, 'USER_GAME', 0, games([['bob', 10, 1]]));
    await run(topics, plan('STATS', 'STATS_PER_USER', statsPerUser()));
    await produce(topics, 'USER_GAME', 0, games([['bob', 5, 2]]));
    const engine = engineOn(topics);
    const stats = await engine.start(plan('STATS', 'STATS_PER_USER', statsPerUser()));
    await caughtUp(topics, stats);
    assert.deepEqual(stats.table?.get(['bob']), { row: ['bob', 10, 1, 4], timestampMs: 2 });
    assert.equal((await consume(topics, 'STATS_PER_USER')).length, 2);
    await engine.stop();
  });
});

describe('tables', () => {
  const people = source('PEOPLE', 'TABLE', {
    key: columns(['ID', STRING]),
    value: columns(['CITY', STRING], ['AGE', INTEGER]),
  });
  const perCity = (): Step => {
    const grouped = rekey(people, 'GROUP_BY', [column(people, 1)], ['CITY']);
    return aggregate(
      grouped,
      aggregateCall('COUNT', 'PEOPLE', BIGINT, column(grouped, 1)),
      aggregateCall('SUM', 'AGES', INTEGER, column(grouped, 3)),
    );
  };

  it('an aggregation takes the old row away: one output within a group, two between groups', async () => {
    const topics = await topicsWith({ PEOPLE: 1, CITIES: 1 });
    await produce(topics, 'PEOPLE', 0, [
      { key: 'a', value: { CITY: 'X', AGE: 1 } },
      { key: 'a', value: { CITY: 'X', AGE: 5 } },
      { key: 'a', value: { CITY: 'Y', AGE: 5 } },
      { key: 'b', value: { CITY: null, AGE: 5 } },
      { key: null, value: { CITY: 'X', AGE: 5 } },
      { key: 'a', value: null },
    ]);
    await run(topics, plan('CITIES', 'CITIES', perCity()));
    assert.deepEqual(
      (await consume(topics, 'CITIES')).map(({ key, value }) => `${key} ${value}`),
      [
        'X {"PEOPLE":1,"AGES":1}',
        'X {"PEOPLE":1,"AGES":5}',
        'X {"PEOPLE":0,"AGES":0}',
        'Y {"PEOPLE":1,"AGES":5}',
        'Y {"PEOPLE":0,"AGES":0}',
      ],
    );
  });

  it('a filter turns a row that stops matching into a deletion', async () => {
    const topics = await topicsWith({ PEOPLE: 1, ADULTS: 1 });
    const adults = filter(people, call('>=', BOOLEAN, column(people, 2), literal(18, INTEGER)));
    await produce(topics, 'PEOPLE', 0, [
      { key: 'a', value: { AGE: 17 } },
      { key: 'a', value: { AGE: 18 } },
      { key: 'a', value: { AGE: 17 } },
      { key: 'a', value: { AGE: 16 } },
      { key: 'z', value: null },
    ]);
    await run(topics, plan('ADULTS', 'ADULTS', adults));
    assert.deepEqual(
      (await consume(topics, 'ADULTS')).map(({ key, value }) => [key, value]),
      [
        ['a', '{"CITY":null,"AGE":18}'],
        ['a', null],
      ],
    );
  });

  it('a plain copy forwards a deletion of a key it never saw', async () => {
    const topics = await topicsWith({ PEOPLE: 1, COPY: 1 });
    await produce(topics, 'PEOPLE', 0, [{ key: 'z', value: null }]);
    await run(topics, plan('COPY', 'COPY', people));
    assert.deepEqual(
      (await consume(topics, 'COPY')).map(({ key, value }) => [key, value]),
      [['z', null]],
    );
  });

  it('merged updates end in the same table as every update', async () => {
    const finals = [];
    for (const cache of ['0', '1000000']) {
      const topics = await topicsWith({ PEOPLE: 3, CITIES: 2 });
      for (let n = 0; n < 300; n++)
        await produce(topics, 'PEOPLE', n % 3, [
          { key: `p${(n * 7) % 30}`, value: n % 11 === 0 ? null : { CITY: `c${n % 4}`, AGE: n % 90 } },
        ]);
      await run(topics, plan('CITIES', 'CITIES', perCity(), { 'cache.max.bytes.buffering': cache }));
      const written = await consume(topics, 'CITIES');
      finals.push({ table: tableOf(written), records: written.length });
    }
    assert.deepEqual(finals[0]?.table, finals[1]?.table);
    assert.ok((finals[1]?.records ?? 0) < (finals[0]?.records ?? 0));
  });
});

describe('records that do not fit', () => {
  it('are skipped, counted and logged with their place', async () => {
    const topics = await topicsWith({ USER_LOSSES: 1, LOSSES_PER_USER: 1 });
    await produce(topics, 'USER_LOSSES', 0, [
      { value: 'not json' },
      { value: { USER: 'a' } },
      { value: null },
    ]);
    const engine = engineOn(topics);
    const query = await engine.start(plan('LOSSES', 'LOSSES_PER_USER', lossesPerUser()));
    await caughtUp(topics, query);
    await engine.stop();
    assert.equal(query.counters.errors, 1);
    assert.equal((await consume(topics, 'LOSSES_PER_USER')).length, 1);
    const [entry] = await consume(topics, 'default_ksql_processing_log');
    const { message } = JSON.parse(entry?.value ?? '{}');
    assert.deepEqual(message.deserializationError, {
      errorMessage: 'invalid JSON',
      topic: 'USER_LOSSES',
      partition: 0,
      offset: 0,
    });
  });
});

describe('where a query begins', () => {
  const copy = (properties: Record<string, string>) =>
    plan('COPY', 'COPY', source('IN', 'STREAM', { key: [], value: columns(['A', INTEGER]) }), properties);

  it('latest sees only what comes later, also when it is stopped before', async () => {
    const topics = await topicsWith({ IN: 1, COPY: 1 });
    await produce(topics, 'IN', 0, [{ value: { A: 1 } }]);
    await run(topics, copy({ 'auto.offset.reset': 'latest' }));
    await produce(topics, 'IN', 0, [{ value: { A: 2 } }]);
    await run(topics, copy({ 'auto.offset.reset': 'latest' }));
    assert.deepEqual(
      (await consume(topics, 'COPY')).map(({ value }) => value),
      ['{"A":2}'],
    );
  });

  it('a missing topic is an error that names it', async () => {
    const topics = await topicsWith({ COPY: 1 });
    await assert.rejects(run(topics, copy({})), /'IN' does not exist/);
  });
});

describe('push queries', () => {
  it('tell subscribers what is committed, and of tables only what is new', async () => {
    const topics = await topicsWith({ LOSSES_PER_USER: 1 });
    await produce(topics, 'LOSSES_PER_USER', 0, [{ key: 'bob', value: { TOTAL_LOSSES: 1 } }]);
    const engine = engineOn(topics);
    const seen: (number | undefined)[][] = [];
    for (const [index, reset] of ['earliest', 'latest'].entries()) {
      const properties = { 'auto.offset.reset': reset };
      const query = await engine.startTransient({ queryId: reset, root: lossesTable, properties });
      const rows: (number | undefined)[] = [];
      query.subscribe((changes) => rows.push(...changes.map(({ row }) => row?.[1] as number | undefined)));
      await produce(topics, 'LOSSES_PER_USER', 0, [{ key: 'bob', value: { TOTAL_LOSSES: index + 2 } }]);
      await caughtUp(topics, query);
      await query.stop();
      seen.push(rows);
    }
    assert.deepEqual(seen, [[1, 2], [3]]);
  });
});

describe('a query that fails', () => {
  it('goes on from its last commit, whatever became of the commit', async () => {
    for (const fault of ['lost', 'aborted', 'committed'] as const) {
      const topics = await topicsWith({ USER_LOSSES: 1, LOSSES_PER_USER: 1 });
      const engine = engineOn(topics);
      const query = await engine.start(plan('LOSSES', 'LOSSES_PER_USER', lossesPerUser()));
      topics.failCommits(fault);
      await produce(topics, 'USER_LOSSES', 0, [{ value: { USER: 'a' } }, { value: { USER: 'a' } }]);
      await caughtUp(topics, query);
      assert.equal(query.state, 'RUNNING');
      assert.deepEqual(
        (await consume(topics, 'LOSSES_PER_USER')).map(({ value }) => value),
        ['{"TOTAL_LOSSES":1}', '{"TOTAL_LOSSES":2}'],
        fault,
      );
      assert.deepEqual(query.table?.get(['a'])?.row, ['a', 2]);
      await engine.stop();
    }
  });

  it('stops for good when another owner takes its place', async () => {
    const topics = await topicsWith({ USER_LOSSES: 1, LOSSES_PER_USER: 1 });
    const first = await engineOn(topics).start(plan('LOSSES', 'LOSSES_PER_USER', lossesPerUser()));
    const second = await engineOn(topics).start(plan('LOSSES', 'LOSSES_PER_USER', lossesPerUser()));
    await produce(topics, 'USER_LOSSES', 0, [{ value: { USER: 'a' } }]);
    await caughtUp(topics, second);
    await assert.rejects(caughtUp(topics, first), /ERROR/);
    assert.deepEqual(
      (await consume(topics, 'LOSSES_PER_USER')).map(({ value }) => value),
      ['{"TOTAL_LOSSES":1}'],
    );
    await second.stop();
  });
});
