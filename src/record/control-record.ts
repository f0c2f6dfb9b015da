import { CorruptRecordError } from './corrupt-record-error.ts';
import { RecordCursor } from './record-cursor.ts';

/*
 * The one record of a control batch that ends a transaction (KIP-98); big-endian.
 *
 *   key    2 version = 0   2 type: 0 abort, 1 commit (others, as KRaft's, are to be skipped)
 *   value  2 version = 0   4 epoch of the transaction coordinator
 */
export type TransactionOutcome = 'commit' | 'abort';

export interface ControlRecord {
  readonly outcome: TransactionOutcome;
  readonly coordinatorEpoch: number;
}

const ABORT = 0;
const COMMIT = 1;

export function controlKey(outcome: TransactionOutcome): Buffer {
  const key = Buffer.alloc(4);
  key.writeInt16BE(outcome === 'commit' ? COMMIT : ABORT, 2);
  return key;
}

export function controlValue(coordinatorEpoch: number): Buffer {
  const value = Buffer.alloc(6);
  value.writeInt32BE(coordinatorEpoch, 2);
  return value;
}

/** What the control batch at `position` says; undefined when it ends no transaction. */
export function readControlBatch(buffer: Buffer, position: number): ControlRecord | undefined {
  const cursor = new RecordCursor();
  cursor.reset(buffer, position);
  if (!cursor.next()) return undefined;
  const key = cursor.key();
  const value = cursor.value();
  if (key === null || key.length < 4) throw new CorruptRecordError('control record without a type');
  const type = key.readInt16BE(2);
  if (type !== ABORT && type !== COMMIT) return undefined;
  if (value === null || value.length < 6) throw new CorruptRecordError('control record without an epoch');
  return { outcome: type === COMMIT ? 'commit' : 'abort', coordinatorEpoch: value.readInt32BE(2) };
}
