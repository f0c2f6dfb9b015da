import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import {
  batchBaseOffset,
  batchBaseSequence,
  batchBaseTimestamp,
  batchHasDeleteHorizon,
  batchIsControl,
  batchLastOffset,
  batchRecordCount,
  walkBatches,
} from '../../record/batch.ts';
import type { LogConfig } from '../log-config.ts';
import { openStore, START_MS, type TestStore } from '../log-fixture.ts';
import type { PartitionLog } from '../partition-log.ts';
import { COMPACTED, type KeyedRecord, keyedBatch, seenBy } from './cleaner-fixture.ts';

const FILLER = 'x'.repeat(1100);

interface Life extends TestStore {
  readonly fs: MemoryFileSystem;
  readonly partition: PartitionLog;
  put(key: string, value: string | null, seal?: Parameters<typeof keyedBatch>[1]): Promise<number>;
  end(producerId: number, outcome: 'commit' | 'abort'): Promise<void>;
  /** Begins a new segment, with a record that is never compacted away, and compacts all before it. */
  compact(): Promise<void>;
}

async function life(config: Partial<LogConfig> = {}, fs = new MemoryFileSystem()): Promise<Life> {
  const opened = await openStore(fs, {
    config: { ...COMPACTED, segmentBytes: 1200, ...config },
    cleaner: { backoffMs: 1e9, dedupeBytes: 1e6 },
    // Files are what this is about.
    tailBytes: 0,
  });
  const partition = await opened.log();
  let rolls = 0;
  const put: Life['put'] = async (key, value, seal) => {
    const appended = partition.append(keyedBatch([{ key, value }], seal), { origin: 'client' });
    await appended.durable;
    return appended.baseOffset;
  };
  return {
    ...opened,
    fs,
    partition,
    put,
    async end(producerId, outcome) {
      await partition.appendMarker({ producerId, producerEpoch: 0, coordinatorEpoch: 1, outcome }).durable;
    },
    async compact() {
      await put(`filler ${rolls++}`, FILLER);
      await opened.store.runCompaction();
    },
  };
}

/** Each batch as `first-last:records`, with `c` for control and `h` for a delete horizon; fillers are left out. */
async function batches(log: PartitionLog): Promise<string[]> {
  const parts: Buffer[] = [];
  for (let offset = log.logStartOffset; offset < log.endOffset; ) {
    const read = await log.read(offset, { maxBytes: 1e6, isolation: 'read_uncommitted' });
    parts.push(read.bytes);
    offset = read.nextOffset;
  }
  const bytes = Buffer.concat(parts);
  return [...walkBatches(bytes)].flatMap((at) => {
    const count = batchRecordCount(bytes, at);
    if (bytes.includes('filler', at) && bytes.indexOf('filler', at) < at + 120) return [];
    const marks = `${batchIsControl(bytes, at) ? 'c' : ''}${batchHasDeleteHorizon(bytes, at) ? 'h' : ''}`;
    return [`${batchBaseOffset(bytes, at)}-${batchLastOffset(bytes, at)}:${count}${marks}`];
  });
}

const transaction = (producerId: number, baseSequence: number) => {
  return { producerId, producerEpoch: 0, baseSequence, transactional: true };
};

