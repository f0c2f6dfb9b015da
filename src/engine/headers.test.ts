import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { QueryPlan, Step } from '../sql/plan.ts';
import { caughtUp, createTopics, engineOn } from '../testing/engine-runs.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import {
  column,
  lossesPerUser,
  lossesTable,
  plan,
  rekey,
  statsPerUser,
  streamStreamJoin,
  userGame,
  userLosses,
} from '../testing/plan-builders.ts';
import { readCommitted } from './read-committed.ts';

interface Sent {
  readonly key?: string;
  readonly value: object;
  /** One header `from` of this value. */
  readonly from?: string;
}

async function produce(topics: MemoryTopics, topic: string, ...records: Sent[]): Promise<void> {
  const builder = new BatchBuilder();
  for (const [index, { key, value, from }] of records.entries())
    builder.append(
      index,
      key === undefined ? null : Buffer.from(key),
      Buffer.from(JSON.stringify(value)),
      from === undefined ? [] : [{ key: 'from', value: Buffer.from(from) }],
    );
  await topics.append({ topic, partition: 0, batch: builder.build() });
}

/** Of each record the values of its headers. */
async function headersIn(topics: MemoryTopics, topic: string): Promise<string[]> {
  const { lastStableOffset } = await topics.offsets({ topic, partition: 0 });
  const seen: string[] = [];
  await readCommitted(topics, { topic, partition: 0 }, 0, lastStableOffset, (cursor) => {
    const headers = cursor.headers().map(({ key, value }) => `${key}=${value}`);
    seen.push(`${cursor.key()}: ${headers.join()}`);
  });
  return seen;
}

describe('headers', () => {
  async function ran(query: QueryPlan, fill: (topics: MemoryTopics) => Promise<void>): Promise<string[]> {
    const topics = new MemoryTopics();
    await createTopics(topics, { USER_GAME: 1, USER_LOSSES: 1, LOSSES_PER_USER: 1, OUT: 1 });
    await fill(topics);
    const engine = engineOn(topics);
    await caughtUp(topics, await engine.start(query));
    await engine.stop();
    return headersIn(topics, 'OUT');
  }

  const losses = (topics: MemoryTopics) =>
    produce(
      topics,
      'USER_LOSSES',
      { value: { USER: 'amy' }, from: 'first' },
      { value: { USER: 'amy' } },
      { value: { USER: 'bob' }, from: 'third' },
      { value: { USER: 'amy' }, from: 'fourth' },
    );

  it('of a record stay with what is made of it', async () => {
    assert.deepEqual(await ran(plan('COPY', 'OUT', userLosses), losses), [
      'null: from=first',
      'null: ',
      'null: from=third',
      'null: from=fourth',
    ]);
  });

  it('go with a record to its new key', async () => {
    const byUser = rekey(
      userLosses,
      'PARTITION_BY',
      [{ kind: 'column', index: 0, name: 'USER', type: { kind: 'STRING' } }],
      ['USER'],
    );
    assert.deepEqual(await ran(plan('REKEY', 'OUT', byUser), losses), [
      'amy: from=first',
      'amy: ',
      'bob: from=third',
      'amy: from=fourth',
    ]);
  });

  it('of an aggregate are those of the record that changed it', async () => {
    assert.deepEqual(await ran(plan('COUNT', 'OUT', lossesPerUser()), losses), [
      'amy: from=first',
      'amy: ',
      'bob: from=third',
      'amy: from=fourth',
    ]);
  });

  it('of updates that are merged are those of the last one', async () => {
    const merging = { 'cache.max.bytes.buffering': '1000000' };
    assert.deepEqual(await ran(plan('COUNT', 'OUT', lossesPerUser(), merging), losses), [
      'amy: from=fourth',
      'bob: from=third',
    ]);
  });

  it('of a join come from the stream, not from the table', async () => {
    const filled = async (topics: MemoryTopics) => {
      const GAME = { SCORE: 1, LIVES: 1, LEVEL: 1 };
      await produce(topics, 'LOSSES_PER_USER', { key: 'amy', value: { TOTAL_LOSSES: 1 }, from: 'table' });
      await produce(
        topics,
        'USER_GAME',
        { value: { USER: 'amy', GAME } },
        { value: { USER: 'amy', GAME }, from: 'stream' },
      );
    };
    assert.deepEqual(await ran(plan('STATS', 'OUT', statsPerUser()), filled), ['amy: ', 'amy: from=stream']);
  });

  it('of a join of streams are those of the record that completes a row, or ends its waiting', async () => {
    const sides = [userLosses, userGame].map((side) => rekey(side, 'JOIN', [column(side, 0)], ['USER']));
    const [left, right] = sides as [Step, Step];
    const window = { join: 'LEFT', beforeMs: 5, afterMs: 5, graceMs: 0, waits: true } as const;
    const joined = plan('JOINED', 'OUT', streamStreamJoin(left, right, window));
    const filled = async (topics: MemoryTopics) => {
      await losses(topics);
      const late = Array.from({ length: 9 }, (_, index) => ({ value: { USER: 'x' }, from: `late${index}` }));
      await produce(topics, 'USER_GAME', { value: { USER: 'amy' }, from: 'game' }, ...late);
    };
    assert.deepEqual(await ran(joined, filled), [
      'amy: from=game',
      'amy: ',
      'amy: from=fourth',
      'bob: from=late7',
    ]);
  });

  it('of a table go with its changes', async () => {
    const filled = (topics: MemoryTopics) =>
      produce(topics, 'LOSSES_PER_USER', { key: 'amy', value: { TOTAL_LOSSES: 1 }, from: 'table' });
    assert.deepEqual(await ran(plan('COPY', 'OUT', lossesTable), filled), ['amy: from=table']);
  });
});
