import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryFileSystem } from '../base/memory-fs.ts';
import { clientBatch, openStore, readAll, recordsIn, START_MS, type TestStore } from './log-fixture.ts';
import type { PartitionLog } from './partition-log.ts';

/*
 * Random lives of a partition beside the simplest thing that could be a log: an array. Whatever segments, indexes,
 * caches, restarts and crashes do, both must answer alike.
 */
interface ModelRecord {
  readonly value: string;
  readonly timestampMs: number;
  /** First offset of its batch. */
  readonly baseOffset: number;
}

type Operation =
  | { readonly kind: 'append'; readonly timestampsMs: readonly number[] }
  | { readonly kind: 'read'; readonly at: number; readonly maxBytes: number }
  | { readonly kind: 'find'; readonly targetMs: number }
  | { readonly kind: 'delete'; readonly at: number }
  | { readonly kind: 'tick' }
  | { readonly kind: 'restart'; readonly how: 'clean' | 'killed' | 'power cut' };

const timestampMs = fc.integer({ min: 0, max: 500 }).map((ms) => START_MS + ms);
const share = fc.double({ min: 0, max: 1, noNaN: true });
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      timestampsMs: fc.array(timestampMs, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('read' as const),
      at: share,
      maxBytes: fc.integer({ min: 0, max: 600 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('find' as const), targetMs: timestampMs }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), at: share }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'tick' as const }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      how: fc.constantFrom('clean' as const, 'killed' as const, 'power cut' as const),
    }),
  },
);

interface RunOptions {
  readonly tailBytes: number;
  readonly config: { readonly segmentBytes: number; readonly indexIntervalBytes: number };
}

class Run {
  readonly records: ModelRecord[] = [];
  logStartOffset = 0;
  #fs = new MemoryFileSystem();
  #opened!: TestStore;
  #log!: PartitionLog;
  #leaderEpoch = 0;
  readonly #options: RunOptions;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async open(wasCleanStop: boolean): Promise<void> {
    this.#leaderEpoch++;
    this.#opened = await openStore(this.#fs, {
      ...this.#options,
      leaderEpoch: this.#leaderEpoch,
      wasCleanStop,
    });
    this.#log = await this.#opened.log();
  }

  async do(next: Operation): Promise<void> {
    switch (next.kind) {
      case 'append':
        return await this.#append(next.timestampsMs);
      case 'read':
        return await this.#read(this.#offsetAt(next.at), next.maxBytes);
      case 'find':
        return await this.#find(next.targetMs);
      case 'delete':
        this.logStartOffset = this.#offsetAt(next.at);
        return await this.#log.deleteRecordsBefore(this.logStartOffset);
      case 'tick':
        return await this.#opened.clock.advance(1000);
      case 'restart':
        return await this.#restart(next.how);
    }
  }

  async checkAll(): Promise<void> {
    const found = await readAll(this.#log, 200);
    const expected = this.records.map(({ value }, offset) => ({ offset, value })).slice(this.logStartOffset);
    assert.deepEqual(found, expected);
    assert.equal(this.#log.highWatermark, this.records.length);
  }

  async #append(timestampsMs: readonly number[]): Promise<void> {
    const baseOffset = this.records.length;
    const values = timestampsMs.map((_, i) => `v${baseOffset + i}`);
    const appended = this.#log.append(clientBatch({ values, timestampsMs }), { origin: 'client' });
    assert.equal(appended.baseOffset, baseOffset);
    await appended.durable;
    for (const [i, value] of values.entries())
      this.records.push({ value, timestampMs: timestampsMs[i]!, baseOffset });
  }

  async #read(offset: number, maxBytes: number): Promise<void> {
    const read = await this.#log.read(offset, { maxBytes, isolation: 'read_uncommitted' });
    const found = recordsIn(read.bytes);
    const first = this.records[offset]?.baseOffset ?? offset;
    assert.deepEqual(
      found.map((record) => record.value),
      this.records.slice(first, first + found.length).map((record) => record.value),
    );
    assert.equal(found.length > 0, offset < this.records.length);
    assert.equal(read.nextOffset, found.length > 0 ? first + found.length : offset);
    assert.equal(this.#log.bytesAvailable(offset, 'read_uncommitted') > 0, offset < this.records.length);
  }

  async #find(targetMs: number): Promise<void> {
    const found = await this.#log.findTimestamp(targetMs, 'read_uncommitted');
    const expected = this.records.findIndex(
      (record, i) => i >= this.logStartOffset && record.timestampMs >= targetMs,
    );
    assert.equal(found?.offset ?? -1, expected);
  }

  async #restart(how: 'clean' | 'killed' | 'power cut'): Promise<void> {
    if (how === 'clean') await this.#opened.store.close();
    else this.#fs = this.#fs.crash({ keep: how === 'killed' ? 'all' : 'synced' });
    await this.open(how === 'clean');
  }

  #offsetAt(at: number): number {
    return this.logStartOffset + Math.floor(at * (this.records.length - this.logStartOffset + 0.999));
  }
}

describe('a log', () => {
  it('answers like an array whatever happens to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 60, size: 'max' }),
        fc.record({
          tailBytes: fc.constantFrom(0, 1_000, 100_000),
          config: fc.record({
            segmentBytes: fc.constantFrom(250, 1000, 100_000),
            indexIntervalBytes: fc.constantFrom(0, 100, 4096),
          }),
        }),
        async (operations, options) => {
          const run = new Run(options);
          await run.open(false);
          for (const next of operations) await run.do(next);
          await run.checkAll();
        },
      ),
      { numRuns: 150 },
    );
  });
});
