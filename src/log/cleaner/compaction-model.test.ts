import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import type { Codec } from '../../record/compression.ts';
import { openStore, START_MS, type TestStore } from '../log-fixture.ts';
import type { PartitionLog } from '../partition-log.ts';
import { COMPACTED, type KeyedRecord, keyedBatch, type SeenRecord, seenBy } from './cleaner-fixture.ts';

/*
 * Random lives of a compacted partition beside the list of everything that was ever appended. Compaction may take
 * records away, but never one a reader of the latest values would miss, and never give another answer in its place.
 */
interface ModelRecord extends SeenRecord {
  /** Undefined while its transaction is open. */
  isCommitted: boolean | undefined;
}

const PLAIN = -1;
const IDEMPOTENT = 1;
/** KIP-890: each transaction of these has an epoch of its own, and the marker carries the next. */
const WITH_BUMP: ReadonlySet<number> = new Set([8, 9]);

type Operation =
  | {
      readonly kind: 'append';
      readonly producerId: number;
      readonly records: readonly KeyedRecord[];
      readonly codec: Codec;
    }
  | { readonly kind: 'end'; readonly producerId: number; readonly outcome: 'commit' | 'abort' }
  | { readonly kind: 'pass'; readonly ms: number }
  | { readonly kind: 'compact' }
  | { readonly kind: 'retry' }
  | { readonly kind: 'delete'; readonly share: number }
  | { readonly kind: 'restart'; readonly how: 'clean' | 'killed' | 'power cut' };

