import {
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchProducerId,
  batchTotalBytes,
} from '../record/batch.ts';
import { readControlBatch } from '../record/control-record.ts';
import { assertIntact } from '../record/intact.ts';
import { RecordCursor } from '../record/record-cursor.ts';
import type { AbortedTransaction, LogChunk } from '../topics/topics.ts';

/**
 * Walks the records of a read_committed chunk that a consumer may see: control batches and batches of aborted
 * transactions are passed over, and records before the asked offset, with which the first batch may begin. A batch that
 * the disk has changed is a CorruptRecordError.
 *
 *   aborted transaction of producer 7:   [data 7] [data 9] [data 7] [abort marker 7] [data 7]
 *                                          skip      see     skip        skip           see
 */
export class CommittedRecords {
  readonly cursor = new RecordCursor();
  #bytes: Buffer = Buffer.alloc(0);
  #nextBatch = 0;
  #inBatch = false;
  #fromOffset = 0;
  #aborted: readonly AbortedTransaction[] = [];
  #abortedSeen = 0;
  readonly #abortedProducers = new Set<number>();

  load(chunk: LogChunk, fromOffset: number): void {
    this.#bytes = chunk.bytes;
    this.#nextBatch = 0;
    this.#inBatch = false;
    this.#fromOffset = fromOffset;
    this.#aborted = chunk.abortedTransactions.toSorted((a, b) => a.firstOffset - b.firstOffset);
    this.#abortedSeen = 0;
    this.#abortedProducers.clear();
  }

  /** Moves `cursor` to the next record; false at the end of the chunk. */
  next(): boolean {
    for (;;) {
      if (!this.#inBatch && !this.#openBatch()) return false;
      while (this.cursor.next()) if (this.cursor.offset >= this.#fromOffset) return true;
      this.#inBatch = false;
    }
  }

  #openBatch(): boolean {
    while (this.#nextBatch < this.#bytes.length) {
      const at = this.#nextBatch;
      this.#nextBatch = at + batchTotalBytes(this.#bytes, at);
      if (this.#isHidden(at)) continue;
      assertIntact(this.#bytes, at);
      this.cursor.reset(this.#bytes, at);
      this.#inBatch = true;
      return true;
    }
    return false;
  }

  #isHidden(at: number): boolean {
    if (!batchIsTransactional(this.#bytes, at)) return batchIsControl(this.#bytes, at);
    const lastOffset = batchLastOffset(this.#bytes, at);
    for (; this.#abortedSeen < this.#aborted.length; this.#abortedSeen++) {
      const { producerId, firstOffset } = this.#aborted[this.#abortedSeen] as AbortedTransaction;
      if (firstOffset > lastOffset) break;
      this.#abortedProducers.add(producerId);
    }
    const producerId = batchProducerId(this.#bytes, at);
    if (!batchIsControl(this.#bytes, at)) return this.#abortedProducers.has(producerId);
    if (readControlBatch(this.#bytes, at)?.outcome === 'abort') this.#abortedProducers.delete(producerId);
    return true;
  }
}
