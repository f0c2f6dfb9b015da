// What a query has after a restart: state stays as records until somebody asks for it, and its own table comes first.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { caughtUp, createTopics, engineOn } from '../testing/engine-runs.ts';
import { type CommitFault, MemoryTopics } from '../testing/memory-topics.ts';
import {
  aggregate,
  aggregateCall,
  BIGINT,
  BOOLEAN,
  call,
  column,
  literal,
  lossesTable,
  plan,
  rekey,
  streamTableJoin,
  userGame,
} from '../testing/plan-builders.ts';
import { produce } from '../testing/topic-content.ts';
import type { Engine } from './engine.ts';
import type { MaterializedTable } from './running-query.ts';

const USERS = ['bob', 'amy', 'Zoë', '"eve"'];

/** Of each user, how many games there were, and the losses that the last one met. */
function lastLosses() {
  const keyed = rekey(userGame, 'JOIN', [column(userGame, 0)], ['USER']);
  const joined = streamTableJoin(keyed, lossesTable, 'LEFT');
  const losses = column(joined, 5);
  const met = call('CASE', BIGINT, call('IS NULL', BOOLEAN, losses), literal(-1, BIGINT), losses);
  return aggregate(
    joined,
    aggregateCall('COUNT', 'GAMES', BIGINT, column(joined, 0)),
    aggregateCall('LATEST_BY_OFFSET', 'LOSSES', BIGINT, met),
  );
}

const query = plan('STATS', 'STATS', lastLosses(), {
  'ksql.query.retry.backoff.initial.ms': '0',
  'ksql.query.retry.backoff.max.ms': '0',
});

async function topicsOf(topics: MemoryTopics): Promise<MemoryTopics> {
  await createTopics(topics, { USER_GAME: 1, LOSSES_PER_USER: 1, STATS: 1 });
  return topics;
}

const rowsOf = (table: MaterializedTable | undefined) =>
  Array.from(table?.scan() ?? [], ({ row }) => row.join(' ')).sort();

const round = fc.record({
  losses: fc.array(
    fc.record({
      user: fc.constantFrom(...USERS),
      // A deletion, a row, one that says there is none, and two that cannot be read.
      value: fc.constantFrom(
        null,
        '{"TOTAL_LOSSES":1}',
        '{"TOTAL_LOSSES":2}',
        'null',
        '{"TOTAL',
        '{"TOTAL_LOSSES":"x"}',
      ),
    }),
    { maxLength: 12 },
  ),
  games: fc.subarray(USERS),
  restart: fc.constantFrom('no', 'stop', 'takeover'),
  fault: fc.constantFrom<CommitFault | undefined>(undefined, undefined, 'lost', 'aborted', 'committed'),
});

describe('a query that is restarted', () => {
  for (const spills of [false, true])
    it(`goes on from the state that it had${spills ? ', on disk' : ''}`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 8 }), async (rounds) => {
          const topics = await topicsOf(new MemoryTopics());
          const losses = new Map<string, number>();
          const stats = new Map<string, string>();
          const engines: Engine[] = [];
          const start = () => {
            engines.push(engineOn(topics, spills));
            return (engines.at(-1) as Engine).start(query);
          };
          let running = await start();
          for (const [n, { losses: changes, games, restart, fault }] of rounds.entries()) {
            await produce(
              topics,
              'LOSSES_PER_USER',
              0,
              changes.map(({ user, value }) => ({ key: user, value, timestampMs: 10 * n })),
            );
            for (const { user, value } of changes) {
              const total = /:(\d)\}/.exec(value ?? '')?.[1];
              if (total !== undefined) losses.set(user, Number(total));
              else if (value === null || value === 'null') losses.delete(user);
            }
            const events = games.map((USER) => ({
              value: { USER, GAME: { SCORE: 1, LEVEL: 1 } },
              timestampMs: 10 * n + 5,
            }));
            topics.failCommits(fault);
            await produce(topics, 'USER_GAME', 0, events);
            for (const user of games) {
              const count = Number(stats.get(user)?.split(' ').at(-2) ?? 0) + 1;
              stats.set(user, `${user} ${count} ${losses.get(user) ?? -1}`);
            }
            await caughtUp(topics, running);
            if (restart !== 'no') {
              if (restart === 'stop') await (engines.pop() as Engine).stop();
              running = await start();
            }
            // As soon as it is there, before anything is asked for by key.
            assert.deepEqual(rowsOf(running.table), [...stats.values()].sort());
            for (const user of USERS)
              assert.equal(running.table?.get([user])?.row.join(' '), stats.get(user));
          }
          await Promise.all(engines.map((engine) => engine.stop()));
        }),
        { numRuns: 60, endOnFailure: true },
      );
    });

  it('answers before the tables are there that its rows only meet, and meets them as they were', async () => {
    const topics = await afterOneGame();

    const release = topics.hold('LOSSES_PER_USER');
    const second = engineOn(topics);
    const running = await second.start(query);
    assert.deepEqual(running.table?.get(['bob'])?.row, ['bob', 1, 3]);
    await produce(topics, 'USER_GAME', 0, [GAME]);
    assert.deepEqual(running.table?.get(['bob'])?.row, ['bob', 1, 3]);
    release();
    await caughtUp(topics, running);
    assert.deepEqual(running.table?.get(['bob'])?.row, ['bob', 2, 3]);
    await second.stop();
  });

  it('may be stopped before those tables are there, and leaves everything as it was', async () => {
    const topics = await afterOneGame();
    await produce(topics, 'USER_GAME', 0, [GAME]);

    const release = topics.hold('LOSSES_PER_USER');
    const second = engineOn(topics);
    await second.start(query);
    const stopped = second.stop();
    release();
    await stopped;
    const third = engineOn(topics);
    const running = await third.start(query);
    assert.deepEqual(running.table?.get(['bob'])?.row, ['bob', 1, 3]);
    await caughtUp(topics, running);
    assert.deepEqual(running.table?.get(['bob'])?.row, ['bob', 2, 3]);
    await third.stop();
  });
});

/** Topics of which one can be kept from being read. */
class HeldTopics extends MemoryTopics {
  #held: { readonly topic: string; readonly until: Promise<void> } | undefined;

  /** Until what it gives is called. */
  hold(topic: string): () => void {
    const { promise: until, resolve } = Promise.withResolvers<void>();
    this.#held = { topic, until };
    return () => {
      this.#held = undefined;
      resolve();
    };
  }

  override async read(...[at, offset, options]: Parameters<MemoryTopics['read']>) {
    if (this.#held?.topic === at.topic) await this.#held.until;
    return super.read(at, offset, options);
  }
}

const GAME = { value: { USER: 'bob', GAME: { SCORE: 1, LEVEL: 1 } }, timestampMs: 1 };

/** A query has read one game, which met three losses, and was stopped. */
async function afterOneGame(): Promise<HeldTopics> {
  const topics = new HeldTopics();
  await topicsOf(topics);
  await produce(topics, 'LOSSES_PER_USER', 0, [{ key: 'bob', value: { TOTAL_LOSSES: 3 } }]);
  await produce(topics, 'USER_GAME', 0, [GAME]);
  const engine = engineOn(topics);
  await caughtUp(topics, await engine.start(query));
  await engine.stop();
  return topics;
}
