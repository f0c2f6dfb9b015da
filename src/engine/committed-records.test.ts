import assert from 'node:assert/strict';
import { it } from 'node:test';
import { clientBatch } from '../log/log-fixture.ts';
import { CorruptRecordError } from '../record/corrupt-record-error.ts';
import { CommittedRecords } from './committed-records.ts';

function valuesIn(bytes: Buffer): string[] {
  const records = new CommittedRecords();
  const positions = { nextOffset: 1, logStartOffset: 0, highWatermark: 1, lastStableOffset: 1 };
  records.load({ bytes, abortedTransactions: [], ...positions }, 0);
  const values: string[] = [];
  while (records.next()) values.push(String(records.cursor.value()));
  return values;
}

it('a record that the disk has changed is no other record', () => {
  const batch = clientBatch('{"V":1}');
  assert.deepEqual(valuesIn(batch), ['{"V":1}']);
  const digit = batch.lastIndexOf('1');
  batch.write('2', digit);
  assert.throws(() => valuesIn(batch), CorruptRecordError);
});
