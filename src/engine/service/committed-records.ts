import type { Buffer } from 'node:buffer';
import {
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchProducerId,
  walkBatches,
} from '../../record/batch.ts';
import { readControlBatch } from '../../record/control-record.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import type { LogChunk } from '../../topics/topics.ts';

/**
 * The records of a read_committed chunk from `fromOffset` on. A chunk holds whole batches as they lie in the log, so
 * it begins below the asked offset at times, and batches of aborted transactions are still in it: those between the
 * first offset of an aborted transaction and its producer's abort marker. The cursor is moved for each yield.
 */
export function* committedRecords(chunk: LogChunk, fromOffset: number): Generator<RecordCursor> {
  const cursor = new RecordCursor();
  for (const position of committedBatches(chunk.bytes, chunk)) {
    cursor.reset(chunk.bytes, position);
    while (cursor.next()) if (cursor.offset >= fromOffset) yield cursor;
  }
}

function* committedBatches(bytes: Buffer, chunk: LogChunk): Generator<number> {
  const begun = [...chunk.abortedTransactions].sort((a, b) => a.firstOffset - b.firstOffset);
  const aborted = new Set<number>();
  for (const position of walkBatches(bytes)) {
    while (begun[0] && begun[0].firstOffset <= batchLastOffset(bytes, position))
      aborted.add(begun.shift()!.producerId);
    const producerId = batchProducerId(bytes, position);
    if (batchIsControl(bytes, position)) {
      if (readControlBatch(bytes, position)?.outcome === 'abort') aborted.delete(producerId);
    } else if (!(batchIsTransactional(bytes, position) && aborted.has(producerId))) {
      yield position;
    }
  }
}
