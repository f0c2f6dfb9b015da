import { Buffer } from 'node:buffer';
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchLastOffset,
  batchTotalBytes,
  checkBatchHeader,
} from '../record/batch.ts';
import { LogError } from './log-error.ts';
import type { Segment, StartPosition } from './segment.ts';

/** Index entries lie about 4 KiB apart, so a read that starts at one may begin with that much, or a batch, to skip. */
const SLACK_BYTES = 16 * 1024;

export interface BatchRange {
  /** In the order of offsets; each holds whole batches. */
  readonly pieces: readonly Buffer[];
  readonly nextOffset: number;
}

export interface ReadLimits {
  /** Soft: the first batch is read whatever its size. */
  readonly maxBytes: number;
  /** No batch that begins at or above it. */
  readonly limitOffset: number;
}

/**
 * Whole batches from the one that holds `offset` (or the first above it) on; undefined when the segment has none.
 * One positional read as a rule; more when the index is sparse or a batch is larger than asked for.
 */
export async function readSegment(
  segment: Segment,
  offset: number,
  limits: ReadLimits,
  indexIntervalBytes: number,
): Promise<BatchRange | undefined> {
  const end = segment.durableBytes;
  let start = await segment.startOf(offset);
  if (start.lastOffset !== undefined && (start.position < 0 || start.position >= end)) {
    start = await startAfterRebuild(segment, offset, indexIntervalBytes);
  }
  let position = start.position;
  let wantBytes = limits.maxBytes + SLACK_BYTES;
  while (position < end) {
    const chunk = segment.takeBuffer(Math.min(wantBytes, end - position));
    const length = await segment.read(chunk, position);
    if (!isStartOf(chunk.subarray(0, length), start)) {
      start = await startAfterRebuild(segment, offset, indexIntervalBytes);
      position = start.position;
      continue;
    }
    start = { position: 0, lastOffset: undefined };
    const found = takeBatches(chunk.subarray(0, length), offset, limits);
    if (found.range !== undefined) return found.range;
    if (found.past) return undefined;
    const isDamaged = found.fault !== 'TRUNCATED' && found.fault !== undefined;
    if (isDamaged || position + found.skipped + found.needBytes > end || length < chunk.length) {
      throw damaged(segment, position + found.skipped);
    }
    position += found.skipped;
    wantBytes = Math.max(found.needBytes, limits.maxBytes);
  }
  return undefined;
}

/** The position of a batch at or before `offset`, for a scan. */
export async function scanStart(
  segment: Segment,
  offset: number,
  indexIntervalBytes: number,
): Promise<number> {
  const start = await segment.startOf(offset);
  if (await canStartAt(segment, start)) return start.position;
  return (await startAfterRebuild(segment, offset, indexIntervalBytes)).position;
}

/** An index has no checksum: an entry counts only if the batch it names begins where it says. */
function isStartOf(chunk: Buffer, start: StartPosition): boolean {
  if (start.lastOffset === undefined) return true;
  if (chunk.length < BATCH_HEADER_BYTES) return false;
  const fault = checkBatchHeader(chunk, 0);
  return (fault === undefined || fault === 'TRUNCATED') && batchLastOffset(chunk, 0) === start.lastOffset;
}

async function canStartAt(segment: Segment, start: StartPosition): Promise<boolean> {
  if (start.lastOffset === undefined) return true;
  if (start.position < 0 || start.position >= segment.durableBytes) return false;
  const header = Buffer.allocUnsafe(BATCH_HEADER_BYTES);
  const length = await segment.read(header, start.position);
  return isStartOf(header.subarray(0, length), start);
}

async function startAfterRebuild(
  segment: Segment,
  offset: number,
  indexIntervalBytes: number,
): Promise<StartPosition> {
  await segment.rebuildIndexes(indexIntervalBytes);
  const start = await segment.startOf(offset);
  return (await canStartAt(segment, start)) ? start : { position: 0, lastOffset: undefined };
}

interface Taken {
  readonly range?: BatchRange;
  /** The first batch at or above the offset begins at or above the limit. */
  readonly past: boolean;
  readonly fault: string | undefined;
  readonly skipped: number;
  readonly needBytes: number;
}

function takeBatches(chunk: Buffer, offset: number, limits: ReadLimits): Taken {
  let at = 0;
  let first = -1;
  let nextOffset = offset;
  let past = false;
  let fault: string | undefined;
  while (at < chunk.length) {
    fault = checkBatchHeader(chunk, at);
    if (fault !== undefined) break;
    const totalBytes = batchTotalBytes(chunk, at);
    const lastOffset = batchLastOffset(chunk, at);
    if (lastOffset >= offset) {
      past = batchBaseOffset(chunk, at) >= limits.limitOffset;
      if (past) break;
      if (first < 0) first = at;
      else if (at + totalBytes - first > limits.maxBytes) break;
      nextOffset = lastOffset + 1;
    }
    at += totalBytes;
  }
  if (first >= 0)
    return {
      range: { pieces: [chunk.subarray(first, at)], nextOffset },
      past,
      fault,
      skipped: at,
      needBytes: 0,
    };
  const known = chunk.length - at >= BATCH_HEADER_BYTES;
  const needBytes = fault === 'TRUNCATED' ? (known ? batchTotalBytes(chunk, at) : BATCH_HEADER_BYTES) : 0;
  return { past, fault, skipped: at, needBytes };
}

export function damaged(segment: Segment, position: number): LogError {
  return new LogError(
    'KAFKA_STORAGE_ERROR',
    `${segment.path} is damaged at position ${position}: no record batch begins there`,
  );
}
