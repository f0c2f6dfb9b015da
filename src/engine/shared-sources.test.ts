import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { QueryPlan, Step, WindowedAggregateStep, WindowSpec } from '../sql/plan.ts';
import { keyWindowOf } from '../sql/planner/window.ts';
import { caughtUp, createTopics, engineOn } from '../testing/engine-runs.ts';
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
  plan,
  rekey,
  STRING,
  source,
  userGame,
  windowedAggregate,
} from '../testing/plan-builders.ts';
import { consume, produce, type TextRecord } from '../testing/topic-content.ts';

const score = (step: Step, at: number) => call('->', INTEGER, column(step, at), literal('SCORE', STRING));
const withTime = source('USER_GAME', 'STREAM', userGame.schema, {
  pseudo: ['ROWTIME', 'ROWPARTITION', 'ROWOFFSET'],
});

/** Queries over the same topic that want different columns of it. */
const QUERIES: Readonly<Record<string, Step>> = {
  BIG: filter(userGame, call('>', BOOLEAN, score(userGame, 1), literal(10, INTEGER))),
  ANA: filter(userGame, call('=', BOOLEAN, column(userGame, 0), literal('ana', STRING))),
  ALL: userGame,
  COUNTS: (() => {
    const keyed = rekey(userGame, 'GROUP_BY', [column(userGame, 0)], ['USER']);
    return aggregate(
      keyed,
      aggregateCall('COUNT', 'N', BIGINT),
      aggregateCall('MAX', 'M', INTEGER, score(keyed, 2)),
    );
  })(),
  HOPS: windowed({ type: 'HOPPING', sizeMs: 20, advanceMs: 10 }),
  VISITS: windowed({ type: 'SESSION', gapMs: 5 }),
  PLACES: {
    step: 'projectV1',
    id: 'Project',
    relation: 'STREAM',
    input: withTime,
    schema: { key: [], value: columns(['T', BIGINT], ['P', INTEGER], ['O', BIGINT]) },
    columns: [2, 3, 4].map((index) => ({ kind: 'column' as const, index, name: `C${index}`, type: BIGINT })),
  },
};

function windowed(window: WindowSpec): WindowedAggregateStep {
  const keyed = rekey(userGame, 'GROUP_BY', [column(userGame, 0)], ['USER']);
  const most = aggregateCall('MAX', 'M', INTEGER, score(keyed, 2));
  return windowedAggregate(keyed, window, most, { graceMs: 1_000, retentionMs: 2_000, emit: 'CHANGES' });
}

function planOf(name: string): QueryPlan {
  const step = QUERIES[name] as Step;
  return plan(name, name, step, {}, step.step === 'windowedAggregateV1' ? keyWindowOf(step) : undefined);
}

interface Produced {
  readonly partition: number;
  readonly timestampMs: number;
  readonly value: unknown;
}

const record: fc.Arbitrary<Produced> = fc.record({
  partition: fc.nat(1),
  timestampMs: fc.nat(50),
  value: fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({
        USER: fc.constantFrom('ana', 'bob', null),
        GAME: fc.option(fc.record({ SCORE: fc.nat(20) })),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        null,
        'not json',
        { USER: 'ana', GAME: { SCORE: 'x' } },
        { GAME: { LEVEL: 'y' } },
      ),
    },
  ),
});

async function run(names: readonly string[], rounds: readonly (readonly Produced[])[]) {
  const topics = new MemoryTopics();
  let reads = 0;
  const { read } = topics;
  topics.read = async (...args) => {
    const chunk = await read.apply(topics, args);
    if (args[0].topic === 'USER_GAME' && chunk.bytes.length > 0) reads++;
    return chunk;
  };
  await createTopics(topics, { USER_GAME: 2, ...Object.fromEntries(names.map((name) => [name, 1])) });
  const engine = engineOn(topics);
  const queries = [];
  for (const [index, round] of rounds.entries()) {
    for (const each of round) await produce(topics, 'USER_GAME', each.partition, [each]);
    // One more query with every round, the rest with the last.
    const due = index === rounds.length - 1 ? names.slice(index) : names.slice(index, index + 1);
    for (const name of due) queries.push(await engine.start(planOf(name)));
    for (const query of queries) await caughtUp(topics, query);
  }
  await engine.stop();
  const results: Record<string, TextRecord[]> = {};
  for (const name of names) results[name] = await consume(topics, name);
  return { results, reads };
}

describe('queries that read one topic together', () => {
  it('write what each of them writes alone', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(record, { maxLength: 12 }), { minLength: 1, maxLength: 3 }),
        async (rounds) => {
          const names = Object.keys(QUERIES);
          const together = await run(names, rounds);
          for (const name of names) {
            const index = names.indexOf(name);
            // Alone, but started after as many records.
            const before = rounds.slice(0, Math.min(index, rounds.length - 1)).flat();
            const rest = rounds.slice(Math.min(index, rounds.length - 1));
            const [first = [], ...later] = rest;
            const alone = await run([name], [[...before, ...first], ...later]);
            const values = (records: TextRecord[] | undefined) =>
              records?.map(({ key, value }) => [key, value]).sort();
            assert.deepEqual(values(together.results[name]), values(alone.results[name]), name);
          }
        },
      ),
      { numRuns: 40 },
    );
  });

  it('read it once', async () => {
    const records = Array.from({ length: 300 }, (_, n) => ({
      partition: n % 2,
      timestampMs: n,
      value: { USER: 'ana', GAME: { SCORE: n % 20 } },
    }));
    const names = Object.keys(QUERIES);
    // All of them wait for records when the first comes.
    const rounds = [...names.map(() => []), records];
    const alone = await run(names.slice(0, 1), rounds);
    const together = await run(names, rounds);
    assert.equal(together.reads, alone.reads);
  });
});
