import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { openLocal } from '../../test/support/local-storage.ts';
import { batchOf, valuesOf } from '../../test/support/records.ts';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import type { Topics, TransactionalWriter } from '../topics/topics.ts';

const COMMITS = 2;
const GROUP = 'query';
const source = { topic: 'in', partition: 0 };
const p0 = { topic: 'out', partition: 0 };
const p1 = { topic: 'out', partition: 1 };

function commit(writer: TransactionalWriter, round: number): Promise<readonly number[]> {
  return writer.commit({
    batches: [
      { ...p0, batch: batchOf(`a${round}`) },
      { ...p1, batch: batchOf(`b${round}`) },
    ],
    group: GROUP,
    positions: [{ ...source, offset: round }],
  });
}

/** A short life that ends in a crash or not; tells what it was promised. */
async function live(
  fs: MemoryFileSystem,
): Promise<{ topicExists: boolean; acknowledged: number; ended: boolean }> {
  const promised = { topicExists: false, acknowledged: 0, ended: false };
  try {
    const { topics, close } = await openLocal({ fs });
    await topics.create({ name: 'in', partitionCount: 1 });
    await topics.create({ name: 'out', partitionCount: 2 });
    promised.topicExists = true;
    const writer = await topics.transact('id');
    for (let round = 1; round <= COMMITS; round++) {
      await commit(writer, round);
      promised.acknowledged = round;
    }
    await close();
    promised.ended = true;
  } catch (error) {
    assert.ok(fs.crashed, `only the crash may end it: ${error}`);
  }
  return promised;
}

const rounds = (letter: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${letter}${i + 1}`);

/** What must hold after a restart: outputs and positions agree, and nothing acknowledged is missing. */
async function check(topics: Topics, promised: Awaited<ReturnType<typeof live>>): Promise<void> {
  if ((await topics.describe(['out'])).length === 0) {
    assert.ok(!promised.topicExists, 'the topic was acknowledged');
    return;
  }
  const writer = await topics.transact('id');
  const first = await valuesOf(topics, p0);
  const second = await valuesOf(topics, p1);
  const [position] = await writer.positions(GROUP);
  const committed = position?.offset ?? 0;
  assert.ok(committed >= promised.acknowledged, `${committed} rounds left of ${promised.acknowledged}`);
  assert.deepEqual(first, rounds('a', committed));
  assert.deepEqual(second, rounds('b', committed));
  for (const partition of [p0, p1]) {
    const { highWatermark, lastStableOffset } = await topics.offsets(partition);
    assert.equal(lastStableOffset, highWatermark, 'no transaction is left open');
  }
  await commit(writer, committed + 1);
  assert.deepEqual(await valuesOf(topics, p1), rounds('b', committed + 1));
}

describe('a transaction of the topics port, crashed at every call of the file system', () => {
  for (const keep of ['synced', 'random', 'all'] as const) {
    it(`is there as a whole or not at all (what was not synced: ${keep})`, async () => {
      let calls = 0;
      for (let ended = false; !ended; ) {
        calls++;
        const fs = new MemoryFileSystem();
        fs.crashAtCall(calls);
        const promised = await live(fs);
        ended = promised.ended;
        const options = keep === 'random' ? { keep, random: new SeededRandom(calls) } : { keep };
        const { topics, close } = await openLocal({ fs: fs.crash(options) });
        await check(topics, promised).catch((error: unknown) => {
          throw new Error(`crash at call ${calls}: ${error}`, { cause: error });
        });
        await close();
      }
      assert.ok(calls > 50, `the run made only ${calls} calls`);
    });
  }
});

describe('a transaction right after another', () => {
  it('is not taken for a part of that one when a crash comes before that one is noted as complete', async () => {
    const fs = new MemoryFileSystem();
    const first = await openLocal({ fs });
    await first.topics.create({ name: 'out', partitionCount: 2 });
    const writer = await first.topics.transact('id');
    const into = (value: string) =>
      writer.commit({ batches: [{ ...p0, batch: batchOf(value) }], group: GROUP, positions: [] });
    // The decision reaches the disk, the note that it was carried out does not.
    let decisions = 0;
    fs.onCall = ({ operation, path }) => {
      if (operation === 'write' && path.includes('__transaction_state') && ++decisions > 1)
        fs.failNext('write', 'EIO');
    };
    await into('a');
    await assert.rejects(into('b'), { code: 'KAFKA_STORAGE_ERROR' });
    const second = await openLocal({ fs: fs.crash({ keep: 'all' }) });
    assert.deepEqual(await valuesOf(second.topics, p0), ['a']);
    await second.close();
  });
});
