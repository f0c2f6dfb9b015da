import type { Logger } from '../../base/logger.ts';
import { batchIsControl, walkBatches } from '../../record/batch.ts';
import { CorruptRecordError } from '../../record/corrupt-record-error.ts';
import { RecordCursor } from '../../record/record-cursor.ts';
import type { LogConfig } from '../log-config.ts';
import type { LastBatch } from '../producer-state.ts';
import type { ReadGate } from '../read-gate.ts';
import { Segment, type SegmentEnvironment } from '../segment.ts';
import type { SegmentList } from '../segment-list.ts';
import { BatchRules } from './batch-rules.ts';
import { type Cleanable, cleanable, groupSegments, isDue } from './cleanable.ts';
import { OffsetMap } from './offset-map.ts';
import { rewriteSegments } from './rewrite.ts';
import { slicesOf } from './slices.ts';
import { completeSwap, offerIndexes, offerLog, removeLeftovers } from './swap.ts';
import { TransactionWalk } from './transactions.ts';

/** What compaction must know of its log. */
export interface CleanerView {
  readonly topic: string;
  readonly partition: number;
  readonly logStartOffset: number;
  readonly lastStableOffset: number;
  readonly failure: Error | undefined;
  readonly config: LogConfig;
}

export interface CleanerParts {
  readonly environment: SegmentEnvironment & { readonly logger: Logger };
  readonly folder: string;
  readonly segments: SegmentList;
  readonly gate: ReadGate;
  readonly lastBatches: () => ReadonlyMap<number, LastBatch>;
  /** Below it the log was compacted; undefined when it never was. A lower bound will do. */
  readonly firstDirtyOffset: number | undefined;
  /** Makes {@link PartitionCleaner.firstDirtyOffset} durable. */
  readonly persist: () => Promise<void>;
  /** Nobody knows which files have changed places. */
  readonly onFailure: (error: Error) => void;
  /** {@link PartitionCleaner.rewrites} has grown: who holds places in the files must let go of them now. */
  readonly onRewrite: () => void;
}

/**
 * Compacts one partition: keeps of each key the last record, at its offset.
 *
 *   round   read the dirty part ──> last offset of each key
 *           for each group of segments from the log start: rewrite ──> swap
 *
 * Invariant: groups are swapped from the log start on, so a tombstone never goes before what it deletes; and the log
 * is marked as one with gaps before the first is made.
 */
export class PartitionCleaner {
  readonly #view: CleanerView;
  readonly #parts: CleanerParts;
  #firstDirtyOffset: number | undefined;
  #rewrittenBelow = 0;
  #rewrites = 0;
  #running: { readonly abort: AbortController; readonly done: Promise<void> } | undefined;
  /** Damage was found: rewriting would hide it, so nothing is until the partition is opened anew. */
  #gaveUp = false;

  constructor(view: CleanerView, parts: CleanerParts) {
    this.#view = view;
    this.#parts = parts;
    this.#firstDirtyOffset = parts.firstDirtyOffset;
  }

  get firstDirtyOffset(): number | undefined {
    return this.#firstDirtyOffset;
  }

  /** Batches below are no longer what was appended: what is kept of them in memory does not count. */
  get rewrittenBelow(): number {
    return this.#rewrittenBelow;
  }

  get rewrites(): number {
    return this.#rewrites;
  }

