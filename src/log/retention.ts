import type { LogConfig } from './log-config.ts';
import type { Segment } from './segment.ts';

/** How many of the oldest segments retention lets go; all of them when even the last one is too old. */
export function countExpired(
  segments: readonly Pick<Segment, 'bytes' | 'maxTimestampMs' | 'createdMs'>[],
  config: Pick<LogConfig, 'retentionMs' | 'retentionBytes'>,
  nowMs: number,
): number {
  const totalBytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  return Math.max(
    countTooOld(segments, config.retentionMs, nowMs),
    countSurplus(segments, totalBytes - config.retentionBytes),
  );
}

/** By the records' own times, as Kafka does: copying or touching files must not prolong their life. */
function countTooOld(
  segments: readonly Pick<Segment, 'bytes' | 'maxTimestampMs' | 'createdMs'>[],
  retentionMs: number,
  nowMs: number,
): number {
  const firstKept = segments.findIndex((segment, i) => {
    const newestMs = segment.maxTimestampMs >= 0 ? segment.maxTimestampMs : segment.createdMs;
    const isEmptyLast = i === segments.length - 1 && segment.bytes === 0;
    return isEmptyLast || nowMs - newestMs <= retentionMs;
  });
  return firstKept < 0 ? segments.length : firstKept;
}

/** A segment goes only when what remains still reaches the limit, so the limit is a minimum kept. */
function countSurplus(segments: readonly Pick<Segment, 'bytes'>[], surplusBytes: number): number {
  let left = surplusBytes;
  let count = 0;
  for (const segment of segments.slice(0, -1)) {
    left -= segment.bytes;
    if (left < 0) break;
    count++;
  }
  return count;
}
