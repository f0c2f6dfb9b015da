import type { Buffer } from 'node:buffer';
import { walkBatches } from '../../record/batch.ts';
import { emptyBatch } from '../../record/batch-filter.ts';
import { CLEANED_SUFFIX } from '../file-names.ts';
import { emptySummary, Segment, type SegmentEnvironment } from '../segment.ts';
import type { BatchRules, CleanedBatch } from './batch-rules.ts';
import { slicesOf } from './slices.ts';

export interface RewriteOptions {
  readonly environment: SegmentEnvironment;
  readonly indexIntervalBytes: number;
  readonly signal: AbortSignal;
}

/** What the rules leave of neighbouring segments, as one durable segment of files that do not count yet. */
export async function rewriteSegments(
  group: readonly Segment[],
  rules: BatchRules,
  options: RewriteOptions,
): Promise<Segment> {
  const output = new SegmentOutput(group, options);
  try {
    for (const segment of group) {
      for await (const slice of slicesOf(segment, options.signal)) {
        for (const at of walkBatches(slice)) output.take(slice, at, rules.clean(slice, at));
        await output.write();
      }
    }
    await output.finish();
    return output.segment;
  } finally {
    await output.segment.forget();
  }
}

/** The new segment as it grows: batches are entered in order and written in large pieces, all before `finish`. */
class SegmentOutput {
  readonly segment: Segment;
  readonly #options: RewriteOptions;
  #pending: Buffer[] = [];
  #position = 0;
  /** The batch before this one was dropped. */
  #dropped: { readonly buffer: Buffer; readonly at: number } | undefined;

  constructor(group: readonly Segment[], options: RewriteOptions) {
    const { baseOffset, folder } = group[0]!;
    this.#options = options;
    this.segment = new Segment(options.environment, folder, emptySummary(baseOffset), {
      fresh: true,
      nowMs: group.at(-1)!.createdMs,
      suffix: CLEANED_SUFFIX,
    });
  }

  /** What the rules left of the batch at `at`. */
  take(buffer: Buffer, at: number, { bytes, aborted }: CleanedBatch): void {
    this.#dropped = bytes === undefined ? { buffer, at } : undefined;
    if (bytes !== undefined) this.#add(bytes);
    if (aborted !== undefined) this.segment.enterAborted(aborted);
  }

  async write(): Promise<void> {
    if (this.#pending.length === 0) return;
    const batches = this.#pending;
    const position = this.#position;
    this.#pending = [];
    this.#position = this.segment.bytes;
    const { files } = this.#options.environment;
    await files.use(this.segment.path, (handle) => handle.write(batches, position), { create: true });
  }

  async finish(): Promise<void> {
    const { segment } = this;
    // The end of the segment must be told by its last batch, even by an empty one; see swap.ts.
    if (this.#dropped !== undefined) this.#add(emptyBatch(this.#dropped.buffer, this.#dropped.at));
    await this.write();
    segment.sealTimeIndex();
    await segment.sealAborted();
    await this.#options.environment.files.use(segment.path, (handle) => handle.sync());
    await segment.flushIndexes({ sync: true, all: true });
  }

  #add(batch: Buffer): void {
    this.segment.enter(batch, 0, this.#options.indexIntervalBytes);
    this.#pending.push(batch);
  }
}
