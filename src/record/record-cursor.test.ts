import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { batchExactBaseTimestamp, patchBaseOffset, stampLogAppendTime } from './batch.ts';
import { BatchBuilder, sealBatch } from './batch-builder.ts';
import { CODECS } from './compression.ts';
import { CorruptRecordError } from './corrupt-record-error.ts';
import { RecordCursor } from './record-cursor.ts';

interface Plain {
  timestampMs: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: { key: string; value: Buffer | null }[];
}

const bytes = (maxLength = 60) => fc.option(fc.uint8Array({ maxLength }).map((array) => Buffer.from(array)));
const header = fc.record({ key: fc.string({ unit: 'binary' }), value: bytes() }, { noNullPrototype: true });
const record: fc.Arbitrary<Plain> = fc.record(
  {
    timestampMs: fc.oneof(fc.nat(), fc.integer({ min: -1, max: 2 ** 45 })),
    key: bytes(),
    value: bytes(300),
    headers: fc.array(header, { maxLength: 3 }),
  },
  { noNullPrototype: true },
);

function build(records: readonly Plain[], codec: (typeof CODECS)[number] = 'none'): Buffer {
  const builder = new BatchBuilder({ compression: codec });
  for (const { timestampMs, key, value, headers } of records)
    builder.append(timestampMs, key, value, headers);
  const batch = builder.build();
  sealBatch(batch);
  return batch;
}

function readAll(cursor: RecordCursor): Plain[] {
  const records: Plain[] = [];
  while (cursor.next()) {
    records.push({
      timestampMs: cursor.timestampMs,
      key: cursor.key(),
      value: cursor.value(),
      headers: cursor.headers(),
    });
  }
  return records;
}

