import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchBuilder } from '../record/batch-builder.ts';
import type { QueryPlan } from '../sql/plan.ts';
import { caughtUp, createTopics, engineOn } from '../testing/engine-runs.ts';
import { MemoryTopics } from '../testing/memory-topics.ts';
import {
  lossesPerUser,
  lossesTable,
  plan,
  rekey,
  statsPerUser,
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

  it('of a table go with its changes', async () => {
    const filled = (topics: MemoryTopics) =>
      produce(topics, 'LOSSES_PER_USER', { key: 'amy', value: { TOTAL_LOSSES: 1 }, from: 'table' });
    assert.deepEqual(await ran(plan('COPY', 'OUT', lossesTable), filled), ['amy: from=table']);
  });
});
