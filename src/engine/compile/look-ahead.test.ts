import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { CorruptRecordError } from '../../record/corrupt-record-error.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import { KeyPrefetch, MOST_PREFETCHED } from '../store/key-prefetch.ts';
import { KeyTable } from '../store/key-table.ts';
import { KeyedValues } from '../store/keyed-values.ts';
import { type KeyReader, lookingAhead, textKeyReader } from './look-ahead.ts';

function batchOf(count: number): Buffer {
  const builder = new BatchBuilder();
  for (let n = 0; n < count; n++) builder.append(n, Buffer.from(`player${n}`), null);
  return builder.build();
}

/** Of so many keys that looking ahead pays. */
function manyKeys(): KeyTable {
  const keys = new KeyTable();
  const values = new KeyedValues<object>(keys);
  for (let n = 0; n < 40_000; n++) values.set(`player${n}`, { n });
  return keys;
}

/** What is read ahead and consumed, in this order: `+3` and `3` of the record at offset 3. */
function run(keys: KeyTable, batches: readonly Buffer[]): { steps: string[]; error: unknown } {
  const reader = textKeyReader(new KeyPrefetch(keys, []));
  const steps: string[] = [];
  const noting: KeyReader = {
    prefetch: reader.prefetch,
    read: (cursor) => {
      steps.push(`+${cursor.offset}`);
      reader.read(cursor);
    },
  };
  const consume = lookingAhead((cursor) => steps.push(String(cursor.offset)), [noting]);
  const cursor = new RecordCursor();
  try {
    for (const batch of batches) {
      cursor.reset(batch, 0);
      while (cursor.next()) consume(cursor, 0);
    }
  } catch (error) {
    return { steps, error };
  }
  return { steps, error: undefined };
}

const offsets = (from: number, to: number, prefix = '') =>
  Array.from({ length: to - from }, (_, index) => `${prefix}${from + index}`);

describe('looking ahead', () => {
  it('reads the keys of the records that are consumed next, in their batch', () => {
    const count = MOST_PREFETCHED + 2;
    const { steps, error } = run(manyKeys(), [batchOf(count), batchOf(2)]);
    assert.equal(error, undefined);
    assert.deepEqual(steps, [
      ...offsets(0, MOST_PREFETCHED, '+'),
      ...offsets(0, MOST_PREFETCHED),
      ...offsets(MOST_PREFETCHED, count, '+'),
      ...offsets(MOST_PREFETCHED, count),
      ...offsets(0, 2, '+'),
      ...offsets(0, 2),
    ]);
  });

  it('leaves a corrupt record to whoever consumes it', () => {
    const batch = batchOf(4);
    const cursor = new RecordCursor();
    cursor.reset(batch, 0);
    for (let n = 0; n < 3; n++) cursor.next();
    // The length of its key, beyond its end.
    batch[cursor.keyStart - 1] = 0x7e;
    const { steps, error } = run(manyKeys(), [batch]);
    assert.ok(error instanceof CorruptRecordError);
    assert.deepEqual(steps, ['+0', '+1', '0', '1']);
  });

  it('does not look while there are few keys', () => {
    assert.deepEqual(run(new KeyTable(), [batchOf(3)]).steps, offsets(0, 3));
  });

  it('touches what stores have of the keys', () => {
    const keys = new KeyTable();
    const values = new KeyedValues<{ n: number }>(keys);
    for (let n = 0; n < 100; n += 2) values.set(`player${n}`, { n });
    const touched: number[] = [];
    const store = {
      prefetch: (numbers: Int32Array, count: number) =>
        values.prefetch(numbers, count, ({ n }) => touched.push(n)),
    };
    const prefetch = new KeyPrefetch(keys, [store]);
    for (const name of ['player4', 'player5', 'nobody', 'player98']) {
      const bytes = Buffer.from(name);
      prefetch.addAscii(bytes, 0, bytes.length);
    }
    prefetch.add('player8');
    prefetch.run();
    assert.deepEqual(touched, [4, 98, 8]);
  });
});
