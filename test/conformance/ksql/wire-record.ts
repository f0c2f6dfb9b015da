import type { HeaderToWrite } from '../../../src/record/batch-builder.ts';
import type { RecordCursor } from '../../../src/record/record-cursor.ts';

/** A record as it lies in a topic. */
export interface WireRecord {
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly timestampMs: number;
  readonly headers: readonly HeaderToWrite[];
}

/** A copy of the cursor's current record. */
export function wireRecordOf(cursor: RecordCursor): WireRecord {
  const key = cursor.key();
  const value = cursor.value();
  return {
    key: key && Buffer.from(key),
    value: value && Buffer.from(value),
    timestampMs: cursor.timestampMs,
    headers: cursor.headers(),
  };
}