describe('compaction', () => {
  it('takes records out of batches and leaves offsets, sequences and timestamps alone', async () => {
    const { partition, compact, put } = await life();
    const records: KeyedRecord[] = ['a', 'b', 'a', 'c'].map((key, i) => {
      return { key, value: `${i}`, timestampMs: START_MS + 10 * i };
    });
    const seal = { producerId: 5, producerEpoch: 0, baseSequence: 40 };
    await partition.append(keyedBatch(records, seal), { origin: 'client' }).durable;
    await put('c', 'later');
    await compact();
    assert.deepEqual((await batches(partition)).slice(0, 1), ['0-3:2']);
    const { bytes } = await partition.read(0, { maxBytes: 1, isolation: 'read_uncommitted' });
    assert.equal(batchBaseSequence(bytes, 0), 40);
    const seen = (await seenBy(partition, 'read_uncommitted')).slice(0, 3);
    assert.deepEqual(
      seen.map(({ offset, key, value, timestampMs }) => [offset, key, value, timestampMs - START_MS]),
      [
        [1, 'b', '1', 10],
        [2, 'a', '2', 20],
        [4, 'c', 'later', 0],
      ],
    );
  });

  it('keeps a tombstone for delete.retention.ms after the first compaction that saw it', async () => {
    const { partition, compact, put, clock } = await life();
    await put('a', 'old');
    await put('a', null);
    await put('b', 'stays');
    await clock.advance(5000);
    await compact();
    assert.deepEqual(await batches(partition), ['1-1:1h', '2-2:1']);
    const { bytes } = await partition.read(1, { maxBytes: 1, isolation: 'read_uncommitted' });
    assert.equal(batchBaseTimestamp(bytes, 0), START_MS + 5000 + 1000);
    assert.equal((await seenBy(partition, 'read_uncommitted'))[0]?.timestampMs, START_MS);
    await clock.advance(900);
    await compact();
    assert.deepEqual(await batches(partition), ['1-1:1h', '2-2:1']);
    await clock.advance(100);
    await compact();
    assert.deepEqual(await batches(partition), ['2-2:1']);
  });

  it('removes a marker only when nothing of its transaction is left, and then in its time', async () => {
    const { partition, compact, put, end, clock } = await life();
    await put('a', 'aborted', transaction(7, 0));
    await put('b', 'committed', transaction(8, 0));
    await end(7, 'abort');
    await end(8, 'commit');
    // The producers' last data lies elsewhere, so that no empty header has to stay.
    await put('z', '1', transaction(7, 1));
    await end(7, 'commit');
    await put('z', '2', transaction(8, 1));
    await end(8, 'commit');
    await compact();
    const rest = ['6-6:1', '7-7:1c'];
    assert.deepEqual(
      await batches(partition),
      ['1-1:1', '2-2:1c', '3-3:1c', '5-5:1c', ...rest].toSpliced(3, 0, '4-4:0'),
    );
    await put('b', 'newer');
    await compact();
    // 2: no data was met any more; 3: its data went only now.
    assert.deepEqual((await batches(partition)).slice(0, 2), ['2-2:1ch', '3-3:1c']);
    await compact();
    assert.deepEqual((await batches(partition)).slice(0, 2), ['2-2:1ch', '3-3:1ch']);
    await clock.advance(1000);
    await compact();
    assert.deepEqual((await batches(partition)).slice(0, 1), ['4-4:0']);
  });

  it('drops aborted data even when it is the newest of its key, and keeps the value before it', async () => {
    const { partition, compact, put, end } = await life();
    await put('a', 'committed');
    await put('a', 'aborted', transaction(7, 0));
    await end(7, 'abort');
    await compact();
    const seen = await seenBy(partition, 'read_uncommitted');
    assert.deepEqual(
      seen.slice(0, 1).map(({ value }) => value),
      ['committed'],
    );
    assert.ok(!seen.some(({ value }) => value === 'aborted'));
  });

  it('stops before an open transaction and before the active segment', async () => {
    const { partition, compact, put, end } = await life();
    await put('a', '1');
    await put('b', 'open', transaction(7, 0));
    await put('a', '2');
    await compact();
    assert.deepEqual(await batches(partition), ['0-0:1', '1-1:1', '2-2:1']);
    await end(7, 'commit');
    await compact();
    assert.deepEqual((await batches(partition)).slice(0, 2), ['1-1:1', '2-2:1']);
  });

  it('keeps the last sequence of a producer, so that it goes on after a restart from the log alone', async () => {
    const first = await life();
    const seal = { producerId: 5, producerEpoch: 0, baseSequence: 0 };
    await first.put('a', 'numbered', seal);
    await first.put('a', 'newer');
    await first.compact();
    assert.deepEqual((await batches(first.partition)).slice(0, 1), ['0-0:0']);
    for (const name of await first.fs.list('/data/t-0')) {
      if (name.endsWith('.snapshot')) await first.fs.remove(`/data/t-0/${name}`);
    }
    const crashed = first.fs.crash({ keep: 'all' });
    const { partition } = await life({}, crashed);
    const again = partition.append(keyedBatch([{ key: 'a', value: 'numbered' }], seal), { origin: 'client' });
    assert.deepEqual([again.duplicate, again.baseOffset], [true, 0]);
    const next = { ...seal, baseSequence: 2 };
    assert.throws(
      () => partition.append(keyedBatch([{ key: 'a', value: 'gap' }], next), { origin: 'client' }),
      { code: 'OUT_OF_ORDER_SEQUENCE_NUMBER' },
    );
  });

  it('merges small segments, each telling where it ends', async () => {
    const { partition, compact, put, fs } = await life();
    for (let i = 0; i < 40; i++) await put(`key ${i % 3}`, 'y'.repeat(100));
    await compact();
    await compact();
    const logs = (await fs.list('/data/t-0')).filter((name) => name.endsWith('.log'));
    assert.ok(logs.length <= 4, logs.join(' '));
    assert.equal(partition.rewrittenBelow, partition.activeBaseOffset);
    const { nextOffset } = await partition.read(0, { maxBytes: 1e6, isolation: 'read_uncommitted' });
    assert.equal(nextOffset > 0, true);
    assert.equal((await seenBy(partition, 'read_committed')).filter(({ key }) => key === 'key 0').length, 1);
  });

  it('goes by dirty share and by age', async () => {
    const ratio = await life({ minCleanableDirtyRatio: 0.5 });
    for (let i = 0; i < 8; i++) await ratio.put(`key ${i}`, FILLER);
    await ratio.put('a', '1');
    await ratio.put('a', '2');
    await ratio.compact();
    assert.equal((await batches(ratio.partition)).at(-1), '9-9:1');
    // Not worth while: eight times as much was compacted before.
    await ratio.put('a', '3');
    await ratio.compact();
    assert.deepEqual((await batches(ratio.partition)).slice(-2), ['9-9:1', '11-11:1']);

    const aged = await life({ minCleanableDirtyRatio: 1, maxCompactionLagMs: 60_000 });
    await aged.put('a', '1');
    await aged.put('a', '2');
    await aged.compact();
    assert.equal((await batches(aged.partition)).length, 2);
    await aged.clock.advance(60_001);
    await aged.compact();
    assert.equal((await batches(aged.partition)).length, 1);
  });

  it('lets records be for min.compaction.lag.ms', async () => {
    const { partition, put, compact, clock } = await life({ minCompactionLagMs: 1000 });
    await put('a', '1');
    await put('a', '2');
    await compact();
    assert.equal((await batches(partition)).length, 2);
    await clock.advance(1001);
    await compact();
    assert.equal((await batches(partition)).length, 1);
  });

  it('compacts and deletes where both are asked for', async () => {
    const both = new Set(['compact', 'delete'] as const);
    const { partition, put, compact, clock, store } = await life({ cleanupPolicy: both, retentionMs: 5000 });
    await put('a', '1');
    await put('a', '2');
    await compact();
    assert.equal((await batches(partition)).length, 1);
    await clock.advance(6000);
    await store.runRetention();
    assert.deepEqual(await batches(partition), []);
    assert.equal(partition.logStartOffset, partition.endOffset);
  });

  it('finds no record at the time of one that is gone', async () => {
    const { partition, put, compact } = await life();
    const seal = { producerId: 5, producerEpoch: 0, baseSequence: 0 };
    const late = { key: 'a', value: 'numbered', timestampMs: START_MS + 9000 };
    await partition.append(keyedBatch([late], seal), { origin: 'client' }).durable;
    await put('a', 'newer');
    await compact();
    assert.equal((await batches(partition))[0], '0-0:0');
    assert.equal((await partition.maxTimestamp())?.timestampMs, START_MS);
    assert.equal(await partition.findTimestamp(START_MS + 9000, 'read_uncommitted'), undefined);
  });

  it('never rewrites damage', async () => {
    const { partition, put, compact, fs } = await life();
    await put('a', '1');
    await put('a', '2');
    const file = await fs.open('/data/t-0/00000000000000000000.log', { create: false });
    await file.write([Buffer.from('?')], 65);
    await compact();
    assert.equal(partition.rewrittenBelow, 0);
    assert.equal(partition.failure, undefined);
    assert.deepEqual(
      (await fs.list('/data/t-0')).filter((name) => /cleaned|swap/.test(name)),
      [],
    );
  });

  it('opens after a crash when the topic is not compacted any more', async () => {
    const first = await life();
    for (const key of ['a', 'b', 'a', 'b', 'c']) await first.put(key, 'v');
    await first.compact();
    const { partition } = await life(
      { cleanupPolicy: new Set(['delete']) },
      first.fs.crash({ keep: 'synced' }),
    );
    assert.deepEqual((await batches(partition)).slice(0, 3), ['2-2:1', '3-3:1', '4-4:1']);
  });

  it('lets reads under way finish, and gives way to a deletion', async () => {
    const { partition, put, fs, compact, store } = await life();
    for (let i = 0; i < 30; i++) await put(`key ${i % 2}`, `${i}`.repeat(50));
    const reads: Promise<unknown>[] = [];
    const handles: Promise<unknown>[] = [];
    fs.onCall = ({ operation, path }) => {
      if (path.endsWith('.cleaned') && operation === 'rename')
        reads.push(seenBy(partition, 'read_committed', 100));
      if (path.endsWith('.timeindex.cleaned') && operation === 'sync' && handles.length === 0)
        handles.push(store.delete('t', 0));
    };
    await compact();
    await Promise.all(handles);
    fs.onCall = undefined;
    assert.ok(handles.length === 1);
    await Promise.allSettled(reads);
    assert.deepEqual(await fs.list('/data/t-0'), []);
  });

  it('serves every read while segments change places', async () => {
    const { partition, put, fs, compact } = await life();
    for (let i = 0; i < 30; i++) await put(`key ${i % 2}`, `${i}`.repeat(50));
    // Makes small segments, which the next one merges.
    await compact();
    const reads: Promise<number>[] = [];
    fs.onCall = ({ operation, number }) => {
      if (operation !== 'rename' && operation !== 'remove') return;
      const offset = (number * 7) % 30;
      const options = { maxBytes: 100, isolation: 'read_committed' } as const;
      reads.push(partition.read(offset, options).then(({ nextOffset }) => nextOffset - offset));
    };
    await compact();
    fs.onCall = undefined;
    assert.ok(reads.length > 15, `${reads.length} reads`);
    assert.ok((await Promise.all(reads)).every((advanced) => advanced > 0));
  });
});
