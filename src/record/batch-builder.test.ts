import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  batchBaseTimestamp,
  batchIsControl,
  batchIsTransactional,
  batchMaxTimestamp,
  batchProducerId,
  batchRecordCount,
  checkBatchHeader,
  crcIsValid,
} from './batch.ts';
import { BatchBuilder, controlBatch, sealBatch } from './batch-builder.ts';
import { readControlBatch } from './control-record.ts';
import { RecordCursor } from './record-cursor.ts';

const value = Buffer.from('0123456789');

test('offset deltas count up, sizes are exact', () => {
  const builder = new BatchBuilder();
  assert.equal(builder.append(5, null, value), 0);
  assert.equal(builder.append(3, value, null, [{ key: 'ключ', value }]), 1);
  assert.equal(builder.count, 2);
  assert.equal(builder.build().length, builder.sizeBytes);
});

test('the base timestamp is the first, the maximum the largest', () => {
  const builder = new BatchBuilder();
  for (const timestampMs of [-5, -9, -1, -3]) builder.append(timestampMs, null, value);
  const batch = builder.build();
  assert.deepEqual([batchBaseTimestamp(batch, 0), batchMaxTimestamp(batch, 0)], [-5, -1]);
});

test('a full batch takes no more, an empty one takes anything', () => {
  const builder = new BatchBuilder({ maxBytes: 100 });
  assert.equal(builder.append(0, null, Buffer.alloc(5000)), 0);
  assert.equal(builder.append(0, null, value), -1);
  assert.equal(builder.count, 1);
  builder.reset();
  assert.equal(builder.append(0, null, value), 0);
  assert.equal(builder.append(0, null, value), 1);
  assert.equal(builder.append(0, null, value), -1);
  assert.ok(builder.sizeBytes <= 100);
  assert.equal(batchRecordCount(builder.build(), 0), 2);
});

test('a batch keeps its bytes when the builder goes on', () => {
  const builder = new BatchBuilder();
  builder.append(1, null, Buffer.from('first'));
  const first = builder.build();
  builder.reset();
  builder.append(2, null, Buffer.from('other'));
  const cursor = new RecordCursor();
  cursor.reset(first, 0);
  assert.ok(cursor.next());
  assert.equal(cursor.value()?.toString(), 'first');
  assert.equal(first.buffer.byteLength, first.length, 'memory of its own');
});

test('an unsealed batch is whole but for its CRC; sealing twice replaces the first seal', () => {
  const builder = new BatchBuilder();
  builder.append(1, null, value);
  const batch = builder.build();
  assert.equal(checkBatchHeader(batch, 0), undefined);
  assert.equal(crcIsValid(batch, 0), false);
  sealBatch(batch, { producerId: 7, producerEpoch: 0, baseSequence: 0, transactional: true });
  assert.ok(crcIsValid(batch, 0) && batchIsTransactional(batch, 0));
  sealBatch(batch);
  assert.ok(crcIsValid(batch, 0) && !batchIsTransactional(batch, 0));
  assert.equal(batchProducerId(batch, 0), -1);
});

test('an empty batch cannot be built', () => {
  assert.throws(() => new BatchBuilder().build(), /at least one record/);
});

for (const outcome of ['commit', 'abort'] as const) {
  test(`a control batch says ${outcome}`, () => {
    const batch = controlBatch({
      producerId: 9,
      producerEpoch: 2,
      coordinatorEpoch: 4,
      outcome,
      timestampMs: 1,
    });
    assert.ok(crcIsValid(batch, 0) && batchIsControl(batch, 0) && batchIsTransactional(batch, 0));
    assert.deepEqual(readControlBatch(batch, 0), { outcome, coordinatorEpoch: 4 });
  });
}

test('control records of other kinds end no transaction', () => {
  const builder = new BatchBuilder();
  builder.append(1, Buffer.from([0, 0, 0, 2]), Buffer.alloc(6));
  assert.equal(readControlBatch(builder.build(), 0), undefined);
});
