import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { openLocal } from '../../../test/support/local-storage.ts';
import { osFolder } from '../../../test/support/os-folder.ts';
import { throughMessages } from '../../../test/support/thread-topics.ts';
import { type FileReader, openReader } from '../../base/file-reader.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { CommittedRecords } from '../../engine/committed-records.ts';
import { BatchBuilder, sealBatch } from '../../record/batch-builder.ts';
import type { Isolation, LogChunk, TopicPartition, Topics } from '../topics.ts';

const partition: TopicPartition = { topic: 't', partition: 0 };
const KEYS = ['a', 'b', 'c'];

const operation = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('append'),
      keys: fc.array(fc.nat(2), { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('commit'),
      keys: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('abort'),
      keys: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('open'),
      keys: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('deleteRecords'), percent: fc.nat(100) }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'compact' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'recreate' as const }) },
  {
    weight: 9,
    arbitrary: fc.record({
      kind: fc.constant('read'),
      reader: fc.nat(2),
      maxBytes: fc.constantFrom(1, 150, 5_000),
    }),
  },
);

type Operation = { kind: string; keys?: number[]; percent?: number; reader?: number; maxBytes?: number };

it('a thread that reads the files sees what the log itself gives, whatever happens to them', async () => {
  let fileReads = 0;
  const open = (path: string): FileReader | undefined => {
    const reader = openReader(path);
    return (
      reader && {
        read: (position, maxBytes) => {
          fileReads++;
          return reader.read(position, maxBytes);
        },
        close: () => reader.close(),
      }
    );
  };
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 10, maxLength: 80 }), async (operations) => {
      const folder = await osFolder();
      const local = await openLocal({ fs: folder.fs, dataDir: folder.dataDir });
      const thread = throughMessages(local.topics, local.places, open);
      try {
        await new Play(local, thread.topics).run(operations as Operation[]);
      } finally {
        await thread.close();
        await local.close();
        await folder.remove();
      }
    }),
    { numRuns: 20, endOnFailure: true },
  );
  assert.ok(fileReads > 20, `${fileReads} reads of files`);
});

type Local = Awaited<ReturnType<typeof openLocal<VirtualClock>>>;

class Play {
  readonly #local: Local;
  readonly #thread: Topics;
  readonly #isolations: readonly Isolation[] = ['read_committed', 'read_uncommitted', 'read_committed'];
  #offsets = [0, 0, 0];
  #producer = 1_000;
  #written = 0;

  constructor(local: Local, thread: Topics) {
    this.#local = local;
    this.#thread = thread;
  }

  async run(operations: readonly Operation[]): Promise<void> {
    await this.#create();
    for (const operation of operations) {
      await this.#do(operation);
      // Of what was published, a reader may know only what came before it asks.
      await this.#local.clock.advance(1);
    }
    for (let reader = 0; reader < 3; reader++) {
      for (let turn = 0; turn < 500 && (await this.#read(reader, 5_000)); turn++);
    }
  }

  async #create(): Promise<void> {
    await this.#local.topics.create({ name: partition.topic, partitionCount: 1 });
    // Smaller than a client may ask for, so that there are many.
    const small = {
      segmentBytes: 400,
      cleanupPolicy: new Set(['compact', 'delete'] as const),
      minCleanableDirtyRatio: 0,
    };
    this.#log.updateConfig({ ...this.#log.config, ...small });
  }

  get #log() {
    const log = this.#local.registry.partitionLog(partition.topic, 0);
    assert.ok(log);
    return log;
  }

  async #do({ kind, keys = [], percent = 0, reader = 0, maxBytes = 1 }: Operation): Promise<void> {
    switch (kind) {
      case 'append':
        await this.#local.topics.append({ ...partition, batch: this.#batch(keys) });
        break;
      case 'open':
      case 'commit':
      case 'abort':
        await this.#transaction(keys, kind);
        break;
      case 'deleteRecords':
        await this.#log.deleteRecordsBefore(Math.floor((percent * this.#log.highWatermark) / 100));
        break;
      case 'compact':
        await this.#log.compact(1_000_000);
        break;
      case 'recreate':
        await this.#local.topics.delete(partition.topic);
        await this.#create();
        this.#offsets = [0, 0, 0];
        break;
      case 'read':
        await this.#read(reader, maxBytes);
        break;
    }
  }

  #batch(keys: readonly number[]): Buffer {
    const builder = new BatchBuilder();
    for (const key of keys)
      builder.append(1_000, Buffer.from(KEYS[key] as string), Buffer.from(`value ${this.#written++}`));
    return builder.build();
  }

  async #transaction(keys: readonly number[], end: 'commit' | 'abort' | 'open'): Promise<void> {
    const producer = { producerId: this.#producer++, producerEpoch: 0 };
    const batch = this.#batch(keys);
    sealBatch(batch, { ...producer, baseSequence: 0, transactional: true });
    await this.#log.append(batch, { origin: 'internal' }).durable;
    if (end === 'open') return;
    await this.#log.appendMarker({ ...producer, coordinatorEpoch: 0, outcome: end }).durable;
  }

  /** Compares one read by the thread with the log's own; false at the end. */
  async #read(reader: number, maxBytes: number): Promise<boolean> {
    const options = { maxBytes, isolation: this.#isolations[reader] as Isolation };
    const offset = this.#offsets[reader] as number;
    if (offset < this.#log.logStartOffset) {
      await assert.rejects(this.#thread.read(partition, offset, options), { code: 'OFFSET_OUT_OF_RANGE' });
      this.#offsets[reader] = this.#log.logStartOffset;
      return true;
    }
    const got = await this.#thread.read(partition, offset, options);
    const own = await this.#local.topics.read(partition, offset, { ...options, maxBytes: 1_000_000 });
    const expected = visible(own, offset).filter(([at]) => at < got.nextOffset);
    assert.deepEqual(visible(got, offset), expected);
    assert.ok(got.nextOffset <= own.nextOffset);
    assert.equal(got.lastStableOffset, own.lastStableOffset);
    this.#offsets[reader] = got.nextOffset;
    if (got.nextOffset === offset) assert.equal(own.nextOffset, offset, 'there is more');
    return got.nextOffset > offset;
  }
}

function visible(chunk: LogChunk, offset: number): [number, string][] {
  const records = new CommittedRecords();
  records.load(chunk, offset);
  const seen: [number, string][] = [];
  while (records.next())
    seen.push([records.cursor.offset, `${records.cursor.key()}=${records.cursor.value()}`]);
  return seen;
}
