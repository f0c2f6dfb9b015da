import { Buffer } from 'node:buffer';
import type { LogConfig } from './log-config.ts';
import { LogError } from './log-error.ts';
import type { Isolation, LogRead, ReadOptions, TimestampedOffset } from './log-types.ts';
import type { ReadGate } from './read-gate.ts';
import type { TimeMark } from './segment.ts';
import type { BatchPlace, SegmentList } from './segment-list.ts';
import type { BatchRange } from './segment-read.ts';
import type { Tail } from './tail-cache.ts';
import { findFirstAt, firstRecordAt } from './time-lookup.ts';

/** What a reader must know of its log; all of it may change while a read waits for the disk. */
export interface ReadView {
  readonly topic: string;
  readonly partition: number;
  readonly logStartOffset: number;
  readonly endOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly failure: Error | undefined;
  /** A file is gone, cut, changed or cannot be opened: to be told to whoever runs this. */
  noteUnreadable(fault: LogError): void;
  readonly config: LogConfig;
  /** Below it compaction has rewritten what was appended. */
  readonly rewrittenBelow: number;
}

/** Reads one partition: from memory at its end, else from its segments; never at or above the reader's limit. */
export class PartitionReader {
  readonly #view: ReadView;
  readonly #segments: SegmentList;
  readonly #tail: Tail;
  readonly #gate: ReadGate;

  constructor(view: ReadView, segments: SegmentList, tail: Tail, gate: ReadGate) {
    this.#gate = gate;
    this.#view = view;
    this.#segments = segments;
    this.#tail = tail;
  }

  /** Batches and aborted transactions of one state of the files. */
  read(offset: number, options: ReadOptions): Promise<LogRead> {
    return this.#pass(() => this.#read(offset, options));
  }

  async #read(offset: number, options: ReadOptions): Promise<LogRead> {
    const { logStartOffset, endOffset, highWatermark, lastStableOffset } = this.#view;
    if (offset < logStartOffset || offset > endOffset) throw this.outOfRange(offset);
    const isCommitted = options.isolation === 'read_committed';
    const visibleEnd = isCommitted ? lastStableOffset : highWatermark;
    const limitOffset = Math.min(visibleEnd, options.upTo ?? Number.POSITIVE_INFINITY);
    const range =
      offset < limitOffset ? await this.#readRange(offset, options.maxBytes, limitOffset) : undefined;
    // Compaction may have left nothing up to the limit.
    const nextOffset = range?.nextOffset ?? Math.max(offset, limitOffset);
    const aborted =
      isCommitted && range !== undefined ? await this.#segments.abortedBetween(offset, nextOffset) : [];
    const abortedTransactions = aborted.map(({ producerId, firstOffset }) => ({ producerId, firstOffset }));
    // If the segment went meanwhile, so did its index of aborted transactions.
    if (isCommitted && offset < this.#view.logStartOffset) throw this.outOfRange(offset);
    const pieces = range?.pieces ?? [];
    return {
      pieces,
      // Only when asked for: what goes to a socket stays in pieces.
      get bytes() {
        return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
      },
      nextOffset,
      logStartOffset,
      highWatermark,
      lastStableOffset,
      abortedTransactions,
    };
  }

  bytesAvailable(offset: number, isolation: Isolation): number {
    const limitOffset = this.#limit(isolation);
    if (offset >= limitOffset) return 0;
    const isInTail = offset >= this.#view.rewrittenBelow;
    const exact = isInTail ? this.#tail.bytesFrom(offset, limitOffset) : undefined;
    return exact ?? Math.max(1, this.#segments.bytesFrom(offset, this.#view.endOffset));
  }

  findTimestamp(targetMs: number, isolation: Isolation): Promise<TimestampedOffset | undefined> {
    return this.#pass(() =>
      findFirstAt([...this.#segments.all], {
        targetMs,
        from: this.#view.logStartOffset,
        to: this.#limit(isolation),
        indexIntervalBytes: this.#view.config.indexIntervalBytes,
      }),
    );
  }

  /** The first record with the timestamp of a mark; undefined while its batch is not durable. */
  recordOf({ timestampMs, offset }: TimeMark): Promise<TimestampedOffset | undefined> {
    return this.#pass(async () => {
      const { logStartOffset, highWatermark } = this.#view;
      if (offset < logStartOffset || offset >= highWatermark) return undefined;
      const range = await this.#readRange(offset, 1, highWatermark);
      const query = { targetMs: timestampMs, from: logStartOffset, to: highWatermark };
      return range && firstRecordAt(range.pieces[0]!, 0, query);
    });
  }

  /** Where a file holds the batch of `offset`, or one shortly before it; undefined while no file does. */
  locate(offset: number): Promise<BatchPlace | undefined> {
    return this.#pass(async () => {
      const { logStartOffset, highWatermark, config } = this.#view;
      // What is not durable yet has no place that could be relied on.
      const durable = Math.min(offset, highWatermark - 1);
      if (durable < logStartOffset) return undefined;
      return this.#segments.locate(durable, config.indexIntervalBytes);
    });
  }

  /** Behind all transactions that are known to be aborted. */
  abortedBelow(): Promise<number> {
    return this.#pass(async () => {
      const aborted = await this.#segments.abortedBetween(0, Number.POSITIVE_INFINITY);
      return aborted.reduce((end, { lastOffset }) => Math.max(end, lastOffset + 1), 0);
    });
  }

  outOfRange(offset: number): LogError {
    const { topic, partition, logStartOffset, highWatermark } = this.#view;
    const range = `${logStartOffset} to ${highWatermark}`;
    return new LogError(
      'OFFSET_OUT_OF_RANGE',
      `offset ${offset} of ${topic}-${partition} is outside ${range}`,
    );
  }

  /** What the disk does not give is an error of this partition: its readers learn so, and others are none the wiser. */
  async #pass<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await this.#gate.pass(work);
    } catch (error) {
      if (error instanceof LogError && error.code !== 'KAFKA_STORAGE_ERROR') throw error;
      if (error === this.#view.failure) throw error;
      const fault = error instanceof LogError ? error : this.#unreadable(error as Error);
      this.#view.noteUnreadable(fault);
      throw fault;
    }
  }

  #unreadable(cause: Error): LogError {
    const { topic, partition } = this.#view;
    const message = `${topic}-${partition} cannot be read: ${cause.message}`;
    return new LogError('KAFKA_STORAGE_ERROR', message, { cause });
  }

  #limit(isolation: Isolation): number {
    return isolation === 'read_committed' ? this.#view.lastStableOffset : this.#view.highWatermark;
  }

  async #readRange(offset: number, maxBytes: number, limitOffset: number): Promise<BatchRange | undefined> {
    const limits = { maxBytes, limitOffset };
    const isInTail = offset >= this.#view.rewrittenBelow;
    const recent = isInTail ? this.#tail.read(offset, limits) : undefined;
    if (recent !== undefined) return recent;
    try {
      return await this.#segments.read(offset, limits, this.#view.config.indexIntervalBytes);
    } catch (error) {
      // Retention or DeleteRecords may have removed the file under the read.
      if (offset < this.#view.logStartOffset) throw this.outOfRange(offset);
      throw this.#view.failure ?? error;
    }
  }
}
