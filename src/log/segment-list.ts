import type { AbortedEntry } from './index-entries.ts';
import type { Segment, TimeMark } from './segment.ts';
import { type BatchRange, type ReadLimits, readSegment, scanStart } from './segment-read.ts';

/** Where a batch begins, for whoever opens the file. */
export interface BatchPlace {
  readonly path: string;
  readonly position: number;
}

/** The segments of a partition in the order of their base offsets, the active one last. */
export class SegmentList {
  readonly #segments: Segment[];

  constructor(segments: readonly Segment[]) {
    this.#segments = [...segments];
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get last(): Segment | undefined {
    return this.#segments.at(-1);
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0);
  }

  /** The largest timestamp of all, and the last offset of the first batch that has it. */
  newest(logStartOffset: number): TimeMark | undefined {
    let newest: Segment | undefined;
    for (const segment of this.#segments) {
      if (segment.maxTimestampOffset < logStartOffset || segment.maxTimestampMs < 0) continue;
      if (newest === undefined || segment.maxTimestampMs > newest.maxTimestampMs) newest = segment;
    }
    return newest && { timestampMs: newest.maxTimestampMs, offset: newest.maxTimestampOffset };
  }

  push(segment: Segment): void {
    this.#segments.push(segment);
  }

  /** Takes out the segments that lie wholly below `offset`; never the last, nor one whose successor has no file yet. */
  takeBelow(offset: number): Segment[] {
    return this.#segments.splice(0, this.#countBelow(offset));
  }

  /** Whether there are any to take. */
  hasBelow(offset: number): boolean {
    return this.#countBelow(offset) > 0;
  }

  /** `next` takes the place of the neighbours it was made from. */
  replace(replaced: readonly Segment[], next: Segment): void {
    this.#segments.splice(this.#segments.indexOf(replaced[0]!), replaced.length, next);
  }

  async read(
    offset: number,
    limits: ReadLimits,
    indexIntervalBytes: number,
  ): Promise<BatchRange | undefined> {
    for (const segment of this.#segments.slice(this.#indexOf(offset))) {
      if (segment.baseOffset >= limits.limitOffset) return undefined;
      const range = await readSegment(segment, offset, limits, indexIntervalBytes);
      if (range !== undefined) return range;
    }
    return undefined;
  }

  /** Where the batch of `offset` begins, or one shortly before it. */
  async locate(offset: number, indexIntervalBytes: number): Promise<BatchPlace | undefined> {
    const segment = this.#segments[this.#indexOf(offset)];
    if (!segment?.onDisk) return undefined;
    return { path: segment.path, position: await scanStart(segment, offset, indexIntervalBytes) };
  }

  /** About the bytes from `offset` to the end, as if all batches of a segment were alike. */
  bytesFrom(offset: number, endOffset: number): number {
    const index = this.#indexOf(offset);
    const segment = this.#segments[index];
    if (segment === undefined) return 0;
    const later = this.#segments.slice(index + 1);
    const segmentEnd = later[0]?.baseOffset ?? endOffset;
    const share = (segmentEnd - offset) / Math.max(1, segmentEnd - segment.baseOffset);
    return Math.round(later.reduce((sum, next) => sum + next.bytes, segment.bytes * share));
  }

  /**
   * The aborted transactions that overlap [from, to). A transaction stands in the index of the segment of its marker,
   * so later segments must be asked too, until one completed when nothing below `to` was open any more.
   */
  async abortedBetween(from: number, to: number): Promise<AbortedEntry[]> {
    const found: AbortedEntry[] = [];
    for (const segment of this.#segments.slice(this.#indexOf(from))) {
      for (const entry of await segment.abortedTransactions()) {
        if (entry.lastOffset >= from && entry.firstOffset < to) found.push(entry);
        if (entry.lastStableOffset >= to) return found;
      }
    }
    return found;
  }

  #countBelow(offset: number): number {
    const firstKept = this.#segments.findIndex((_, i) => {
      const next = this.#segments[i + 1];
      return next === undefined || next.baseOffset > offset || !next.onDisk;
    });
    return Math.max(0, firstKept);
  }

  /** Of the last segment that begins at or below `offset`, or of the first. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#segments[middle]!.baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return Math.max(0, low - 1);
  }
}
