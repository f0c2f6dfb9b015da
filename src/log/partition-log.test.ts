import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { batchCodec, batchLeaderEpoch, walkBatches } from '../record/batch.ts';
import { clientBatch, openStore, readAll, recordsIn, START_MS, valuesOf } from './log-fixture.ts';

const CLIENT = { origin: 'client' } as const;
const UNCOMMITTED = { maxBytes: 1024 * 1024, isolation: 'read_uncommitted' } as const;

describe('append', () => {
  it('gives consecutive offsets at once and durability later', async () => {
    const fs = new MemoryFileSystem();
    const { log } = await openStore(fs);
    const partition = await log();
    assert.deepEqual(await fs.list('/data'), [], 'nothing on disk before the first append');
    const first = partition.append(clientBatch({ values: ['a', 'b'] }), CLIENT);
    const second = partition.append(clientBatch('c'), CLIENT);
    assert.deepEqual([first.baseOffset, first.lastOffset, second.baseOffset], [0, 1, 2]);
    assert.deepEqual([partition.endOffset, partition.highWatermark], [3, 0]);
    await second.durable;
    assert.equal(partition.highWatermark, 3);
    assert.deepEqual(await fs.list('/data/t-0'), ['00000000000000000000.log']);
  });

  it('commits what gathers during a sync with one more write and sync', async () => {
    const fs = new MemoryFileSystem();
    const { log } = await openStore(fs);
    const partition = await log();
    await partition.append(clientBatch('warm'), CLIENT).durable;
    const calls: string[] = [];
    fs.onCall = ({ operation }) => calls.push(operation);
    const first = partition.append(clientBatch('0'), CLIENT).durable;
    await Promise.resolve();
    await Promise.resolve();
    const rest = Array.from({ length: 50 }, (_, i) => partition.append(clientBatch(`${i}`), CLIENT).durable);
    await Promise.all([first, ...rest]);
    assert.deepEqual(calls, ['write', 'sync', 'write', 'sync']);
  });

  it('does not sync under durability=os, except for a new file', async () => {
    const fs = new MemoryFileSystem();
    const { log } = await openStore(fs, { config: { durability: 'os' } });
    const partition = await log();
    await partition.append(clientBatch('a'), CLIENT).durable;
    const calls: string[] = [];
    fs.onCall = ({ operation }) => calls.push(operation);
    await partition.append(clientBatch('b'), CLIENT).durable;
    assert.deepEqual(calls, ['write']);
    assert.equal(partition.highWatermark, 2);
  });

  it('syncs under durability=os after so many records or so long, as flush.messages and flush.ms say', async () => {
    const fs = new MemoryFileSystem();
    const config = { durability: 'os', flushMessages: 3, flushMs: 5000 } as const;
    const { log, clock } = await openStore(fs, { config });
    const partition = await log();
    await partition.append(clientBatch('a'), CLIENT).durable;
    assert.equal(partition.syncedOffset, 1, 'a new file');
    const calls: string[] = [];
    fs.onCall = ({ operation, path }) => {
      if (path.endsWith('.log')) calls.push(operation);
    };
    for (const value of ['b', 'c', 'd']) await partition.append(clientBatch(value), CLIENT).durable;
    assert.deepEqual(calls, ['write', 'write', 'write', 'sync']);
    assert.equal(partition.syncedOffset, 4);
    await partition.append(clientBatch('e'), CLIENT).durable;
    await clock.advance(4000);
    assert.equal(partition.syncedOffset, 4);
    await clock.advance(2000);
    assert.equal(partition.syncedOffset, 5);
  });

  it('begins segments at different ages, and before an index grows too large', async () => {
    const day = 24 * 3_600_000;
    const agesOf = async (config: object) => {
      const { log } = await openStore(new MemoryFileSystem(), { config: { segmentMs: 10 * day, ...config } });
      const partition = await log();
      const begun: number[] = [];
      for (let hour = 0; hour < 1200; hour++) {
        const before = partition.activeBaseOffset;
        const timestampsMs = [START_MS - 1200 * 3_600_000 + hour * 3_600_000];
        await partition.append(clientBatch({ values: ['x'], timestampsMs }), CLIENT).durable;
        if (partition.activeBaseOffset > before) begun.push(hour);
      }
      return begun.map((hour, i) => hour - (begun[i - 1] ?? 0));
    };
    assert.equal(new Set(await agesOf({})).size, 1);
    const ages = await agesOf({ segmentJitterMs: 5 * day });
    assert.ok(new Set(ages).size > 2, `${ages}`);
    assert.ok(
      ages.every((age) => age >= 5 * 24 && age <= 10 * 24 + 1),
      `${ages}`,
    );
    // A batch has 69 bytes, so an entry is made for every other one at most.
    assert.ok((await agesOf({ indexIntervalBytes: 70, segmentIndexBytes: 80 })).every((age) => age <= 11));
  });

  it('stores batches as compression.type says from now on, with offsets, times and sequences as sent', async () => {
    const { log, config } = await openStore(new MemoryFileSystem(), {
      config: { compression: { codec: 'zstd' } },
    });
    const partition = await log();
    const seal = { producerId: 1, producerEpoch: 0, baseSequence: 0 };
    const batch = () => clientBatch({ values: ['a', 'b'], timestampsMs: [5, 6], seal });
    await partition.append(batch(), CLIENT).durable;
    assert.equal(partition.append(batch(), CLIENT).duplicate, true);
    partition.updateConfig({ ...config, compression: undefined });
    await partition.append(clientBatch('c'), CLIENT).durable;
    const { bytes } = await partition.read(0, UNCOMMITTED);
    assert.deepEqual(
      [...walkBatches(bytes)].map((at) => batchCodec(bytes, at)),
      [4, 0],
    );
    assert.deepEqual(recordsIn(bytes), [
      { offset: 0, value: 'a' },
      { offset: 1, value: 'b' },
      { offset: 2, value: 'c' },
    ]);
    assert.equal((await partition.findTimestamp(6, 'read_uncommitted'))?.offset, 1);
  });

  it('stamps the leader epoch, and the time under LogAppendTime', async () => {
    const { log } = await openStore(new MemoryFileSystem(), {
      leaderEpoch: 7,
      config: { messageTimestampType: 'LogAppendTime' },
    });
    const partition = await log();
    const appended = partition.append(clientBatch({ values: ['a'], timestampsMs: [5] }), CLIENT);
    assert.equal(appended.logAppendTimeMs, START_MS);
    await appended.durable;
    const { bytes } = await partition.read(0, UNCOMMITTED);
    assert.equal(batchLeaderEpoch(bytes, 0), 7);
    assert.deepEqual(await partition.findTimestamp(START_MS, 'read_uncommitted'), {
      offset: 0,
      timestampMs: START_MS,
      leaderEpoch: 7,
    });
  });
});

