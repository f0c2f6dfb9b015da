import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Row } from '../../src/data/schema.ts';
import type { Pace } from '../../src/engine/running-query.ts';
import type { QueryEngine } from '../../src/engine/service/query-registry.ts';
import type { PlannedOf } from '../../src/sql/planned.ts';
import { caughtUp, createTopics } from '../../src/testing/engine-runs.ts';
import {
  column,
  columns,
  INTEGER,
  lossesPerUser,
  lossesTable,
  plan,
  source,
} from '../../src/testing/plan-builders.ts';
import { consume, produce } from '../../src/testing/topic-content.ts';
import type { Topics } from '../../src/topics/topics.ts';

export interface EngineFixture {
  readonly topics: Topics;
  /** A further engine on the topics; stopped by `close`. */
  engine(): QueryEngine & { stop(): Promise<void> };
  close(): Promise<void>;
}

/** What an engine must do, wherever its tasks run. `open` gives topics without those of the test's names. */
export function describeEngineContract(name: string, open: () => Promise<EngineFixture>): void {
  const scenario = (title: string, run: (fixture: EngineFixture) => Promise<void>) =>
    it(title, async () => {
      const fixture = await open();
      try {
        await run(fixture);
      } finally {
        await fixture.close();
      }
    });
  const losses = () => plan('LOSSES', 'LOSSES_PER_USER', lossesPerUser());
  const lose = (topics: Topics, ...users: string[]) =>
    produce(
      topics,
      'USER_LOSSES',
      0,
      users.map((USER, n) => ({ value: { USER }, timestampMs: n })),
    );

  describe(`engine: ${name}`, () => {
    scenario('a query writes its results and answers pull queries', async ({ topics, engine }) => {
      await createTopics(topics, { USER_LOSSES: 2, LOSSES_PER_USER: 2 });
      const query = await engine().start(losses());
      assert.equal(query.state, 'RUNNING');
      await lose(topics, 'amy', 'bob', 'amy');
      await caughtUp(topics, query);
      const written = (await consume(topics, 'LOSSES_PER_USER')).map(({ key, value }) => `${key} ${value}`);
      assert.deepEqual(written.sort(), [
        'amy {"TOTAL_LOSSES":1}',
        'amy {"TOTAL_LOSSES":2}',
        'bob {"TOTAL_LOSSES":1}',
      ]);
      assert.deepEqual(query.counters, { consumed: 3, produced: 3, errors: 0, late: 0 });
      assert.deepEqual(await pulled(query, { keys: [['amy'], ['nobody'], ['amy']] }), [['amy', 2]]);
      assert.deepEqual((await pulled(query, {})).sort(), [
        ['amy', 2],
        ['bob', 1],
      ]);
      assert.equal((await pulled(query, { limit: 1 })).length, 1);
    });

    scenario('a query goes on where the engine before it stopped', async ({ topics, engine }) => {
      await createTopics(topics, { USER_LOSSES: 1, LOSSES_PER_USER: 1 });
      const first = engine();
      await lose(topics, 'amy');
      await caughtUp(topics, await first.start(losses()));
      await first.stop();
      await lose(topics, 'amy');
      const query = await engine().start(losses());
      await caughtUp(topics, query);
      assert.deepEqual(await pulled(query, { keys: [['amy']] }), [['amy', 2]]);
      assert.equal(query.counters.consumed, 1);
    });

    scenario('results of a large table come in helpings', async ({ topics, engine }) => {
      await createTopics(topics, { USER_LOSSES: 1, LOSSES_PER_USER: 1 });
      const users = Array.from({ length: 2_500 }, (_, n) => `user${n}`);
      await lose(topics, ...users);
      const query = await engine().start(losses());
      await caughtUp(topics, query);
      const rows = await query.pull(pullPlan({}));
      const first = await rows.next();
      assert.ok(first && first.length < 2_500);
      let count = first.length;
      for (let more = await rows.next(); more; more = await rows.next()) count += more.length;
      assert.equal(count, 2_500);
      const left = await query.pull(pullPlan({}));
      left.close();
      assert.equal(await left.next(), undefined);
    });

    scenario('a stopped query still answers until it is released', async ({ topics, engine }) => {
      await createTopics(topics, { USER_LOSSES: 1, LOSSES_PER_USER: 1 });
      const query = await engine().start(losses());
      await lose(topics, 'amy');
      await caughtUp(topics, query);
      await query.stop();
      assert.equal(query.state, 'STOPPED');
      await lose(topics, 'amy');
      assert.ok(query.keepsTable);
      assert.deepEqual(await pulled(query, { keys: [['amy']] }), [['amy', 1]]);
      query.release();
      await assert.rejects(
        query.reached([{ topic: 'USER_LOSSES', partition: 0, offset: 2 }], 10_000),
        /STOPPED/,
      );
    });

    scenario('a plan whose topics are missing is refused', async ({ engine }) => {
      await assert.rejects(engine().start(losses()), /does not exist/);
    });

    scenario('an owner that was replaced stops in ERROR', async ({ topics, engine }) => {
      await createTopics(topics, { USER_LOSSES: 1, LOSSES_PER_USER: 1 });
      const earlier = await engine().start(losses());
      const later = await engine().start(losses());
      await lose(topics, 'amy', 'amy');
      await caughtUp(topics, later);
      const failure = await earlier.failed;
      assert.match(failure.message, /owner/);
      assert.equal(earlier.state, 'ERROR');
      assert.equal(earlier.error?.message, failure.message);
      assert.deepEqual(
        (await consume(topics, 'LOSSES_PER_USER')).map(({ value }) => value),
        ['{"TOTAL_LOSSES":1}', '{"TOTAL_LOSSES":2}'],
      );
    });

    scenario(
      'a push query tells every change in order, at the pace of its reader',
      async ({ topics, engine }) => {
        await createTopics(topics, { NUMBERS: 1 });
        const numbers = source('NUMBERS', 'STREAM', { key: [], value: columns(['N', INTEGER]) });
        const count = 12_000;
        const records = Array.from({ length: count }, (_, N) => ({ value: { N } }));
        await produce(topics, 'NUMBERS', 0, records);
        const reader = new SlowReader();
        const properties = { 'auto.offset.reset': 'earliest' };
        const query = await engine().startTransient({ queryId: 'push', root: numbers, properties }, reader);
        query.subscribe((changes) => reader.take(changes.map(({ row }) => row?.[0] as number)));
        let most = 0;
        const seen: number[] = [];
        while (seen.length < count) {
          await new Promise((resolve) => setImmediate(resolve));
          most = Math.max(most, reader.waiting.length);
          seen.push(...reader.drain());
        }
        assert.deepEqual(
          seen,
          records.map((_, n) => n),
        );
        assert.ok(most < count, `${most} rows were waiting`);
        await query.stop();
        assert.equal(query.state, 'STOPPED');
      },
    );

    scenario('what a dropped query kept is removed', async ({ topics, engine }) => {
      await createTopics(topics, { USER_LOSSES: 1, LOSSES_PER_USER: 1 });
      const own = engine();
      const query = await own.start(losses());
      const changelogs = async () =>
        (await topics.describe()).filter(({ name }) => name.endsWith('-changelog')).length;
      assert.equal(await changelogs(), 1);
      await query.stop();
      await own.dropOtherState(['LOSSES']);
      assert.equal(await changelogs(), 1);
      await own.dropState('LOSSES');
      assert.equal(await changelogs(), 0);
    });
  });
}

