import { LogError } from './log-error.ts';
import type { ActiveProducer, OpenTransaction, TransactionMarker } from './log-types.ts';

/** Kafka allows five batches in flight per producer, so any of the last five may come again. */
export const REMEMBERED_BATCHES = 5;
/** Of a batch whose order its writer keeps by other means. */
export const NO_SEQUENCE = -1;
const MAX_SEQUENCE = 2 ** 31 - 1;

/** What the log must know of a data batch of an idempotent producer. */
export interface ProducerBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastOffsetDelta: number;
  readonly maxTimestampMs: number;
  readonly transactional: boolean;
}

export interface AppendedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly timestampMs: number;
}

export interface ProducerEntry {
  readonly producerId: number;
  epoch: number;
  /** Oldest first, all of `epoch`. */
  batches: AppendedBatch[];
  lastTimestampMs: number;
  /** Wall time of the last append in this process: unlike record timestamps, clients cannot set it in the past. */
  lastSeenMs: number;
  /** -1 before the first marker. */
  coordinatorEpoch: number;
  /** -1 outside a transaction. */
  transactionFirstOffset: number;
}

/** The newest numbered batch of a producer; without an offset, only markers and unnumbered ones are known. */
export interface LastBatch {
  readonly epoch: number;
  readonly lastOffset: number | undefined;
}

export interface CompletedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
  /** The marker's. */
  readonly lastOffset: number;
  readonly aborted: boolean;
  /** First offset still undecided once this transaction is complete. */
  readonly lastStableOffset: number;
}

/** Sequences run over the non-negative int32 and wrap to 0. */
export function advanceSequence(sequence: number, by: number): number {
  return (sequence + by) % (MAX_SEQUENCE + 1);
}

/**
 * What every producer did last to one partition: finds retries, gaps and fenced epochs, and keeps the
 * offsets up to which transactions are decided.
 *
 *   open ──marker appended──> settling ──marker durable──> forgotten (aborted ones live on in the index)
 *
 * A transaction counts as undecided until its marker is durable: the high watermark may lie inside it, and
 * a read_committed reader must not see the part below.
 */
export class ProducerStates {
  readonly #entries = new Map<number, ProducerEntry>();
  /** In the order of first offsets, since a transaction is entered when its first batch is appended. */
  readonly #open = new Map<number, number>();
  readonly #settling: CompletedTransaction[] = [];

  constructor(entries: readonly ProducerEntry[] = []) {
    for (const entry of entries) this.#entries.set(entry.producerId, entry);
    const open = entries.filter((entry) => entry.transactionFirstOffset >= 0);
    open.sort((a, b) => a.transactionFirstOffset - b.transactionFirstOffset);
    for (const entry of open) this.#open.set(entry.producerId, entry.transactionFirstOffset);
  }

  get entries(): IterableIterator<ProducerEntry> {
    return this.#entries.values();
  }

  get count(): number {
    return this.#entries.size;
  }

  /** Throws when the batch may not be appended; returns the original when it is a retry of one. */
  check(batch: ProducerBatch, beginsAtZero = false): AppendedBatch | undefined {
    const entry = this.#entries.get(batch.producerId);
    if (entry === undefined) {
      // KIP-360: the state may have been expired or deleted with the records, so any sequence may start.
      if (beginsAtZero && batch.baseSequence > 0) throw outOfOrder(batch, 0);
      return undefined;
    }
    this.#checkEpoch(entry, batch.producerEpoch);
    const original = batch.baseSequence === NO_SEQUENCE ? undefined : this.#checkSequence(entry, batch);
    if (original !== undefined) return original;
    if (entry.transactionFirstOffset >= 0 && !batch.transactional) {
      throw new LogError(
        'INVALID_TXN_STATE',
        `producer ${batch.producerId} sent a batch outside its open transaction, which began at offset ${entry.transactionFirstOffset}`,
      );
    }
    return undefined;
  }