describe('read', () => {
  const setUp = async () => {
    // No tail cache, so that every read goes through index and file.
    const { store, log } = await openStore(new MemoryFileSystem(), {
      tailBytes: 0,
      config: { segmentBytes: 1500, indexIntervalBytes: 200 },
    });
    const partition = await log();
    for (let i = 0; i < 30; i++) {
      await partition.append(clientBatch({ values: [`${i}a`, `${i}b`, `${i}c`] }), CLIENT).durable;
    }
    return { store, partition };
  };

  it('begins with the batch that holds the offset, wherever it lies', async () => {
    const { partition } = await setUp();
    for (let offset = 0; offset < 90; offset++) {
      const { bytes, nextOffset } = await partition.read(offset, { ...UNCOMMITTED, maxBytes: 1 });
      const base = offset - (offset % 3);
      const offsets = recordsIn(bytes).map((record) => record.offset);
      assert.deepEqual([offsets, nextOffset], [[base, base + 1, base + 2], base + 3]);
    }
  });

  it('returns whole batches up to the limit', async () => {
    const { partition } = await setUp();
    const one = (await partition.read(0, { ...UNCOMMITTED, maxBytes: 1 })).bytes.length;
    const three = await partition.read(0, { ...UNCOMMITTED, maxBytes: one * 4 - 1 });
    assert.deepEqual([three.bytes.length, three.nextOffset], [one * 3, 9]);
    const bounded = await partition.read(0, { ...UNCOMMITTED, upTo: 6 });
    assert.equal(bounded.nextOffset, 6);
  });

  it('is empty at the end and out of range beyond and below', async () => {
    const { partition } = await setUp();
    const atEnd = await partition.read(90, UNCOMMITTED);
    assert.deepEqual([atEnd.bytes.length, atEnd.nextOffset, atEnd.highWatermark], [0, 90, 90]);
    await assert.rejects(partition.read(91, UNCOMMITTED), { code: 'OFFSET_OUT_OF_RANGE' });
    await partition.deleteRecordsBefore(10);
    await assert.rejects(partition.read(9, UNCOMMITTED), { code: 'OFFSET_OUT_OF_RANGE' });
    assert.deepEqual((await readAll(partition)).map((record) => record.offset).slice(0, 3), [10, 11, 12]);
  });

  it('hides what is not durable yet', async () => {
    const { log } = await openStore(new MemoryFileSystem());
    const partition = await log();
    const { durable } = partition.append(clientBatch('a'), CLIENT);
    assert.equal((await partition.read(0, UNCOMMITTED)).bytes.length, 0);
    assert.equal(partition.bytesAvailable(0, 'read_uncommitted'), 0);
    await durable;
    const { bytes } = await partition.read(0, UNCOMMITTED);
    assert.deepEqual(recordsIn(bytes), [{ offset: 0, value: 'a' }]);
    assert.equal(partition.bytesAvailable(0, 'read_uncommitted'), bytes.length);
  });

  it('estimates the bytes of what only files hold', async () => {
    const { partition } = await setUp();
    assert.equal(partition.bytesAvailable(0, 'read_uncommitted'), partition.sizeBytes);
    assert.equal(partition.bytesAvailable(90, 'read_uncommitted'), 0);
    assert.ok(partition.bytesAvailable(89, 'read_uncommitted') > 0);
  });
});