function pullPlan({
  keys,
  limit,
}: {
  readonly keys?: readonly Row[];
  readonly limit?: number;
}): PlannedOf<'pull'> {
  const shape = {
    source: 'LOSSES_PER_USER',
    isWindowed: false,
    hasKeyRange: false,
    projection: [column(lossesTable, 0), column(lossesTable, 1)],
    columns: [],
    ...(limit !== undefined && { limit }),
  };
  return { kind: 'pull', shape, ...(keys && { keys }) };
}

async function pulled(
  query: { pull(planned: PlannedOf<'pull'>): Promise<{ next(): Promise<readonly Row[] | undefined> }> },
  more: Parameters<typeof pullPlan>[0],
): Promise<Row[]> {
  const rows = await query.pull(pullPlan(more));
  const all: Row[] = [];
  for (let some = await rows.next(); some; some = await rows.next()) all.push(...some);
  return all;
}

/** Has room for one helping. */
class SlowReader implements Pace {
  waiting: number[] = [];
  #room: (() => void) | undefined;

  take(rows: readonly number[]): void {
    this.waiting.push(...rows);
  }

  hold(): Promise<void> | undefined {
    if (this.waiting.length === 0) return undefined;
    return new Promise((resolve) => {
      this.#room = resolve;
    });
  }

  drain(): number[] {
    const taken = this.waiting;
    this.waiting = [];
    this.#room?.();
    return taken;
  }
}
