import { Buffer } from 'node:buffer';
import { BATCH_HEADER_BYTES, batchMaxTimestamp } from '../record/batch.ts';
import { crc32c } from '../record/crc32c.ts';
import { OFFSET_ENTRY_BYTES } from './index-entries.ts';
import type { LogConfig } from './log-config.ts';
import type { Segment } from './segment.ts';

const MAX_RELATIVE_OFFSET = 2 ** 31 - 1;

/** What would be appended. */
export interface NextBatch {
  readonly batch: Buffer;
  readonly lastOffset: number;
  readonly nowMs: number;
}

/** Whether a segment with records takes no more, so that the batch begins another. `name` is its partition's. */
export function endsBefore(active: Segment, next: NextBatch, config: LogConfig, name: string): boolean {
  const { batch, lastOffset, nowMs } = next;
  const hasTimes = active.firstTimestampMs >= 0;
  const ageMs = hasTimes ? batchMaxTimestamp(batch, 0) - active.firstTimestampMs : nowMs - active.createdMs;
  return (
    active.bytes + batch.length > config.segmentBytes ||
    ageMs > longestMs(`${name}-${active.baseOffset}`, config) ||
    lastOffset - active.baseOffset > MAX_RELATIVE_OFFSET ||
    indexBytesAtMost(active, config) >= config.segmentIndexBytes
  );
}

/** The active segment is never compacted, so it must end for the records in it to be seen in time. */
function longestMs(segmentName: string, config: LogConfig): number {
  const { segmentMs, segmentJitterMs, maxCompactionLagMs, cleanupPolicy } = config;
  const jitterMs = segmentJitterMs === 0 ? 0 : spread(segmentName) * Math.min(segmentJitterMs, segmentMs);
  const longest = segmentMs - jitterMs;
  return cleanupPolicy.has('compact') ? Math.min(longest, maxCompactionLagMs) : longest;
}

/** Some number in [0, 1) that segments do not have in common, and the same each time. */
function spread(segmentName: string): number {
  return crc32c(Buffer.from(segmentName), 0) / 2 ** 32;
}

/** Without counting: an entry is made after more than an interval, and no batch is smaller than its header. */
function indexBytesAtMost({ bytes }: Segment, { indexIntervalBytes }: LogConfig): number {
  return (bytes / Math.max(indexIntervalBytes, BATCH_HEADER_BYTES)) * OFFSET_ENTRY_BYTES;
}
