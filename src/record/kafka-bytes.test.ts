import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkBatchHeader, crcIsValid } from './batch.ts';
import { BatchBuilder, controlBatch, sealBatch } from './batch-builder.ts';
import type { Codec } from './compression.ts';
import { RecordCursor } from './record-cursor.ts';

// Written by kafka-clients 4.1.0: MemoryRecords.builder with base offset 0, producer 5 epoch 1 sequence 7,
// transactional, leader epoch 9, and the three records below.
const WRITTEN_BY_KAFKA: Record<Codec, string> = {
  none:
    'AAAAAAAAAAAAAABzAAAACQJCjW3rABAAAAACAAABi8/laAAAAAGLz+Vr6AAAAAAAAAAFAAEAAAAHAAAAA1oAAAAEazE6dmFsdWUg' +
    'b25lIHZhbHVlIG9uZSB2YWx1ZSBvbmUEAmgEAQICbgESAM8PAgEEdjIAEgDQDwQEazMBAA==',
  gzip:
    'AAAAAAAAAAAAAAB2AAAACQLG7A2AABEAAAACAAABi8/laAAAAAGLz+Vr6AAAAAAAAAAFAAEAAAAHAAAAAx+LCAAAAAAAAP+LYmBg' +
    'YMk2tCpLzClNVcjPS1XAwmJhymBhZGLKYxRiOM/PxMhSZsQgxHCBn4Ul25iRAQBPv+KvQgAAAA==',
  snappy:
    'AAAAAAAAAAAAAAB6AAAACQJJbgm/ABIAAAACAAABi8/laAAAAAGLz+Vr6AAAAAAAAAAFAAEAAAAHAAAAA4JTTkFQUFkAAAAAAQAA' +
    'AAEAAAA1QkRaAAAABGsxOnZhbHVlIG9uZSBKCgBwBAJoBAECAm4BEgDPDwIBBHYyABIA0A8EBGszAQA=',
  lz4:
    'AAAAAAAAAAAAAAB2AAAACQKodC8xABMAAAACAAABi8/laAAAAAGLz+Vr6AAAAAAAAAAFAAEAAAAHAAAAAwQiTRhgQII2AAAA/wNa' +
    'AAAABGsxOnZhbHVlIG9uZSAKAADwDgQCaAQBAgJuARIAzw8CAQR2MgASANAPBARrMwEAAAAAAA==',
  zstd:
    'AAAAAAAAAAAAAABzAAAACQICuIB6ABQAAAACAAABi8/laAAAAAGLz+Vr6AAAAAAAAAAFAAEAAAAHAAAAAyi1L/0AWLQBAPQCWgAA' +
    'AARrMTp2YWx1ZSBvbmUgBAJoBAECAm4BEgDPDwIBBHYyABIA0A8EBGszAQABAJqUMAEAAA==',
};

const RECORDS = [
  {
    timestampMs: 1_700_000_000_000,
    key: 'k1',
    value: 'value one value one value one',
    headers: [
      { key: 'h', value: Buffer.from([1, 2]) },
      { key: 'n', value: null },
    ],
  },
  { timestampMs: 1_699_999_999_000, key: null, value: 'v2', headers: [] },
  { timestampMs: 1_700_000_001_000, key: 'k3', value: null, headers: [] },
];

for (const [codec, text] of Object.entries(WRITTEN_BY_KAFKA)) {
  test(`reads what Kafka writes: ${codec}`, () => {
    const batch = Buffer.from(text, 'base64');
    assert.equal(checkBatchHeader(batch, 0), undefined);
    assert.equal(crcIsValid(batch, 0), true);
    const cursor = new RecordCursor();
    cursor.reset(batch, 0);
    const records = [];
    while (cursor.next()) {
      records.push({
        timestampMs: cursor.timestampMs,
        key: cursor.key()?.toString() ?? null,
        value: cursor.value()?.toString() ?? null,
        headers: cursor.headers(),
      });
    }
    assert.deepEqual(records, RECORDS);
  });
}

test('writes what Kafka writes, byte for byte', () => {
  const builder = new BatchBuilder();
  for (const { timestampMs, key, value, headers } of RECORDS) {
    builder.append(
      timestampMs,
      key === null ? null : Buffer.from(key),
      value === null ? null : Buffer.from(value),
      headers,
    );
  }
  const batch = builder.build();
  sealBatch(batch, { producerId: 5, producerEpoch: 1, baseSequence: 7, transactional: true });
  batch.writeInt32BE(9, 12);
  assert.equal(batch.toString('base64'), WRITTEN_BY_KAFKA.none);
});

// MemoryRecords.withEndTransactionMarker: offset 42, leader epoch 3, producer 5 epoch 1, COMMIT by coordinator 8.
const COMMIT_MARKER =
  'AAAAAAAAACoAAABCAAAAAwIcq6SJADAAAAAAAAABi8/laAAAAAGLz+VoAAAAAAAAAAAFAAH/////AAAAASAAAAAIAAAAAQwAAAAA' +
  'AAgA';

test('ends a transaction as Kafka does, byte for byte', () => {
  const marker = controlBatch({
    producerId: 5,
    producerEpoch: 1,
    coordinatorEpoch: 8,
    outcome: 'commit',
    timestampMs: 1_700_000_000_000,
  });
  marker.writeBigInt64BE(42n, 0);
  marker.writeInt32BE(3, 12);
  assert.equal(marker.toString('base64'), COMMIT_MARKER);
});
