import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { engineInThreads } from '../../test/support/engine-threads.ts';
import { caughtUp, createTopics, engineOn, runInterrupted } from '../testing/engine-runs.ts';
import { type CommitFault, MemoryTopics } from '../testing/memory-topics.ts';
import {
  aggregate,
  aggregateCall,
  BIGINT,
  column,
  columns,
  INTEGER,
  plan,
  rekey,
  STRING,
  source,
  statsPerUser,
} from '../testing/plan-builders.ts';
import { consume, produce, tableOf } from '../testing/topic-content.ts';
import type { Engine } from './engine.ts';
import type { EngineHost } from './threads/engine-host.ts';

const fault = fc.constantFrom<CommitFault | undefined>('lost', 'aborted', 'committed', undefined, undefined);

const user = fc.constantFrom('bob', 'amy', 'eve', 'Zoë', 'Mara');
const game = fc.record({ partition: fc.nat(2), user, score: fc.nat(99), timestampMs: fc.nat(500) });
const losses = fc.record({
  partition: fc.nat(1),
  user,
  // Some that are skipped, and one that stands for no row.
  total: fc.oneof(fc.option(fc.nat(9)), fc.constantFrom('torn', 'null')),
  timestampMs: fc.nat(500),
});

interface Place {
  readonly name: string;
  readonly engineOn: (topics: MemoryTopics) => AnyEngine;
  readonly numRuns: number;
}

type AnyEngine = Engine | EngineHost;

const places: readonly Place[] = [
  { name: 'in this thread', engineOn, numRuns: 25 },
  { name: 'with its state on disk', engineOn: (topics) => engineOn(topics, true), numRuns: 25 },
  { name: 'in threads of its own', engineOn: (topics) => engineInThreads(topics), numRuns: 3 },
];

for (const place of places)
  describe(`outputs of a query that is interrupted, ${place.name}`, () => {
    it('equal those of one that is not', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(game, { minLength: 400, maxLength: 900 }),
          fc.array(losses, { maxLength: 40 }),
          fc.array(fault, { maxLength: 12 }),
          fc.nat(3),
          fc.constantFrom('0', '1000'),
          async (games, tables, faults, takeovers, cache) => {
            const wanted = await statsOf(games, tables, [], 0, cache);
            const got = await statsOf(games, tables, faults, takeovers, cache, place);
            // Where rounds end decides what merging leaves out, so only the tables must be equal then.
            if (cache === '0') assert.deepEqual(got, wanted);
            else assert.deepEqual(tableOf(got), tableOf(wanted));
          },
        ),
        { numRuns: place.numRuns, endOnFailure: true },
      );
    });
  });

interface GameEvent {
  partition: number;
  user: string;
  score: number;
  timestampMs: number;
}

interface LossesRow {
  user: string;
  total: number | string | null;
  timestampMs: number;
}

async function statsOf(
  games: readonly GameEvent[],
  tables: readonly LossesRow[],
  faults: readonly (CommitFault | undefined)[],
  takeovers: number,
  cache: string,
  place = places[0] as Place,
) {
  const topics = new MemoryTopics();
  await createTopics(topics, { USER_GAME: 3, LOSSES_PER_USER: 2, STATS: 2 });
  for (const { partition, user: USER, score: SCORE, timestampMs } of games)
    await produce(topics, 'USER_GAME', partition, [
      { value: { USER, GAME: { SCORE, LEVEL: 1 } }, timestampMs },
    ]);
  // A table's key lives in one partition, or its last row would be anyone's guess.
  for (const { user: key, total, timestampMs } of tables)
    await produce(topics, 'LOSSES_PER_USER', key.length % 2, [
      { key, value: typeof total === 'number' ? { TOTAL_LOSSES: total } : total, timestampMs },
    ]);
  topics.failCommits(...faults);
  // A commit with every slice, so that faults and takeovers find the query in the middle.
  const properties = { 'commit.interval.ms': '0', 'cache.max.bytes.buffering': cache };
  await runInterrupted(topics, plan('STATS', 'STATS', statsPerUser(), properties), takeovers, place.engineOn);
  return consume(topics, 'STATS');
}

describe('a table kept by increments', () => {
  const people = source('PEOPLE', 'TABLE', {
    key: columns(['ID', STRING]),
    value: columns(['CITY', STRING], ['AGE', INTEGER]),
  });
  const grouped = rekey(people, 'GROUP_BY', [column(people, 1)], ['CITY']);
  const cities = aggregate(
    grouped,
    aggregateCall('COUNT', 'PEOPLE', BIGINT, column(grouped, 1)),
    aggregateCall('SUM', 'AGES', INTEGER, column(grouped, 3)),
  );
  const person = fc.record({
    id: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
    row: fc.option(fc.record({ CITY: fc.constantFrom('X', 'Y', null), AGE: fc.nat(9) })),
    pause: fc.boolean(),
    fault,
    restart: fc.boolean(),
  });

  it('equals one computed from the rows that are left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(person, { maxLength: 40 }), fc.boolean(), async (changes, spills) => {
        const topics = new MemoryTopics();
        await createTopics(topics, { PEOPLE: 2, CITIES: 2 });
        let engine = engineOn(topics, spills);
        let query = await engine.start(plan('CITIES', 'CITIES', cities));
        const left = new Map<string, { CITY: string | null; AGE: number }>();
        for (const { id, row, pause, fault: next, restart } of changes) {
          await produce(topics, 'PEOPLE', id < 'c' ? 0 : 1, [{ key: id, value: row }]);
          if (row) left.set(id, row);
          else left.delete(id);
          topics.failCommits(next);
          if (pause) await new Promise((resolve) => setImmediate(resolve));
          if (restart) {
            await engine.stop();
            engine = engineOn(topics, spills);
            query = await engine.start(plan('CITIES', 'CITIES', cities));
          }
        }
        await caughtUp(topics, query);
        const expected = new Map<string, string>();
        for (const city of ['X', 'Y']) {
          const ages = [...left.values()].filter(({ CITY }) => CITY === city).map(({ AGE }) => AGE);
          const sum = ages.reduce((a, b) => a + b, 0);
          expected.set(city, `{"PEOPLE":${ages.length},"AGES":${sum}}`);
        }
        for (const [city, json] of tableOf(await consume(topics, 'CITIES'))) {
          assert.equal(json, expected.get(city as string));
          const { PEOPLE, AGES } = JSON.parse(json);
          assert.deepEqual(query.table?.get([city])?.row, [city, PEOPLE, AGES]);
          expected.delete(city as string);
        }
        for (const json of expected.values()) assert.equal(json, '{"PEOPLE":0,"AGES":0}');
        await engine.stop();
      }),
      { numRuns: 60, endOnFailure: true },
    );
  });
});
