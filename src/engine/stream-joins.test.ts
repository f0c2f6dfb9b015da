import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { engineInThreads } from '../../test/support/engine-threads.ts';
import type { Step } from '../sql/plan.ts';
import { createTopics, engineOn, runInterrupted } from '../testing/engine-runs.ts';
import { type CommitFault, MemoryTopics } from '../testing/memory-topics.ts';
import {
  aggregate,
  aggregateCall,
  BIGINT,
  column,
  columns,
  INTEGER,
  type JoinWindow,
  plan,
  rekey,
  STRING,
  source,
  streamStreamJoin,
} from '../testing/plan-builders.ts';
import { consume, produce, type TextRecord, tableOf } from '../testing/topic-content.ts';
import type { Engine } from './engine.ts';
import type { EngineHost } from './threads/engine-host.ts';

const orders = source('ORDERS', 'STREAM', { key: [], value: columns(['USER', STRING], ['QTY', INTEGER]) });
const clicks = source('CLICKS', 'STREAM', {
  key: columns(['USER', STRING]),
  value: columns(['PAGE', STRING]),
});

interface Event {
  readonly user: string | null;
  readonly partition: number;
  readonly timestampMs: number;
  readonly isOrder: boolean;
}

const event = fc.record({
  user: fc.option(fc.constantFrom('ann', 'bob', 'Zoë', 'd'), { freq: 12 }),
  partition: fc.nat(2),
  timestampMs: fc.nat(400),
  isOrder: fc.boolean(),
});
const window = fc.record({
  join: fc.constantFrom<JoinWindow['join']>('INNER', 'LEFT', 'RIGHT', 'FULL'),
  beforeMs: fc.constantFrom(5, 20),
  afterMs: fc.constantFrom(0, 20),
  graceMs: fc.constantFrom(0, 30, 1000),
  waits: fc.boolean(),
});
const fault = fc.constantFrom<CommitFault | undefined>('lost', 'aborted', 'committed', undefined, undefined);

interface Place {
  readonly name: string;
  readonly engineOn: (topics: MemoryTopics) => Engine | EngineHost;
  readonly numRuns: number;
}

const places: readonly Place[] = [
  { name: 'in this thread', engineOn, numRuns: 25 },
  { name: 'with its rows on disk', engineOn: (topics) => engineOn(topics, true), numRuns: 25 },
  { name: 'in threads of its own', engineOn: (topics) => engineInThreads(topics), numRuns: 3 },
];

function joined(spec: JoinWindow): Step {
  return streamStreamJoin(rekey(orders, 'JOIN', [column(orders, 0)], ['USER']), clicks, spec);
}

/** How often each user's orders met clicks, and what was ordered then: a store behind the join's. */
function counted(spec: JoinWindow): Step {
  const rows = joined(spec);
  const grouped = rekey(rows, 'GROUP_BY', [column(rows, 0)], ['USER']);
  return aggregate(
    grouped,
    aggregateCall('COUNT', 'N', BIGINT, column(grouped, 1)),
    aggregateCall('SUM', 'QTY', INTEGER, column(grouped, 4)),
  );
}

async function run(
  step: Step,
  events: readonly Event[],
  faults: readonly (CommitFault | undefined)[],
  takeovers: number,
  place = places[0] as Place,
) {
  const topics = new MemoryTopics();
  await createTopics(topics, { ORDERS: 3, CLICKS: 3, OUT: 2 });
  for (const [number, { user, partition, timestampMs, isOrder }] of events.entries()) {
    if (isOrder)
      await produce(topics, 'ORDERS', partition, [{ value: { USER: user, QTY: number }, timestampMs }]);
    else
      await produce(topics, 'CLICKS', user === null ? partition : user.length % 3, [
        { ...(user !== null && { key: user }), value: { PAGE: `p${number}` }, timestampMs },
      ]);
  }
  topics.failCommits(...faults);
  const properties = { 'commit.interval.ms': '0' };
  await runInterrupted(topics, plan('OUT', 'OUT', step, properties), takeovers, place.engineOn);
  return consume(topics, 'OUT');
}

/** Records without a key go to another partition with every round, so only that they are there must be equal. */
function comparable(records: readonly TextRecord[]) {
  const keyless = records.filter(({ key }) => key === null);
  return {
    keyed: records.filter(({ key }) => key !== null),
    keyless: keyless.map(({ timestampMs, value }) => `${timestampMs} ${value}`).toSorted(),
  };
}

for (const place of places)
  describe(`a join of streams that is interrupted, ${place.name}`, () => {
    it('gives what one gives that is not, also to what follows it', async () => {
      await fc.assert(
        fc.asyncProperty(
          window,
          fc.array(event, { minLength: 100, maxLength: 400 }),
          fc.array(fault, { maxLength: 12 }),
          fc.nat(3),
          async (spec, events, faults, takeovers) => {
            assert.deepEqual(
              comparable(await run(joined(spec), events, faults, takeovers, place)),
              comparable(await run(joined(spec), events, [], 0)),
            );
            assert.deepEqual(
              tableOf(await run(counted(spec), events, faults, takeovers, place)),
              tableOf(await run(counted(spec), events, [], 0)),
            );
          },
        ),
        { numRuns: place.numRuns, endOnFailure: true },
      );
    });
  });

describe('a join of streams', () => {
  it('meets all pairs that are close in time, wherever they lie, when none is late', async () => {
    const spec: JoinWindow = { join: 'INNER', beforeMs: 20, afterMs: 5, graceMs: 1000, waits: false };
    await fc.assert(
      fc.asyncProperty(fc.array(event, { maxLength: 200 }), async (events) => {
        const rows = await run(joined(spec), events, [], 0);
        const pairs = rows.map(({ value }) => value);
        const expected = events.flatMap((order, at) =>
          events.flatMap((click, clickAt) => {
            if (!order.isOrder || click.isOrder || order.user === null || order.user !== click.user)
              return [];
            const aheadMs = click.timestampMs - order.timestampMs;
            return aheadMs >= -20 && aheadMs <= 5 ? [`${at} p${clickAt}`] : [];
          }),
        );
        const met = pairs.map((json) => {
          const { QTY, PAGE } = JSON.parse(json as string);
          return `${QTY} ${PAGE}`;
        });
        assert.deepEqual(met.toSorted(), expected.toSorted());
      }),
      { numRuns: 30, endOnFailure: true },
    );
  });
});
