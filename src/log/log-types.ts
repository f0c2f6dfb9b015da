import type { Buffer } from 'node:buffer';

export type Isolation = 'read_uncommitted' | 'read_committed';

export interface AppendOptions {
  readonly origin: 'client' | 'internal';
  /**
   * KIP-890: of a producer nobody knows here this must be the first batch. Its state is never lost during a transaction,
   * so another sequence means that the batch before is still on its way.
   */
  readonly beginsAtZero?: boolean;
}

/** The answer to an append. Offsets are final at once; the bytes are safe when `durable` resolves. */
export interface Appended {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** -1 under CreateTime. */
  readonly logAppendTimeMs: number;
  /** The batch was already in the log (a retry of an idempotent producer); offsets are those of the original. */
  readonly duplicate: boolean;
  /** Rejects with KAFKA_STORAGE_ERROR when the write or its sync failed. For a duplicate: that of the original. */
  readonly durable: Promise<void>;
}

export interface TransactionMarker {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly outcome: 'commit' | 'abort';
  /** KIP-890: it ends the epoch before its own, so a producer that reached its own has gone on since. */
  readonly isBumped?: boolean;
}

export interface ReadOptions {
  /** Soft limit: at least one whole batch is returned when there is one. */
  readonly maxBytes: number;
  readonly isolation: Isolation;
  /** Batches that begin at or above this offset are left out. */
  readonly upTo?: number;
}

/** Whole batches as they lie on disk, with the state of the partition they were read from. */
export interface LogRead {
  /** Whole batches each: what is sent on need not be joined. */
  readonly pieces: readonly Buffer[];
  /** All pieces as one; copies them when there are several. */
  readonly bytes: Buffer;
  readonly nextOffset: number;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly abortedTransactions: readonly AbortedRange[];
}

/** A read_committed reader drops the producer's records from `firstOffset` up to the next abort marker. */
export interface AbortedRange {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface TimestampedOffset {
  readonly offset: number;
  readonly timestampMs: number;
  readonly leaderEpoch: number;
}

export interface OpenTransaction {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly firstOffset: number;
}

/** One row of DescribeProducers. */
export interface ActiveProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** -1 when only markers are known. */
  readonly lastSequence: number;
  readonly lastTimestampMs: number;
  readonly coordinatorEpoch: number;
  /** -1 outside a transaction. */
  readonly transactionFirstOffset: number;
}
