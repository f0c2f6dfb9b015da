import type { LogConfig } from '../log-config.ts';
import type { Segment } from '../segment.ts';

/** A relative offset is an int32. */
const MAX_SPAN = 2 ** 31 - 1;

/** The part of a log that compaction may look at. */
export interface Cleanable {
  /** From the log start, without a gap. */
  readonly segments: readonly Segment[];
  readonly firstDirtyOffset: number;
  /** Where the segment after them begins. */
  readonly endOffset: number;
  readonly dirtyBytes: number;
  readonly totalBytes: number;
  /** When the oldest record that was never compacted was written. */
  readonly dirtySinceMs: number;
}

/**
 * Sealed segments below the last stable offset, as far as min.compaction.lag.ms lets them:
 *
 *   | compacted before | dirty | too young | holds an open transaction | active |
 *   |<-------- may be rewritten ------->|
 */
export function cleanable(
  log: {
    readonly segments: readonly Segment[];
    readonly logStartOffset: number;
    readonly lastStableOffset: number;
    readonly firstDirtyOffset: number;
  },
  config: Pick<LogConfig, 'minCompactionLagMs'>,
  nowMs: number,
): Cleanable | undefined {
  const { segments, lastStableOffset } = log;
  const youngestMs = nowMs - config.minCompactionLagMs;
  const isSealed = (i: number) =>
    segments[i + 1]?.onDisk === true && segments[i + 1]!.baseOffset <= lastStableOffset;
  const isDirty = (i: number) => segments[i + 1]!.baseOffset > log.firstDirtyOffset;
  let count = 0;
  let dirtyBytes = 0;
  let totalBytes = 0;
  let dirtySinceMs = Number.POSITIVE_INFINITY;
  for (; isSealed(count); count++) {
    const segment = segments[count]!;
    if (isDirty(count)) {
      if (config.minCompactionLagMs > 0 && newestMs(segment) > youngestMs) break;
      dirtyBytes += segment.bytes;
      dirtySinceMs = Math.min(dirtySinceMs, oldestMs(segment));
    }
    totalBytes += segment.bytes;
  }
  if (dirtyBytes === 0) return undefined;
  return {
    segments: segments.slice(0, count),
    firstDirtyOffset: Math.max(log.firstDirtyOffset, log.logStartOffset),
    endOffset: segments[count]!.baseOffset,
    dirtyBytes,
    totalBytes,
    dirtySinceMs,
  };
}

/** Whether the dirty share, or the age of the oldest dirty record, asks for a compaction now. */
export function isDue(
  { dirtyBytes, totalBytes, dirtySinceMs }: Cleanable,
  config: Pick<LogConfig, 'minCleanableDirtyRatio' | 'maxCompactionLagMs'>,
  nowMs: number,
): boolean {
  return (
    dirtyBytes / totalBytes > config.minCleanableDirtyRatio ||
    nowMs - dirtySinceMs > config.maxCompactionLagMs
  );
}

/** Neighbours that become one segment: no larger than one may be before any record goes. */
export function groupSegments(
  segments: readonly Segment[],
  segmentBytes: number,
  endOffset: number,
): Segment[][] {
  const groups: Segment[][] = [];
  let bytes = 0;
  for (const [i, segment] of segments.entries()) {
    const group = groups.at(-1);
    const nextOffset = segments[i + 1]?.baseOffset ?? endOffset;
    const fits =
      group !== undefined &&
      bytes + segment.bytes <= segmentBytes &&
      nextOffset - group[0]!.baseOffset <= MAX_SPAN;
    if (fits) group.push(segment);
    else groups.push([segment]);
    bytes = fits ? bytes + segment.bytes : segment.bytes;
  }
  return groups;
}

function oldestMs(segment: Segment): number {
  if (segment.firstTimestampMs >= 0) return segment.firstTimestampMs;
  return segment.maxTimestampMs >= 0 ? segment.maxTimestampMs : segment.createdMs;
}

function newestMs(segment: Segment): number {
  return segment.maxTimestampMs >= 0 ? segment.maxTimestampMs : segment.createdMs;
}