  /** The dirty share of a log that should be compacted now. */
  dueShare(nowMs: number): number | undefined {
    const range = this.#range(nowMs);
    if (range === undefined || !isDue(range, this.#view.config, nowMs)) return undefined;
    return range.dirtyBytes / range.totalBytes;
  }

  /** Compacts all that may be, in as many rounds as the memory for keys needs. */
  async run(options: { readonly nowMs: number; readonly dedupeBytes: number }): Promise<void> {
    if (this.#running !== undefined) return;
    const abort = new AbortController();
    const done = this.#run(options, abort.signal).finally(() => {
      this.#running = undefined;
    });
    this.#running = { abort, done };
    await done;
  }

  /** Ends a compaction before its next swap; the segments are the caller's until it starts another. */
  async stop(): Promise<void> {
    this.#running?.abort.abort();
    await this.#running?.done;
  }

  async #run(
    options: { readonly nowMs: number; readonly dedupeBytes: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { environment, folder } = this.#parts;
    try {
      await removeLeftovers(environment.files, folder);
      const endOffset = this.#range(options.nowMs)?.endOffset ?? 0;
      for (;;) {
        const range = this.#range(options.nowMs);
        if (range === undefined || range.firstDirtyOffset >= endOffset) break;
        await this.#round(range, options, signal);
      }
    } catch (error) {
      if (!signal.aborted) this.#report(error);
      // What cannot be removed now the next run removes first.
      await removeLeftovers(environment.files, folder).catch(() => undefined);
    }
  }

  async #round(
    range: Cleanable,
    options: { readonly nowMs: number; readonly dedupeBytes: number },
    signal: AbortSignal,
  ): Promise<void> {
    const { segments, environment, lastBatches } = this.#parts;
    const { config } = this.#view;
    const aborted = await segments.abortedBetween(range.segments[0]!.baseOffset, range.endOffset);
    const lastOffsets = await this.#lastOffsets(
      range,
      new TransactionWalk(aborted),
      options.dedupeBytes,
      signal,
    );
    await this.#markSparse();
    const rules = new BatchRules({
      lastOffsets,
      transactions: new TransactionWalk(aborted),
      lastBatches: lastBatches(),
      nowMs: options.nowMs,
      deleteRetentionMs: config.deleteRetentionMs,
    });
    const concerned = range.segments.filter(({ baseOffset }) => baseOffset < lastOffsets.endOffset);
    const rewrite = { environment, indexIntervalBytes: config.indexIntervalBytes, signal };
    for (const group of groupSegments(concerned, config.segmentBytes, range.endOffset)) {
      const cleaned = await rewriteSegments(group, rules, rewrite);
      signal.throwIfAborted();
      await this.#swap(group, cleaned);
    }
    this.#firstDirtyOffset = lastOffsets.endOffset;
    await this.#parts.persist();
    const { topic, partition } = this.#view;
    environment.logger.debug('a log was compacted', { topic, partition, upTo: lastOffsets.endOffset });
  }

  /** Reads the dirty part as far as the memory for its keys reaches. */
  async #lastOffsets(
    range: Cleanable,
    transactions: TransactionWalk,
    dedupeBytes: number,
    signal: AbortSignal,
  ): Promise<OffsetMap> {
    const { firstDirtyOffset, endOffset, segments } = range;
    const map = new OffsetMap(endOffset - firstDirtyOffset, dedupeBytes);
    const cursor = new RecordCursor();
    for (const [i, segment] of segments.entries()) {
      if ((segments[i + 1]?.baseOffset ?? endOffset) <= firstDirtyOffset) continue;
      for await (const slice of slicesOf(segment, signal)) {
        for (const at of walkBatches(slice)) {
          if (batchIsControl(slice, at)) transactions.marker(slice, at);
          else if (!transactions.isAborted(slice, at)) {
            cursor.reset(slice, at);
            if (!enterKeys(map, cursor, firstDirtyOffset)) return map;
          }
        }
      }
    }
    map.endOffset = endOffset;
    return map;
  }

  /** A log with gaps looks damaged to a recovery that does not expect them. */
  async #markSparse(): Promise<void> {
    if (this.#firstDirtyOffset !== undefined) return;
    this.#firstDirtyOffset = this.#view.logStartOffset;
    await this.#parts.persist();
  }

  async #swap(group: readonly Segment[], cleaned: Segment): Promise<void> {
    const { environment, folder, segments, gate, onFailure, onRewrite } = this.#parts;
    const { files } = environment;
    const { baseOffset } = cleaned;
    // A sealed segment has a successor.
    const endOffset = segments.all[segments.all.indexOf(group.at(-1)!) + 1]!.baseOffset;
    await offerIndexes(files, folder, baseOffset);
    try {
      await offerLog(files, folder, baseOffset);
      await gate.close(async () => {
        this.#rewrites++;
        onRewrite();
        for (const old of group) await old.forget();
        const bases = group.map((old) => old.baseOffset);
        await completeSwap(files, folder, baseOffset, bases);
        const next = new Segment(environment, folder, cleaned.summary, {
          fresh: false,
          nowMs: cleaned.createdMs,
        });
        next.abortedCrc = cleaned.abortedCrc;
        segments.replace(group, next);
        this.#rewrittenBelow = Math.max(this.#rewrittenBelow, endOffset);
      });
    } catch (error) {
      onFailure(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  #range(nowMs: number): Cleanable | undefined {
    const { config, failure, logStartOffset, lastStableOffset } = this.#view;
    if (this.#gaveUp || failure !== undefined || !config.cleanupPolicy.has('compact')) return undefined;
    const firstDirtyOffset = this.#firstDirtyOffset ?? 0;
    return cleanable(
      { segments: this.#parts.segments.all, logStartOffset, lastStableOffset, firstDirtyOffset },
      config,
      nowMs,
    );
  }

  #report(error: unknown): void {
    this.#gaveUp = error instanceof CorruptRecordError;
    const { topic, partition } = this.#view;
    const remedy = this.#gaveUp ? 'it is not compacted until the next start' : 'it is tried again';
    this.#parts.environment.logger.error(`compacting a log failed: ${remedy}`, {
      topic,
      partition,
      error: String(error),
    });
  }
}

/** False when the map was full before the batch's end; it then covers what lies below. */
function enterKeys(map: OffsetMap, cursor: RecordCursor, firstDirtyOffset: number): boolean {
  while (cursor.next()) {
    if (cursor.keyLength < 0 || cursor.offset < firstDirtyOffset) continue;
    if (map.put(cursor.bytes, cursor.keyStart, cursor.keyLength, cursor.offset)) continue;
    map.endOffset = cursor.offset;
    return false;
  }
  return true;
}
