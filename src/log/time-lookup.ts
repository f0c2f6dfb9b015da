import type { Buffer } from 'node:buffer';
import { batchBaseOffset, batchLastOffset, batchLeaderEpoch, batchMaxTimestamp } from '../record/batch.ts';
import { RecordCursor } from '../record/record-cursor.ts';
import type { TimestampedOffset } from './log-types.ts';
import type { Segment, TimeMark } from './segment.ts';
import { scanStart } from './segment-read.ts';

export interface TimeQuery {
  readonly targetMs: number;
  /** Offsets in [from, to) count. */
  readonly from: number;
  readonly to: number;
  readonly indexIntervalBytes: number;
}

/**
 * The first record at or after a time. Timestamps need not rise, so this is the first in the order of offsets, and a
 * segment is passed over only when its largest timestamp is too small.
 */
export async function findFirstAt(
  segments: readonly Segment[],
  query: TimeQuery,
): Promise<TimestampedOffset | undefined> {
  for (const [i, segment] of segments.entries()) {
    if (segment.maxTimestampMs < query.targetMs || segment.durableBytes === 0) continue;
    if (segment.baseOffset >= query.to) return undefined;
    const next = segments[i + 1];
    if (next !== undefined && next.baseOffset <= query.from) continue;
    const found = await findInSegment(segment, query);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function findInSegment(segment: Segment, query: TimeQuery): Promise<TimestampedOffset | undefined> {
  let mark = await segment.timeBefore(query.targetMs);
  for (let attempt = 0; ; attempt++) {
    const search = new TimeSearch(query, mark);
    const from = await scanStart(
      segment,
      Math.max(mark?.offset ?? 0, segment.baseOffset),
      query.indexIntervalBytes,
    );
    await segment.scan({ from, to: segment.durableBytes, checkCrc: false }, (buffer, at) =>
      search.visit(buffer, at),
    );
    if (search.markHolds || attempt > 0) return search.found;
    await segment.rebuildIndexes(query.indexIntervalBytes);
    mark = await segment.timeBefore(query.targetMs);
  }
}

/** Takes the largest timestamp of a sealed segment from its time index; false when the batch it names disagrees. */
export async function adoptTimes(segment: Segment, indexIntervalBytes: number): Promise<boolean> {
  await segment.adoptTimes();
  const mark = { timestampMs: segment.maxTimestampMs, offset: segment.maxTimestampOffset };
  if (mark.timestampMs === -1) return true;
  const nothing = { targetMs: Number.POSITIVE_INFINITY, from: 0, to: mark.offset + 1, indexIntervalBytes };
  const search = new TimeSearch(nothing, mark);
  const from = await scanStart(segment, Math.max(mark.offset, segment.baseOffset), indexIntervalBytes);
  await segment.scan({ from, to: segment.durableBytes, checkCrc: false }, (buffer, at) =>
    search.visit(buffer, at),
  );
  return search.markHolds;
}

class TimeSearch {
  readonly #query: TimeQuery;
  readonly #mark: TimeMark | undefined;
  found: TimestampedOffset | undefined;
  /** An index has no checksum: its entry counts only if a batch ends at that offset with that timestamp. */
  markHolds: boolean;
  #markPassed: boolean;

  constructor(query: TimeQuery, mark: TimeMark | undefined) {
    this.#query = query;
    this.#mark = mark;
    this.markHolds = mark === undefined;
    this.#markPassed = mark === undefined;
  }

  visit(buffer: Buffer, at: number): 'stop' | undefined {
    const lastOffset = batchLastOffset(buffer, at);
    const maxTimestampMs = batchMaxTimestamp(buffer, at);
    if (!this.#markPassed && lastOffset >= this.#mark!.offset) {
      this.#markPassed = true;
      this.markHolds = lastOffset === this.#mark!.offset && maxTimestampMs === this.#mark!.timestampMs;
      if (!this.markHolds) return 'stop';
    }
    if (batchBaseOffset(buffer, at) >= this.#query.to) return 'stop';
    if (lastOffset < this.#query.from || maxTimestampMs < this.#query.targetMs) return undefined;
    this.found = firstRecordAt(buffer, at, this.#query);
    return this.found === undefined ? undefined : 'stop';
  }
}

/** The first record of a batch with at least this timestamp and an offset in the range. */
export function firstRecordAt(
  buffer: Buffer,
  at: number,
  query: Pick<TimeQuery, 'targetMs' | 'from' | 'to'>,
): TimestampedOffset | undefined {
  const cursor = new RecordCursor();
  cursor.reset(buffer, at);
  while (cursor.next()) {
    if (cursor.timestampMs < query.targetMs || cursor.offset < query.from || cursor.offset >= query.to)
      continue;
    return {
      offset: cursor.offset,
      timestampMs: cursor.timestampMs,
      leaderEpoch: batchLeaderEpoch(buffer, at),
    };
  }
  return undefined;
}
