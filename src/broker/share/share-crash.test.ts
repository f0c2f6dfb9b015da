// A power cut at any file-system call: what was acknowledged is never delivered again, everything else is.
import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { openLocal } from '../../../test/support/local-storage.ts';
import { batchOf } from '../../../test/support/records.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { walkBatches } from '../../record/batch.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import { ShareFetcher } from './share-fetcher.ts';

const RECORDS = 60;
const SAMPLES = 25;
const [ACCEPT, RELEASE] = [1, 2];

interface Promised {
  readonly produced: Set<string>;
  readonly accepted: Set<string>;
  /** An acceptance on its way when the power went: it may count or not. */
  readonly asked: Set<string>;
  ended: boolean;
}

/** A broker without sockets, and one member of one share group. */
async function open(fs: MemoryFileSystem) {
  const local = await openLocal({
    fs,
    config: { 'share.coordinator.snapshot.update.records.per.snapshot': '4' },
  });
  const { registry, groups, shares, clock } = local;
  const known = registry.find('t');
  const created = known ?? (await local.topics.create({ name: 't', partitionCount: 1 }));
  const place = { topicId: created.topicId, partition: 0 };
  const topics = [{ name: 't', topicId: created.topicId, partitions: [0] }];
  await groups.call('shareAddPartitions', { groupId: 'g', topics });
  const fetcher = new ShareFetcher({
    ...{ states: shares, topics: registry, clock },
    isShared: (key) => groups.hasSharePartition(key),
  });
  const fetch = async (memberId: string) => {
    const [found] = await fetcher.fetch({
      ...{ groupId: 'g', memberId, places: [place], maxWaitMs: 0, minBytes: 1, maxBytes: () => 100_000 },
      ...{ maxRecords: 5, batchSize: 5, ended: new AbortController().signal },
      config: { lockMs: 30_000, maxRecordLocks: 2000, isolation: 'read_uncommitted', reset: 'earliest' },
    });
    if (found === undefined) return [];
    assert.equal(found.error, 'NONE');
    return recordsOf(found);
  };
  const acknowledge = async (memberId: string, offset: number, type: number) => {
    const acknowledgements = [{ firstOffset: offset, lastOffset: offset, types: [type] }];
    const reply = await shares.call('acknowledge', {
      key: { groupId: 'g', ...place },
      memberId,
      acknowledgements,
    });
    assert.equal(reply.error, 'NONE');
  };
  return { ...local, fetch, acknowledge };
}

type Fetched = Awaited<ReturnType<ShareFetcher['fetch']>>[number];

function recordsOf({ records, ranges }: Fetched): { offset: number; value: string }[] {
  const found: { offset: number; value: string }[] = [];
  const cursor = new RecordCursor();
  for (const piece of records.pieces as Buffer[]) {
    for (const position of walkBatches(piece)) {
      cursor.reset(piece, position);
      while (cursor.next()) {
        const { offset } = cursor;
        const isOurs = ranges.some(
          ({ firstOffset, lastOffset }) => firstOffset <= offset && offset <= lastOffset,
        );
        if (isOurs) found.push({ offset, value: String(cursor.value()) });
      }
    }
  }
  return found;
}

async function live(fs: MemoryFileSystem): Promise<Promised> {
  const promised: Promised = { produced: new Set(), accepted: new Set(), asked: new Set(), ended: false };
  try {
    const broker = await open(fs);
    const released = new Set<number>();
    for (let n = 0; n < RECORDS; n += 3) {
      const values = [n, n + 1, n + 2].map((each) => `v${each}`);
      await broker.topics.append({ topic: 't', partition: 0, batch: batchOf(...values) });
      for (const value of values) promised.produced.add(value);
      for (const { offset, value } of await broker.fetch('m')) {
        if (offset % 4 === 0 && !released.has(offset)) {
          released.add(offset);
          await broker.acknowledge('m', offset, RELEASE!);
          continue;
        }
        promised.asked.add(value);
        await broker.acknowledge('m', offset, ACCEPT!);
        promised.asked.delete(value);
        promised.accepted.add(value);
      }
    }
    await broker.close();
    promised.ended = true;
  } catch (error) {
    if (!fs.crashed) throw error;
  }
  return promised;
}

async function check(fs: MemoryFileSystem, promised: Promised): Promise<void> {
  const broker = await open(fs);
  const delivered = new Set<string>();
  for (;;) {
    const records = await broker.fetch('later');
    if (records.length === 0) break;
    for (const { offset, value } of records) {
      assert.ok(!promised.accepted.has(value), `${value} was accepted and came again`);
      delivered.add(value);
      await broker.acknowledge('later', offset, ACCEPT!);
    }
  }
  for (const value of promised.produced) {
    const isDone = promised.accepted.has(value) || promised.asked.has(value);
    assert.ok(isDone || delivered.has(value), `${value} was lost`);
  }
  await broker.close();
  const again = await open(fs);
  assert.deepEqual(await again.fetch('last'), []);
  await again.close();
}

describe('share groups of a broker whose power is cut', () => {
  for (const keep of ['synced', 'random', 'all'] as const)
    it(`deliver what was not acknowledged, and nothing else (of what was not synced there is left: ${keep})`, async () => {
      const whole = new MemoryFileSystem();
      assert.ok((await live(whole)).ended);
      const calls = whole.callCount;
      const random = new SeededRandom(7);
      for (let n = 0; n < SAMPLES; n++) {
        const call = 1 + Math.floor(((n + random.next()) * calls) / SAMPLES);
        const fs = new MemoryFileSystem();
        fs.crashAtCall(call);
        const promised = await live(fs);
        await check(fs.crash({ keep, random: new SeededRandom(call) }), promised).catch((cause: unknown) => {
          throw new Error(`crash at call ${call} of ${calls}: ${cause}`, { cause });
        });
      }
    });
});