describe('times', () => {
  const setUp = async (tailBytes: number) => {
    const { log } = await openStore(new MemoryFileSystem(), {
      tailBytes,
      config: { segmentBytes: 700, indexIntervalBytes: 100 },
    });
    const partition = await log();
    // Not monotonic: 100, 110, 105 | 200, 190, 195 | ...
    for (let i = 1; i <= 20; i++) {
      const timestampsMs =
        i % 2 === 1 ? [i * 100, i * 100 + 10, i * 100 + 5] : [i * 100, i * 100 - 10, i * 100 - 5];
      await partition.append(clientBatch({ values: ['x', 'y', 'z'], timestampsMs }), CLIENT).durable;
    }
    return partition;
  };
  const cases: [targetMs: number, offset: number | undefined][] = [
    [0, 0],
    [100, 0],
    [101, 1],
    [106, 1],
    [111, 3],
    [195, 3],
    [201, 6],
    [1905, 55],
    [2000, 57],
    [2001, undefined],
  ];
  for (const [targetMs, offset] of cases) {
    it(`finds ${offset === undefined ? 'nothing' : `offset ${offset}`} at ${targetMs}`, async () => {
      const partition = await setUp(0);
      assert.equal((await partition.findTimestamp(targetMs, 'read_uncommitted'))?.offset, offset);
    });
  }

  it('finds the record of the largest timestamp', async () => {
    for (const tailBytes of [0, 10_000]) {
      const partition = await setUp(tailBytes);
      assert.deepEqual(await partition.maxTimestamp(), { offset: 57, timestampMs: 2000, leaderEpoch: 1 });
    }
  });

  it('knows none in an empty log', async () => {
    const partition = await (await openStore(new MemoryFileSystem())).log();
    assert.equal(await partition.maxTimestamp(), undefined);
    assert.equal(await partition.findTimestamp(0, 'read_uncommitted'), undefined);
  });
});

