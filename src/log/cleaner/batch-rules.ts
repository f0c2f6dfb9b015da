import type { Buffer } from 'node:buffer';
import {
  batchBaseTimestamp,
  batchHasDeleteHorizon,
  batchIsControl,
  batchLastOffset,
  batchProducerEpoch,
  batchProducerId,
  batchTotalBytes,
} from '../../record/batch.ts';
import { BatchFilter, emptyBatch } from '../../record/batch-filter.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import type { AbortedEntry } from '../index-entries.ts';
import type { LastBatch } from '../producer-state.ts';
import type { OffsetMap } from './offset-map.ts';
import type { TransactionWalk } from './transactions.ts';

/** What one round of compaction goes by. */
export interface RoundFacts {
  readonly lastOffsets: OffsetMap;
  readonly transactions: TransactionWalk;
  readonly lastBatches: ReadonlyMap<number, LastBatch>;
  readonly nowMs: number;
  readonly deleteRetentionMs: number;
}

export interface CleanedBatch {
  /** Undefined: nothing of the batch stays. */
  readonly bytes: Buffer | undefined;
  /** To be noted with this batch, which is the marker of that transaction. */
  readonly aborted?: AbortedEntry;
}

/**
 * What stays of a batch. Batches must come in the order of the log, from its start.
 *
 *   control: marker spent and past its horizon? ── yes ──> records go
 *   data:    transaction aborted? ──────────────── yes ──> records go
 *            record superseded, or a tombstone past its horizon? ──> it goes
 *   no record left: an empty header if it is the last of an active producer, else nothing
 *   a tombstone, or a spent marker, without a horizon yet: the batch gets one (KIP-534)
 */
export class BatchRules {
  readonly #facts: RoundFacts;
  readonly #filter = new BatchFilter();

  constructor(facts: RoundFacts) {
    this.#facts = facts;
  }

  clean(buffer: Buffer, at: number): CleanedBatch {
    return batchIsControl(buffer, at) ? this.#control(buffer, at) : this.#data(buffer, at);
  }

  #control(buffer: Buffer, at: number): CleanedBatch {
    const { isSpent, aborted } = this.#facts.transactions.marker(buffer, at);
    const horizonMs = deleteHorizon(buffer, at);
    const goes = isSpent && horizonMs !== undefined && horizonMs <= this.#facts.nowMs;
    const { kept } = this.#filter.select(buffer, at, () => !goes);
    if (kept === 0) return { bytes: this.#emptied(buffer, at) };
    const bytes = this.#built(buffer, at, isSpent && horizonMs === undefined);
    return { bytes, ...(aborted && { aborted }) };
  }

  #data(buffer: Buffer, at: number): CleanedBatch {
    if (this.#facts.transactions.isAborted(buffer, at)) return { bytes: this.#emptied(buffer, at) };
    const horizonMs = deleteHorizon(buffer, at);
    const tombstonesGo = horizonMs !== undefined && horizonMs <= this.#facts.nowMs;
    const keeps = (record: RecordCursor) => this.#isNeeded(record, tombstonesGo);
    const { kept, hasTombstone } = this.#filter.select(buffer, at, keeps);
    if (kept === 0) return { bytes: this.#emptied(buffer, at) };
    return { bytes: this.#built(buffer, at, hasTombstone && horizonMs === undefined) };
  }

  #isNeeded(record: RecordCursor, tombstonesGo: boolean): boolean {
    const { lastOffsets } = this.#facts;
    if (record.offset >= lastOffsets.endOffset) return true;
    // From before the topic was compacted: without a key nothing can ever supersede it.
    if (record.keyLength < 0) return false;
    const lastOffset = lastOffsets.get(record.bytes, record.keyStart, record.keyLength);
    return record.offset >= lastOffset && !(tombstonesGo && record.valueLength < 0);
  }

  #built(buffer: Buffer, at: number, wantsHorizon: boolean): Buffer {
    const horizonMs = this.#facts.nowMs + this.#facts.deleteRetentionMs;
    if (wantsHorizon && this.#filter.canCountFrom(horizonMs)) return this.#filter.build(horizonMs);
    if (this.#filter.dropped === 0) return buffer.subarray(at, at + batchTotalBytes(buffer, at));
    return this.#filter.build();
  }

  #emptied(buffer: Buffer, at: number): Buffer | undefined {
    return this.#isLastOfProducer(buffer, at) ? emptyBatch(buffer, at) : undefined;
  }

  /** A restart must find the producer's last sequence; or, of one that has sent none, its epoch. */
  #isLastOfProducer(buffer: Buffer, at: number): boolean {
    const last = this.#facts.lastBatches.get(batchProducerId(buffer, at));
    if (last === undefined) return false;
    if (last.lastOffset !== undefined) return last.lastOffset === batchLastOffset(buffer, at);
    return batchIsControl(buffer, at) && last.epoch === batchProducerEpoch(buffer, at);
  }
}

function deleteHorizon(buffer: Buffer, at: number): number | undefined {
  return batchHasDeleteHorizon(buffer, at) ? batchBaseTimestamp(buffer, at) : undefined;
}