const record = fc.record({
  key: fc
    .integer({ min: 0, max: 9 })
    .map((key) => (key < 5 ? `k${key}` : `a key of more than 15 bytes ${key}`)),
  value: fc.option(
    fc.integer({ min: 0, max: 999 }).map((value) => `v${value}`),
    { freq: 3 },
  ),
  timestampMs: fc.integer({ min: -1, max: 5000 }).map((ms) => (ms < 0 ? -1 : START_MS + ms)),
});
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      producerId: fc.constantFrom(PLAIN, IDEMPOTENT, 7, 8, 9),
      records: fc.array(record, { minLength: 1, maxLength: 4 }),
      codec: fc.constantFrom<Codec>('none', 'none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('end' as const),
      producerId: fc.constantFrom(7, 8, 9),
      outcome: fc.constantFrom('commit' as const, 'abort' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.constantFrom(10, 1500) }) },
  { weight: 4, arbitrary: fc.constant({ kind: 'compact' as const }) },
  { weight: 1, arbitrary: fc.constant({ kind: 'retry' as const }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('delete' as const),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
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
  readonly dedupeBytes: number;
  readonly segmentBytes: number;
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime';
}

class Run {
  readonly #records = new Map<number, ModelRecord>();
  readonly #open = new Set<number>();
  readonly #sequences = new Map<number, number>();
  readonly #epochs = new Map<number, number>();
  readonly #options: RunOptions;
  /** The newest batch of the idempotent producer. */
  #last:
    | { readonly records: readonly KeyedRecord[]; readonly sequence: number; readonly offset: number }
    | undefined;
  #fs = new MemoryFileSystem();
  #opened!: TestStore;
  #log!: PartitionLog;
  #leaderEpoch = 0;
  #compactedBelow = 0;
  #nowMs = 0;

  constructor(options: RunOptions) {
    this.#options = options;
  }

  async open(wasCleanStop: boolean): Promise<void> {
    const { tailBytes, dedupeBytes, segmentBytes, messageTimestampType } = this.#options;
    this.#opened = await openStore(this.#fs, {
      leaderEpoch: ++this.#leaderEpoch,
      wasCleanStop,
      tailBytes,
      cleaner: { backoffMs: 1e9, dedupeBytes },
      config: { ...COMPACTED, segmentBytes, messageTimestampType },
    });
    await this.#opened.clock.advance(this.#nowMs);
    this.#log = await this.#opened.log();
  }

  async do(next: Operation): Promise<void> {
    switch (next.kind) {
      case 'append':
        return await this.#append(next.producerId, next.records, next.codec);
      case 'end':
        return await this.#end(next.producerId, next.outcome);
      case 'pass':
        this.#nowMs += next.ms;
        return await this.#opened.clock.advance(next.ms);
      case 'compact':
        await this.#opened.store.runCompaction();
        this.#compactedBelow = Math.max(this.#compactedBelow, this.#log.rewrittenBelow);
        return await this.check();
      case 'retry':
        return await this.#retry();
      case 'delete': {
        const { logStartOffset, lastStableOffset } = this.#log;
        const offset = logStartOffset + Math.floor(next.share * (lastStableOffset - logStartOffset));
        await this.#log.deleteRecordsBefore(offset);
        for (const known of this.#records.keys()) if (known < offset) this.#records.delete(known);
        return;
      }
      case 'restart':
        if (next.how === 'clean') await this.#opened.store.close();
        else this.#fs = this.#fs.crash({ keep: next.how === 'killed' ? 'all' : 'synced' });
        await this.open(next.how === 'clean');
        return await this.check();
    }
  }

  async check(): Promise<void> {
    // Or a request of an earlier transaction would be taken for one of the present.
    for (const { producerId, producerEpoch } of this.#log.producers())
      assert.equal(producerEpoch, this.#epochs.get(producerId) ?? 0);
    const committed = await seenBy(this.#log, 'read_committed');
    const visible = [...this.#records.values()].filter(
      ({ isCommitted, offset }) => isCommitted && offset < this.#log.lastStableOffset,
    );
    this.#checkSubset(committed, visible);
    this.#checkSubset(await seenBy(this.#log, 'read_uncommitted'), [...this.#records.values()]);
    assert.deepEqual(latest(committed), latest(visible));
    const compacted = committed.filter(({ offset }) => offset < this.#compactedBelow);
    const keys = compacted.map(({ key }) => key);
    assert.equal(new Set(keys).size, keys.length, 'a key has one record in the compacted part');
  }

  #checkSubset(seen: readonly SeenRecord[], of: readonly ModelRecord[]): void {
    const known = new Map(of.map((record) => [record.offset, record]));
    let before = -1;
    for (const { offset, ...rest } of seen) {
      assert.ok(offset > before, 'offsets rise');
      before = offset;
      const {
        offset: _,
        isCommitted: __,
        ...expected
      } = known.get(offset) ?? assert.fail(`no record ${offset}`);
      assert.deepEqual(rest, expected);
    }
  }

  async #append(producerId: number, records: readonly KeyedRecord[], codec: Codec): Promise<void> {
    const transactional = producerId > IDEMPOTENT;
    const baseSequence = this.#sequences.get(producerId) ?? 0;
    const producerEpoch = this.#epochs.get(producerId) ?? 0;
    const seal = producerId === PLAIN ? {} : { producerId, producerEpoch, baseSequence, transactional };
    const appended = this.#log.append(keyedBatch(records, seal, codec), { origin: 'client' });
    assert.equal(appended.duplicate, false);
    await appended.durable;
    this.#sequences.set(producerId, baseSequence + records.length);
    if (transactional) this.#open.add(producerId);
    if (producerId === IDEMPOTENT)
      this.#last = { records, sequence: baseSequence, offset: appended.baseOffset };
    for (const [i, { key, value, timestampMs }] of records.entries()) {
      const offset = appended.baseOffset + i;
      const time = appended.logAppendTimeMs < 0 ? timestampMs! : appended.logAppendTimeMs;
      const isCommitted = transactional ? undefined : true;
      this.#records.set(offset, { offset, timestampMs: time, key, value, isCommitted });
      if (transactional) this.#undecided(producerId).push(offset);
    }
  }

  readonly #offsets = new Map<number, number[]>();

  #undecided(producerId: number): number[] {
    const known = this.#offsets.get(producerId) ?? [];
    this.#offsets.set(producerId, known);
    return known;
  }

  async #end(producerId: number, outcome: 'commit' | 'abort'): Promise<void> {
    const isBumped = WITH_BUMP.has(producerId);
    const producerEpoch = (this.#epochs.get(producerId) ?? 0) + (isBumped ? 1 : 0);
    const marker = { producerId, producerEpoch, coordinatorEpoch: 1, outcome, isBumped };
    this.#epochs.set(producerId, producerEpoch);
    if (isBumped) this.#sequences.set(producerId, 0);
    await this.#log.appendMarker(marker).durable;
    this.#open.delete(producerId);
    for (const offset of this.#undecided(producerId).splice(0)) {
      const found = this.#records.get(offset);
      if (found !== undefined) found.isCommitted = outcome === 'commit';
    }
  }

  async #retry(): Promise<void> {
    if (this.#last === undefined) return;
    const { records, sequence: baseSequence, offset } = this.#last;
    const seal = { producerId: IDEMPOTENT, producerEpoch: 0, baseSequence };
    const again = this.#log.append(keyedBatch(records, seal), { origin: 'client' });
    assert.deepEqual([again.duplicate, again.baseOffset], [true, offset]);
    await again.durable;
  }
}

/** A deleted key has no value, whether its tombstone is still there or not. */
function latest(records: readonly SeenRecord[]): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  for (const { key, value } of records) {
    if (value === null) values.delete(key);
    else values.set(key, value);
  }
  return new Map([...values].sort());
}

describe('a compacted log', () => {
  it('holds the latest value of every key at its offset, whatever happens to it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(operation, { maxLength: 80, size: 'max' }),
        fc.record({
          tailBytes: fc.constantFrom(0, 1_000, 100_000),
          dedupeBytes: fc.constantFrom(0, 1_000_000),
          segmentBytes: fc.constantFrom(300, 700, 2000),
          messageTimestampType: fc.constantFrom(
            'CreateTime' as const,
            'CreateTime' as const,
            'LogAppendTime' as const,
          ),
        }),
        async (operations, options) => {
          const run = new Run(options);
          await run.open(false);
          for (const next of operations) await run.do(next);
          await run.check();
        },
      ),
      { numRuns: 100 },
    );
  });
});