describe('restart', () => {
  it('goes on after a clean stop without opening a file', async () => {
    const fs = new MemoryFileSystem();
    const first = await openStore(fs, { config: { segmentBytes: 300 } });
    const log = await first.log();
    for (const value of ['a', 'b', 'c', 'd', 'e', 'f']) await log.append(clientBatch(value), CLIENT).durable;
    await first.store.close();
    const second = await openStore(fs, { wasCleanStop: true, leaderEpoch: 2, config: { segmentBytes: 300 } });
    const calls: string[] = [];
    fs.onCall = ({ operation }) => calls.push(operation);
    const reopened = await second.log();
    assert.deepEqual(calls, []);
    assert.deepEqual([reopened.logStartOffset, reopened.endOffset, reopened.highWatermark], [0, 6, 6]);
    await reopened.append(clientBatch('g'), CLIENT).durable;
    assert.deepEqual(await valuesOf(reopened), ['a', 'b', 'c', 'd', 'e', 'f', 'g']);
    assert.deepEqual(reopened.epochEnd(1), { leaderEpoch: 1, endOffset: 6 });
    assert.deepEqual(reopened.epochEnd(2), { leaderEpoch: 2, endOffset: 7 });
  });

  it('keeps the log start that DeleteRecords moved, clean or not', async () => {
    for (const clean of [true, false]) {
      const fs = new MemoryFileSystem();
      const first = await openStore(fs);
      const log = await first.log();
      for (const value of ['a', 'b', 'c']) await log.append(clientBatch(value), CLIENT).durable;
      await log.deleteRecordsBefore(2);
      if (clean) await first.store.close();
      const second = await openStore(clean ? fs : fs.crash({ keep: 'synced' }), {
        wasCleanStop: clean,
        leaderEpoch: 2,
      });
      assert.deepEqual(await valuesOf(await second.log()), ['c']);
    }
  });

  it('carries partitions over that nobody opened', async () => {
    const fs = new MemoryFileSystem();
    const first = await openStore(fs);
    await (await first.log()).append(clientBatch('a'), CLIENT).durable;
    await first.store.close();
    const second = await openStore(fs, { wasCleanStop: true, leaderEpoch: 2 });
    await (await second.store.partition('u', 3, second.config)).append(clientBatch('b'), CLIENT).durable;
    await second.store.close();
    const third = await openStore(fs, { wasCleanStop: true, leaderEpoch: 3 });
    assert.deepEqual(await valuesOf(await third.log()), ['a']);
    assert.deepEqual(third.store.stored(), [
      { topic: 't', partition: 0 },
      { topic: 'u', partition: 3 },
    ]);
  });
});

describe('delete', () => {
  it('removes the folder, fails waiters of the old log and begins the next one at 0', async () => {
    const fs = new MemoryFileSystem();
    const { store, log } = await openStore(fs);
    const old = await log();
    await old.append(clientBatch('a'), CLIENT).durable;
    let woken = 0;
    old.onAdvance(() => woken++);
    await store.delete('t', 0);
    assert.equal(woken, 1);
    assert.throws(() => old.append(clientBatch('b'), CLIENT), { code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    assert.equal(store.find('t', 0), undefined);
    const next = await log();
    assert.equal(next.append(clientBatch('c'), CLIENT).baseOffset, 0);
  });

  it('can be finished after a crash at any of its calls, so that the name is free', async () => {
    for (let call = 1, isDone = false; !isDone; call++) {
      const fs = new MemoryFileSystem();
      const { store, log } = await openStore(fs);
      await (await log()).append(clientBatch('a'), CLIENT).durable;
      await store.close();
      const second = await openStore(fs, { leaderEpoch: 2 });
      await second.log();
      fs.crashAtCall(call);
      isDone = await second.store.delete('t', 0).then(
        () => true,
        () => false,
      );
      const third = await openStore(fs.crash({ keep: 'synced' }), { leaderEpoch: 3 });
      for (const { topic, partition } of third.store.stored()) await third.store.delete(topic, partition);
      const next = await third.log();
      assert.equal(next.append(clientBatch('b'), CLIENT).baseOffset, 0, `crash at call ${call}`);
    }
  });

  it('writes one checkpoint for many partitions that go together', async () => {
    const fs = new MemoryFileSystem();
    const { store, config } = await openStore(fs);
    const partitions = [0, 1, 2, 3, 4, 5, 6, 7];
    for (const i of partitions) {
      await (await store.partition('t', i, config)).append(clientBatch('a'), CLIENT).durable;
    }
    let checkpoints = 0;
    fs.onCall = ({ operation, path }) => {
      if (operation === 'rename' && path.includes('log-checkpoint')) checkpoints++;
    };
    await Promise.all(partitions.map((i) => store.delete('t', i)));
    assert.ok(checkpoints <= 2, `${checkpoints} checkpoints`);
    const next = await openStore(fs.crash({ keep: 'synced' }), { leaderEpoch: 2 });
    assert.deepEqual(next.store.stored(), []);
    assert.equal((await next.log()).endOffset, 0);
  });
});
