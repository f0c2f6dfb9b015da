import { Buffer } from 'node:buffer';
import { RecordCursor } from '../../record/record-cursor.ts';
import type { SnapshotBatch, StateRecord } from './snapshot.ts';

const AT_ONCE = 1024;

/**
 * Two snapshots as one, in the order of keys: of a key that is in both, the later record counts. Holds a batch of each at
 * a time. `isFirst`: nothing lies before them that a deletion could be about.
 */
export async function* mergeSnapshots(
  earlier: AsyncIterable<SnapshotBatch>,
  later: AsyncIterable<SnapshotBatch>,
  isFirst: boolean,
): AsyncIterable<readonly StateRecord[]> {
  const [a, b] = [new Side(earlier), new Side(later)];
  let merged: StateRecord[] = [];
  await a.advance();
  await b.advance();
  while (a.record !== undefined || b.record !== undefined) {
    const order = compareKeys(a.record, b.record);
    const record = (order < 0 ? a.record : b.record) as StateRecord;
    if (record.value !== null || !isFirst) merged.push(record);
    if (order <= 0 && !a.next()) await a.advance();
    if (order >= 0 && !b.next()) await b.advance();
    if (merged.length < AT_ONCE) continue;
    yield merged;
    merged = [];
  }
  yield merged;
}

/** Nothing comes after everything. */
function compareKeys(a: StateRecord | undefined, b: StateRecord | undefined): number {
  if (a === undefined) return 1;
  return b === undefined ? -1 : Buffer.compare(a.key, b.key);
}

class Side {
  readonly #batches: AsyncIterator<SnapshotBatch>;
  readonly #cursor = new RecordCursor();
  record: StateRecord | undefined;

  constructor(batches: AsyncIterable<SnapshotBatch>) {
    this.#batches = batches[Symbol.asyncIterator]();
  }

  /** To the next record of the batch; false: `advance`. */
  next(): boolean {
    if (!this.#cursor.next()) return false;
    const { timestampMs } = this.#cursor;
    this.record = { key: this.#cursor.key() as Buffer, value: this.#cursor.value(), timestampMs };
    return true;
  }

  async advance(): Promise<void> {
    this.record = undefined;
    for (;;) {
      const step = await this.#batches.next();
      if (step.done) return;
      this.#cursor.reset(step.value.bytes, step.value.at);
      if (this.next()) return;
    }
  }
}
