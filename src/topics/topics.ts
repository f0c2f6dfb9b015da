import type { Buffer } from 'node:buffer';

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicDescription {
  readonly name: string;
  /** A new random UUID for each incarnation of the name, as 32 hex digits. */
  readonly topicId: string;
  readonly partitionCount: number;
  readonly replicationFactor: number;
  /** Only what was set explicitly; everything else has Kafka's default. */
  readonly config: ReadonlyMap<string, string>;
  /** Made by the server for itself (offsets, transactions, commands). */
  readonly internal: boolean;
}

export type Isolation = 'read_uncommitted' | 'read_committed';

export interface PartitionOffsets {
  readonly logStartOffset: number;
  /** First offset that is not yet durable. */
  readonly highWatermark: number;
  /** First offset a read_committed reader may not see; at most the high watermark. */
  readonly lastStableOffset: number;
}

/** What a read returns: whole v2 batches as they lie on disk. */
export interface LogChunk extends PartitionOffsets {
  /** The first batch may begin below the asked offset; empty when there is nothing to read yet. */
  readonly bytes: Buffer;
  /** Where the next read goes on; equal to the asked offset when `bytes` is empty. */
  readonly nextOffset: number;
  /** Aborted transactions overlapping `bytes`; always empty for read_uncommitted. */
  readonly abortedTransactions: readonly AbortedTransaction[];
}

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface NewTopic {
  readonly name: string;
  readonly partitionCount: number;
  readonly replicationFactor?: number;
  readonly config?: ReadonlyMap<string, string>;
  readonly internal?: boolean;
}

/** One unsealed batch (see record/batch-builder.ts) on its way to a partition. */
export interface PartitionBatch extends TopicPartition {
  readonly batch: Buffer;
}

/** How far a reader has come: the next offset it wants. */
export interface Position extends TopicPartition {
  readonly offset: number;
}

/**
 * The log as every part above it sees it: in this process (`broker/local-topics.ts`) or an Apache Kafka
 * cluster (`cluster/`). It moves bytes and small messages only, so it can be served across threads.
 * Rejections are `TopicError`s.
 */
export interface Topics {
  /** Durable when resolved. Rejects with TOPIC_ALREADY_EXISTS. */
  create(topic: NewTopic): Promise<TopicDescription>;
  /** Durable when resolved. Rejects with UNKNOWN_TOPIC_OR_PARTITION. */
  delete(name: string): Promise<void>;
  /** All topics, or those of `names` that exist. */
  describe(names?: readonly string[]): Promise<readonly TopicDescription[]>;
  offsets(partition: TopicPartition): Promise<PartitionOffsets>;
  /** Up to about `maxBytes`, but at least one batch when there is one. Never waits for data. */
  read(
    partition: TopicPartition,
    offset: number,
    options: { readonly maxBytes: number; readonly isolation: Isolation },
  ): Promise<LogChunk>;
  /** Seals and appends one batch; resolves with its base offset once it is durable. */
  append(batch: PartitionBatch): Promise<number>;
  /**
   * Takes over `transactionalId`: fences its earlier owner, ends a transaction that owner left
   * (committed if its commit was durable, else aborted), and returns the new owner's handle.
   */
  transact(transactionalId: string): Promise<TransactionalWriter>;
  /** Calls back, soon after and possibly batched, when high watermark or last stable offset move. */
  watch(partitions: readonly TopicPartition[], onAdvance: () => void): () => void;
}

/** The one living owner of a transactional id. */
export interface TransactionalWriter {
  /** The positions that this id's group committed last, inside its transactions. */
  positions(group: string): Promise<readonly Position[]>;
  /**
   * One transaction: batches and positions become visible together or not at all. Resolves when the commit
   * is durable and visible to read_committed readers. Rejects with PRODUCER_FENCED when another owner took over;
   * after any other rejection the outcome is settled by the next `transact`.
   */
  commit(work: {
    readonly batches: readonly PartitionBatch[];
    readonly group: string;
    readonly positions: readonly Position[];
  }): Promise<readonly number[]>;
}

/** What the log, near or far, refuses or cannot do. */
export class TopicError extends Error {
  /** A name of Kafka's error table, for example UNKNOWN_TOPIC_OR_PARTITION. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TopicError';
    this.code = code;
  }
}