  #checkSequence(entry: ProducerEntry, batch: ProducerBatch): AppendedBatch | undefined {
    if (batch.producerEpoch === entry.epoch) {
      const lastSequence = advanceSequence(batch.baseSequence, batch.lastOffsetDelta);
      const original = entry.batches.find(
        (known) => known.firstSequence === batch.baseSequence && known.lastSequence === lastSequence,
      );
      if (original !== undefined) return original;
    }
    const expected = nextSequence(entry, batch.producerEpoch);
    if (batch.baseSequence !== expected) throw outOfOrder(batch, expected);
    return undefined;
  }

  /** Enters a checked batch (or, in recovery, one that lies in the log). */
  append(batch: ProducerBatch, baseOffset: number, nowMs: number): void {
    const entry = this.#entryAt(batch.producerId, batch.producerEpoch, nowMs);
    if (batch.baseSequence !== NO_SEQUENCE) remember(entry, batch, baseOffset);
    entry.lastTimestampMs = batch.maxTimestampMs;
    if (batch.transactional && entry.transactionFirstOffset < 0) {
      entry.transactionFirstOffset = baseOffset;
      this.#open.set(batch.producerId, baseOffset);
    }
  }

  /** Why a marker must not be appended. INVALID_PRODUCER_EPOCH: what is open here is not the transaction it ends. */
  markerProblem(marker: TransactionMarker): LogError | undefined {
    const { producerId, producerEpoch, coordinatorEpoch, isBumped } = marker;
    const entry = this.#entries.get(producerId);
    if (entry === undefined) return undefined;
    // The same marker again does no harm while nothing is open: a start repeats those that a crash left unnoted.
    const isOver = isBumped === true && producerEpoch === entry.epoch && entry.transactionFirstOffset >= 0;
    if (producerEpoch < entry.epoch || isOver) {
      const reached = `which has reached epoch ${entry.epoch}`;
      return new LogError(
        'INVALID_PRODUCER_EPOCH',
        `marker of epoch ${producerEpoch} for producer ${producerId}, ${reached}`,
      );
    }
    if (coordinatorEpoch >= entry.coordinatorEpoch) return undefined;
    return new LogError(
      'TRANSACTION_COORDINATOR_FENCED',
      `marker of coordinator epoch ${coordinatorEpoch} for producer ${producerId} after one of epoch ${entry.coordinatorEpoch}`,
    );
  }

  /** Ends the producer's transaction at the marker; undefined when it had none here. */
  complete(marker: TransactionMarker, offset: number, nowMs: number): CompletedTransaction | undefined {
    const entry = this.#entryAt(marker.producerId, marker.producerEpoch, nowMs);
    entry.coordinatorEpoch = marker.coordinatorEpoch;
    entry.lastTimestampMs = nowMs;
    const firstOffset = entry.transactionFirstOffset;
    if (firstOffset < 0) return undefined;
    entry.transactionFirstOffset = -1;
    this.#open.delete(marker.producerId);
    const completed: CompletedTransaction = {
      producerId: marker.producerId,
      firstOffset,
      lastOffset: offset,
      aborted: marker.outcome === 'abort',
      lastStableOffset: this.#firstOpenOffset() ?? offset + 1,
    };
    this.#settling.push(completed);
    return completed;
  }

  /** First offset of any transaction that is open or whose marker is not durable. */
  firstUnstableOffset(highWatermark: number): number | undefined {
    while (this.#settling.length > 0 && this.#settling[0]!.lastOffset < highWatermark) this.#settling.shift();
    let first = this.#firstOpenOffset();
    for (const settling of this.#settling) {
      if (first === undefined || settling.firstOffset < first) first = settling.firstOffset;
    }
    return first;
  }

  openTransactions(): OpenTransaction[] {
    return [...this.#open].map(([producerId, firstOffset]) => {
      return { producerId, producerEpoch: this.#entries.get(producerId)!.epoch, firstOffset };
    });
  }

  active(): ActiveProducer[] {
    return [...this.#entries.values()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.epoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestampMs: entry.lastTimestampMs,
      coordinatorEpoch: entry.coordinatorEpoch,
      transactionFirstOffset: entry.transactionFirstOffset,
    }));
  }

  /** For compaction, which keeps of every producer what a restart must still find. */
  lastBatches(): Map<number, LastBatch> {
    const found = new Map<number, LastBatch>();
    for (const { producerId, epoch, batches } of this.#entries.values()) {
      found.set(producerId, { epoch, lastOffset: batches.at(-1)?.lastOffset });
    }
    return found;
  }

  /** Forgets producers that were silent since `beforeMs`, never one with an open transaction. */
  expire(beforeMs: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.lastSeenMs < beforeMs && entry.transactionFirstOffset < 0) {
        this.#entries.delete(entry.producerId);
      }
    }
  }

  #firstOpenOffset(): number | undefined {
    return this.#open.values().next().value;
  }

  #checkEpoch(entry: ProducerEntry, epoch: number): void {
    if (epoch >= entry.epoch) return;
    throw new LogError(
      'INVALID_PRODUCER_EPOCH',
      `producer ${entry.producerId} sent epoch ${epoch}, but epoch ${entry.epoch} took over`,
    );
  }

  #entryAt(producerId: number, epoch: number, nowMs: number): ProducerEntry {
    let entry = this.#entries.get(producerId);
    if (entry === undefined) {
      entry = {
        producerId,
        epoch,
        batches: [],
        lastTimestampMs: -1,
        lastSeenMs: nowMs,
        coordinatorEpoch: -1,
        transactionFirstOffset: -1,
      };
      this.#entries.set(producerId, entry);
    } else if (entry.epoch !== epoch) {
      entry.epoch = epoch;
      entry.batches = [];
    }
    entry.lastSeenMs = nowMs;
    return entry;
  }
}

function outOfOrder({ producerId, producerEpoch, baseSequence }: ProducerBatch, expected: number): LogError {
  return new LogError(
    'OUT_OF_ORDER_SEQUENCE_NUMBER',
    `producer ${producerId} (epoch ${producerEpoch}) sent sequence ${baseSequence}, expected ${expected}`,
  );
}

function nextSequence(entry: ProducerEntry, epoch: number): number {
  const last = entry.batches.at(-1);
  return epoch === entry.epoch && last !== undefined ? advanceSequence(last.lastSequence, 1) : 0;
}

function remember(entry: ProducerEntry, batch: ProducerBatch, baseOffset: number): void {
  entry.batches.push({
    firstSequence: batch.baseSequence,
    lastSequence: advanceSequence(batch.baseSequence, batch.lastOffsetDelta),
    baseOffset,
    lastOffset: baseOffset + batch.lastOffsetDelta,
    timestampMs: batch.maxTimestampMs,
  });
  if (entry.batches.length > REMEMBERED_BATCHES) entry.batches.shift();
}