test('reads back what was built, with every codec, one cursor for all batches', () => {
  const cursor = new RecordCursor();
  fc.assert(
    fc.property(
      fc.array(record, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(...CODECS),
      (records, codec) => {
        cursor.reset(build(records, codec), 0);
        assert.deepEqual(readAll(cursor), records);
        assert.equal(cursor.next(), false);
      },
    ),
    { numRuns: 150 },
  );
});

test('offsets count from the base offset, ranges index into bytes', () => {
  const one = { timestampMs: 5, key: Buffer.from('k'), value: null, headers: [] };
  const two = { timestampMs: 4, key: null, value: Buffer.alloc(0), headers: [] };
  const buffer = Buffer.concat([Buffer.alloc(3), build([one, two])]);
  patchBaseOffset(buffer, 3, 100);
  const cursor = new RecordCursor();
  cursor.reset(buffer, 3);
  assert.ok(cursor.next());
  assert.equal(cursor.bytes, buffer);
  assert.equal(cursor.bytes.toString('utf8', cursor.keyStart, cursor.keyStart + cursor.keyLength), 'k');
  assert.deepEqual([cursor.offset, cursor.timestampMs, cursor.valueLength], [100, 5, -1]);
  assert.ok(cursor.next());
  assert.deepEqual(
    [cursor.offset, cursor.timestampMs, cursor.keyLength, cursor.valueLength],
    [101, 4, -1, 0],
  );
});

test('a stamped batch gives every record the append time', () => {
  const records = [1, 2].map((timestampMs) => ({ timestampMs, key: null, value: null, headers: [] }));
  const batch = build(records);
  stampLogAppendTime(batch, 0, 77);
  const cursor = new RecordCursor();
  cursor.reset(batch, 0);
  assert.deepEqual(
    readAll(cursor).map((read) => read.timestampMs),
    [77, 77],
  );
  assert.equal(cursor.exactTimestamp(), 77n);
});

test('a timestamp beyond 2^53 saturates, its exact value is there to ask', () => {
  const batch = build([10, 12].map((timestampMs) => ({ timestampMs, key: null, value: null, headers: [] })));
  const base = 2n ** 62n + 1n;
  batch.writeBigInt64BE(base, 27);
  assert.equal(batchExactBaseTimestamp(batch, 0), base);
  const cursor = new RecordCursor();
  cursor.reset(batch, 0);
  cursor.next();
  assert.deepEqual([cursor.timestampMs, cursor.exactTimestamp()], [Number.MAX_SAFE_INTEGER, base]);
  cursor.next();
  assert.deepEqual([cursor.timestampMs, cursor.exactTimestamp()], [Number.MAX_SAFE_INTEGER, base + 2n]);
});

test('a small timestamp is exact although its batch begins beyond 2^53', () => {
  const batch = build(
    [-(2 ** 52), 0].map((timestampMs) => ({ timestampMs, key: null, value: null, headers: [] })),
  );
  batch.writeBigInt64BE(-(2n ** 53n) - 2n ** 51n, 27);
  const cursor = new RecordCursor();
  cursor.reset(batch, 0);
  assert.deepEqual(
    readAll(cursor).map((read) => read.timestampMs),
    [Number.MIN_SAFE_INTEGER, -(2 ** 52) - 2 ** 51],
  );
});

test('what a compressed batch unpacks to is limited', () => {
  const large = { timestampMs: 0, key: null, value: Buffer.alloc(100_000), headers: [] };
  for (const codec of CODECS.slice(1)) {
    const cursor = new RecordCursor({ maxDecompressedBytes: 99_999 });
    assert.throws(() => cursor.reset(build([large], codec), 0), CorruptRecordError);
    assert.equal(cursor.next(), false);
  }
});

// record: length, attributes, timestamp delta, offset delta, key length, value length, header count
const malformed: readonly [string, number[]][] = [
  ['length beyond the batch', [14, 0, 0, 0, 1, 1, 0]],
  ['length shorter than a record', [10, 0, 0, 0, 1, 1, 0]],
  ['negative length', [1, 0, 0, 0, 1, 1, 0]],
  ['offset delta beyond the last', [12, 0, 0, 2, 1, 1, 0]],
  ['negative offset delta', [12, 0, 0, 1, 1, 1, 0]],
  ['key beyond the record', [14, 0, 0, 0, 8, 0, 0, 0]],
  ['key length below -1', [12, 0, 0, 0, 3, 1, 0]],
  ['value beyond the record', [12, 0, 0, 0, 1, 4, 0]],
  ['value length below -1', [12, 0, 0, 0, 1, 3, 0]],
  ['negative header count', [12, 0, 0, 0, 1, 1, 1]],
  ['more headers than bytes', [12, 0, 0, 0, 1, 1, 2]],
  ['bytes after the headers', [14, 0, 0, 0, 1, 1, 0, 0]],
  ['bytes after the last record', [12, 0, 0, 0, 1, 1, 0, 0]],
  ['varint that does not end in the record', [12, 0, 0, 0, 1, 1, 0x80, 0]],
];
for (const [what, recordBytes] of malformed) {
  test(`refuses a ${what}`, () => {
    const cursor = cursorOver(recordBytes);
    assert.throws(() => {
      while (cursor.next());
    }, CorruptRecordError);
  });
}

const malformedHeaders: readonly [string, number[]][] = [
  ['header without a key', [16, 0, 0, 0, 1, 1, 2, 1, 0]],
  ['header key beyond the record', [16, 0, 0, 0, 1, 1, 2, 4, 0]],
  ['header value beyond the record', [16, 0, 0, 0, 1, 1, 2, 0, 2]],
  ['byte after the headers', [18, 0, 0, 0, 1, 1, 2, 0, 0, 0]],
];
for (const [what, recordBytes] of malformedHeaders) {
  test(`refuses a ${what}`, () => {
    const cursor = cursorOver(recordBytes);
    assert.ok(cursor.next());
    assert.throws(() => cursor.headers(), CorruptRecordError);
    assert.throws(() => cursor.encodedHeaders(), CorruptRecordError);
  });
}

test('headers can be copied from record to record without being decoded', () => {
  const [source, target] = [new RecordCursor(), new RecordCursor()];
  fc.assert(
    fc.property(record, fc.constantFrom(...CODECS), (one, codec) => {
      source.reset(build([one], codec), 0);
      assert.ok(source.next());
      const builder = new BatchBuilder();
      builder.append(0, null, one.value, source.encodedHeaders());
      target.reset(builder.build(), 0);
      const copy = { timestampMs: 0, key: null, value: one.value, headers: one.headers };
      assert.deepEqual(readAll(target), [copy]);
    }),
    { numRuns: 50 },
  );
});

function cursorOver(recordBytes: readonly number[]): RecordCursor {
  const template = build([{ timestampMs: 0, key: null, value: null, headers: [] }]);
  const batch = Buffer.concat([template.subarray(0, 61), Buffer.from(recordBytes)]);
  batch.writeInt32BE(batch.length - 12, 8);
  const cursor = new RecordCursor();
  cursor.reset(batch, 0);
  return cursor;
}

test('truncated or damaged batches are errors or records within bounds', () => {
  const cursor = new RecordCursor({ maxDecompressedBytes: 1 << 16 });
  const readsWithinBounds = (batch: Buffer): void => {
    try {
      cursor.reset(batch, 0);
      while (cursor.next()) {
        const {
          bytes: { length },
        } = cursor;
        assert.ok(cursor.keyStart + Math.max(0, cursor.keyLength) <= length);
        assert.ok(cursor.valueStart + Math.max(0, cursor.valueLength) <= length);
        cursor.headers();
        cursor.exactTimestamp();
      }
    } catch (error) {
      assert.ok(error instanceof CorruptRecordError, String(error));
    }
  };
  const [sample] = fc.sample(fc.array(record, { minLength: 3, maxLength: 5 }), { numRuns: 1, seed: 11 });
  for (const codec of CODECS) {
    const batch = build(sample!, codec);
    for (let at = 0; at < batch.length; at++) {
      const cut = Buffer.from(batch.subarray(0, at));
      readsWithinBounds(cut);
      if (at >= 61) {
        cut.writeInt32BE(at - 12, 8);
        readsWithinBounds(cut);
      }
      for (let bit = 0; bit < 8; bit++) {
        const damaged = Buffer.from(batch);
        damaged[at]! ^= 1 << bit;
        readsWithinBounds(damaged);
      }
    }
  }
});
