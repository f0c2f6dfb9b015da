import { Buffer } from 'node:buffer';
import {
  BATCH_HEADER_BYTES,
  batchBaseTimestamp,
  batchCodec,
  batchRecordCount,
  batchTimestampType,
  rewriteHeader,
} from './batch.ts';
import { CODECS, compress } from './compression.ts';
import { RecordCursor } from './record-cursor.ts';
import { varintSize, varlongSize, writeVarint, writeVarlong } from './varint.ts';

/** What a choice among the records of a batch has come to. */
export interface Selection {
  readonly kept: number;
  /** A kept record without a value. */
  readonly hasTombstone: boolean;
}

/**
 * Takes records out of a batch for compaction: first `select`, then perhaps `build`. Offsets, sequences, producer,
 * epoch and codec stay those of the batch, so a client sees the same records at the same places, only fewer.
 *
 *   before   [ header count=3 | a b c ]
 *   after    [ header count=2 | a   c ]      base offset, last offset delta, sequences as before
 */
export class BatchFilter {
  readonly #cursor = new RecordCursor();
  #batch: Buffer = Buffer.alloc(0);
  #position = 0;
  /** Three for each kept record: where it starts, where its offset delta starts, where it ends. */
  #places: number[] = [];
  #timestampsMs: number[] = [];
  /** How many records of the batch were not selected. */
  dropped = 0;

  /** The CRC is the caller's business. */
  select(buffer: Buffer, position: number, keeps: (cursor: RecordCursor) => boolean): Selection {
    const cursor = this.#cursor;
    this.#batch = buffer;
    this.#position = position;
    this.#places = [];
    this.#timestampsMs = [];
    let hasTombstone = false;
    cursor.reset(buffer, position);
    while (cursor.next()) {
      if (!keeps(cursor)) continue;
      this.#places.push(cursor.start, cursor.deltaStart, cursor.end);
      this.#timestampsMs.push(cursor.timestampMs);
      hasTombstone ||= cursor.valueLength < 0;
    }
    const kept = this.#timestampsMs.length;
    this.dropped = batchRecordCount(buffer, position) - kept;
    return { kept, hasTombstone };
  }

  /**
   * Whether the records' timestamps can be counted from `deleteHorizonMs`. A topic may allow any int64, and one that
   * was saturated on reading, or is near it, cannot be written anew: such a batch keeps its tombstones.
   */
  canCountFrom(deleteHorizonMs: number): boolean {
    return this.#timestampsMs.every((timestampMs) =>
      Number.isSafeInteger(2 * (timestampMs - deleteHorizonMs)),
    );
  }

  /** The batch with the selected records, of which there must be one, in memory of its own. */
  build(deleteHorizonMs?: number): Buffer {
    const isStamped = batchTimestampType(this.#batch, this.#position) === 'LogAppendTime';
    // Of stamped batches nobody reads the deltas.
    const records =
      deleteHorizonMs === undefined || isStamped ? this.#copies() : this.#countedFrom(deleteHorizonMs);
    const codec = CODECS[batchCodec(this.#batch, this.#position)]!;
    const stored = compress(codec, records);
    const batch = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES + stored.length);
    this.#batch.copy(batch, 0, this.#position, this.#position + BATCH_HEADER_BYTES);
    batch.set(stored, BATCH_HEADER_BYTES);
    const maxTimestampMs = isStamped ? undefined : this.#maxTimestamp();
    rewriteHeader(batch, {
      recordCount: this.#timestampsMs.length,
      ...(maxTimestampMs !== undefined && { maxTimestampMs }),
      ...(deleteHorizonMs !== undefined && { deleteHorizonMs }),
    });
    return batch;
  }

  /** Undefined where saturation hides the true value: the batch then keeps its own. */
  #maxTimestamp(): number | undefined {
    const base = batchBaseTimestamp(this.#batch, this.#position);
    let max = Number.NEGATIVE_INFINITY;
    for (const timestampMs of this.#timestampsMs) max = Math.max(max, timestampMs);
    const isExact = Math.abs(base) < Number.MAX_SAFE_INTEGER && Math.abs(max) < Number.MAX_SAFE_INTEGER;
    return isExact ? max : undefined;
  }

  #copies(): Buffer {
    const { bytes } = this.#cursor;
    const parts: Buffer[] = [];
    for (let i = 0; i < this.#places.length; ) {
      const start = this.#places[i]!;
      let end = this.#places[i + 2]!;
      for (i += 3; this.#places[i] === end; i += 3) end = this.#places[i + 2]!;
      parts.push(bytes.subarray(start, end));
    }
    return Buffer.concat(parts);
  }

  #countedFrom(baseTimestampMs: number): Buffer {
    const { bytes } = this.#cursor;
    const bodyBytes = this.#timestampsMs.map((timestampMs, i) => {
      const restBytes = this.#places[i * 3 + 2]! - this.#places[i * 3 + 1]!;
      return 1 + varlongSize(timestampMs - baseTimestampMs) + restBytes;
    });
    const totalBytes = bodyBytes.reduce((sum, length) => sum + varintSize(length) + length, 0);
    const records = Buffer.allocUnsafe(totalBytes);
    let at = 0;
    for (const [i, timestampMs] of this.#timestampsMs.entries()) {
      at = writeVarint(records, at, bodyBytes[i]!);
      records[at++] = 0;
      at = writeVarlong(records, at, timestampMs - baseTimestampMs);
      at += bytes.copy(records, at, this.#places[i * 3 + 1]!, this.#places[i * 3 + 2]!);
    }
    return records;
  }
}

/** What stays of a batch that has lost all records and must still tell its offsets or its producer's sequence. */
export function emptyBatch(buffer: Buffer, position: number): Buffer {
  const batch = Buffer.from(buffer.subarray(position, position + BATCH_HEADER_BYTES));
  rewriteHeader(batch, { recordCount: 0 });
  return batch;
}
