import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import {
  batchBaseSequence,
  batchBaseTimestamp,
  batchHasDeleteHorizon,
  batchLastOffset,
  batchMaxTimestamp,
  checkBatchHeader,
  crcIsValid,
  patchBaseOffset,
} from './batch.ts';
import { BatchBuilder, sealBatch } from './batch-builder.ts';
import { BatchFilter, emptyBatch } from './batch-filter.ts';
import { CODECS } from './compression.ts';
import { RecordCursor } from './record-cursor.ts';

const HORIZON_MS = 1_800_000_000_000;

function recordsOf(batch: Buffer): string[] {
  const cursor = new RecordCursor();
  const records: string[] = [];
  cursor.reset(batch, 0);
  while (cursor.next()) {
    const headers = cursor.headers().map(({ key, value }) => `${key}=${value}`);
    records.push(`${cursor.offset} ${cursor.timestampMs} ${cursor.key()} ${cursor.value()} ${headers}`);
  }
  return records;
}

const record = fc.record({
  timestampMs: fc.oneof(fc.constant(-1), fc.integer({ min: 0, max: 2_000_000_000_000 })),
  key: fc.option(fc.string({ maxLength: 20 }).map((text) => Buffer.from(text))),
  value: fc.option(fc.string({ maxLength: 200 }).map((text) => Buffer.from(text))),
  headers: fc.array(fc.record({ key: fc.string({ maxLength: 4 }), value: fc.constant(Buffer.from('h')) }), {
    maxLength: 2,
  }),
  isKept: fc.boolean(),
});

describe('a batch that loses records', () => {
  it('keeps the others as they were: offsets, times, headers, sequences', () => {
    fc.assert(
      fc.property(
        fc.array(record, { minLength: 1, maxLength: 8 }),
        fc.constantFrom(...CODECS),
        fc.constantFrom(undefined, HORIZON_MS),
        fc.option(fc.constant(1_700_000_000_000), { nil: undefined }),
        (records, compression, horizonMs, logAppendTimeMs) => {
          fc.pre(records.some(({ isKept }) => isKept));
          const builder = new BatchBuilder({ compression });
          for (const { timestampMs, key, value, headers } of records)
            builder.append(timestampMs, key, value, headers);
          const batch = builder.build();
          const producer = { producerId: 5, producerEpoch: 1, baseSequence: 30 };
          sealBatch(batch, logAppendTimeMs === undefined ? producer : { ...producer, logAppendTimeMs });
          patchBaseOffset(batch, 0, 1000);

          const filter = new BatchFilter();
          const selected = filter.select(batch, 0, (cursor) => records[cursor.offset - 1000]!.isKept);
          const kept = records.filter(({ isKept }) => isKept);
          const hasTombstone = kept.some(({ value }) => value === null);
          assert.deepEqual(selected, { kept: kept.length, hasTombstone });
          assert.ok(filter.canCountFrom(HORIZON_MS));
          const built = filter.build(horizonMs);

          assert.equal(checkBatchHeader(built, 0), undefined);
          assert.ok(crcIsValid(built, 0));
          assert.deepEqual(
            recordsOf(built),
            recordsOf(batch).filter((_, i) => records[i]!.isKept),
          );
          assert.equal(batchLastOffset(built, 0), batchLastOffset(batch, 0));
          assert.equal(batchBaseSequence(built, 0), 30);
          const maxTimestampMs = logAppendTimeMs ?? Math.max(...kept.map(({ timestampMs }) => timestampMs));
          assert.equal(batchMaxTimestamp(built, 0), maxTimestampMs);
          assert.equal(batchHasDeleteHorizon(built, 0), horizonMs !== undefined);
          if (horizonMs !== undefined) assert.equal(batchBaseTimestamp(built, 0), horizonMs);
        },
      ),
    );
  });

  it('may become empty and still tells its offsets and sequences', () => {
    const builder = new BatchBuilder({ compression: 'gzip' });
    for (let i = 0; i < 3; i++) builder.append(10, Buffer.from('k'), null);
    const batch = builder.build();
    sealBatch(batch, { producerId: 5, producerEpoch: 1, baseSequence: 30, transactional: true });
    patchBaseOffset(batch, 0, 1000);
    const empty = emptyBatch(batch, 0);
    assert.equal(checkBatchHeader(empty, 0), undefined);
    assert.ok(crcIsValid(empty, 0));
    assert.deepEqual(recordsOf(empty), []);
    assert.equal(batchLastOffset(empty, 0), 1002);
    assert.equal(batchBaseSequence(empty, 0), 30);
    assert.equal(batchMaxTimestamp(empty, 0), 10);
  });

  it('is not counted anew where a timestamp is near the end of what an int64 may say', () => {
    const builder = new BatchBuilder();
    builder.append(Number.MAX_SAFE_INTEGER, Buffer.from('k'), null);
    const batch = builder.build();
    sealBatch(batch);
    const filter = new BatchFilter();
    filter.select(batch, 0, () => true);
    assert.equal(filter.canCountFrom(HORIZON_MS), false);
    assert.equal(filter.canCountFrom(Number.POSITIVE_INFINITY), false);
  });
});
