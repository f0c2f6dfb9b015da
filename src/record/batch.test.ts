import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchBaseSequence,
  batchExactMaxTimestamp,
  batchHasDeleteHorizon,
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchLastSequence,
  batchLeaderEpoch,
  batchMaxTimestamp,
  batchProducerEpoch,
  batchProducerId,
  batchRecordCount,
  batchTimestampType,
  batchTotalBytes,
  checkBatchHeader,
  crcIsValid,
  patchBaseOffset,
  patchLeaderEpoch,
  stampLogAppendTime,
  walkBatches,
} from './batch.ts';
import { BatchBuilder, sealBatch } from './batch-builder.ts';
import { CorruptRecordError } from './corrupt-record-error.ts';

function sealed(recordCount = 3): Buffer {
  const builder = new BatchBuilder();
  for (let index = 0; index < recordCount; index++) {
    builder.append(1000 - index, Buffer.from(`k${index}`), Buffer.from('value'));
  }
  const batch = builder.build();
  sealBatch(batch, { producerId: 2 ** 40, producerEpoch: 3, baseSequence: 2 ** 31 - 2, transactional: true });
  return batch;
}

test('fields are read where the batch stands in a larger buffer', () => {
  const batch = sealed();
  const buffer = Buffer.concat([Buffer.alloc(7), batch, Buffer.alloc(5)]);
  patchBaseOffset(buffer, 7, 2 ** 41 + 5);
  patchLeaderEpoch(buffer, 7, 12);
  assert.equal(batchBaseOffset(buffer, 7), 2 ** 41 + 5);
  assert.equal(batchLastOffset(buffer, 7), 2 ** 41 + 7);
  assert.equal(batchLeaderEpoch(buffer, 7), 12);
  assert.equal(batchTotalBytes(buffer, 7), batch.length);
  assert.equal(batchRecordCount(buffer, 7), 3);
  assert.equal(batchMaxTimestamp(buffer, 7), 1000);
  assert.equal(batchProducerId(buffer, 7), 2 ** 40);
  assert.equal(batchProducerEpoch(buffer, 7), 3);
  assert.equal(batchBaseSequence(buffer, 7), 2 ** 31 - 2);
  assert.equal(batchLastSequence(buffer, 7), 0, 'sequences wrap');
  assert.equal(batchIsTransactional(buffer, 7), true);
  assert.equal(batchIsControl(buffer, 7), false);
  assert.equal(batchHasDeleteHorizon(buffer, 7), false);
  assert.equal(batchTimestampType(buffer, 7), 'CreateTime');
  assert.equal(crcIsValid(buffer, 7), true, 'patches lie outside the CRC');
});

test('the CRC notices every bit of what it covers', () => {
  const batch = sealed();
  for (let at = 17; at < batch.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      batch[at]! ^= 1 << bit;
      assert.equal(crcIsValid(batch, 0), false, `byte ${at} bit ${bit}`);
      batch[at]! ^= 1 << bit;
    }
  }
  assert.equal(crcIsValid(batch, 0), true);
});

test('log append time is stamped under a new CRC', () => {
  const batch = sealed();
  stampLogAppendTime(batch, 0, 1_700_000_000_000);
  assert.equal(crcIsValid(batch, 0), true);
  assert.equal(batchTimestampType(batch, 0), 'LogAppendTime');
  assert.equal(batchMaxTimestamp(batch, 0), 1_700_000_000_000);
  assert.equal(batchIsTransactional(batch, 0), true);
});

test('timestamps beyond 2^53 saturate, their bytes stay exact', () => {
  const batch = sealed();
  for (const [exact, saturated] of [
    [2n ** 63n - 1n, Number.MAX_SAFE_INTEGER],
    [-(2n ** 63n), Number.MIN_SAFE_INTEGER],
    [2n ** 53n - 1n, Number.MAX_SAFE_INTEGER],
    [-1n, -1],
  ] as const) {
    batch.writeBigInt64BE(exact, 35);
    assert.equal(batchMaxTimestamp(batch, 0), saturated);
    assert.equal(batchExactMaxTimestamp(batch, 0), exact);
  }
});

const faults: readonly [string, (batch: Buffer) => unknown][] = [
  ['BAD_MAGIC', (batch) => batch.writeInt8(1, 16)],
  ['BAD_MAGIC', (batch) => batch.fill(0)],
  ['BAD_LENGTH', (batch) => batch.writeInt32BE(48, 8)],
  ['BAD_LENGTH', (batch) => batch.writeInt32BE(-1, 8)],
  ['BAD_OFFSET', (batch) => batch.writeBigInt64BE(-1n, 0)],
  ['BAD_OFFSET', (batch) => batch.writeBigInt64BE(2n ** 53n - 2n, 0)],
  ['BAD_OFFSET', (batch) => batch.writeBigInt64BE(2n ** 63n - 1n, 0)],
  ['BAD_OFFSET', (batch) => batch.writeInt32BE(-1, 23)],
  ['BAD_COUNT', (batch) => batch.writeInt32BE(-1, 57)],
  ['BAD_COUNT', (batch) => batch.writeInt32BE(4, 57)],
  ['BAD_CODEC', (batch) => batch.writeInt16BE(5, 21)],
  ['BAD_PRODUCER', (batch) => batch.writeBigInt64BE(2n ** 60n, 43)],
  ['TRUNCATED', (batch) => batch.writeInt32BE(2 ** 31 - 1, 8)],
];
for (const [fault, damage] of faults) {
  test(`${fault}: ${damage.toString().slice(11)}`, () => {
    const batch = sealed();
    assert.equal(checkBatchHeader(batch, 0), undefined);
    damage(batch);
    assert.equal(checkBatchHeader(batch, 0), fault);
  });
}

test('every shorter prefix of a batch is truncated', () => {
  const batch = sealed();
  for (let end = 0; end < batch.length; end++) assert.equal(checkBatchHeader(batch, 0, end), 'TRUNCATED');
});

test('compaction may leave offsets without records', () => {
  const batch = sealed();
  batch.writeInt32BE(0, 57);
  assert.equal(checkBatchHeader(batch, 0), undefined);
});

test('walking gives whole batches, ends before a part of one, throws on garbage', () => {
  const [first, second] = [sealed(1), sealed(4)];
  const both = Buffer.concat([first, second]);
  const starts = [0, first.length];
  assert.deepEqual([...walkBatches(both)], starts);
  assert.deepEqual([...walkBatches(both, first.length)], [first.length]);
  for (const cut of [1, 20, BATCH_HEADER_BYTES]) {
    const partial = Buffer.concat([both, second.subarray(0, cut)]);
    assert.deepEqual([...walkBatches(partial)], starts);
  }
  assert.throws(() => [...walkBatches(Buffer.concat([both, Buffer.alloc(30)]))], CorruptRecordError);
  assert.deepEqual([...walkBatches(Buffer.alloc(0))], []);
});
