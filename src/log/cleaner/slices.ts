import { Buffer } from 'node:buffer';
import { batchTotalBytes, checkBatchHeader, crcIsValid } from '../../record/batch.ts';
import { CorruptRecordError } from '../../record/corrupt-record-error.ts';
import type { Segment } from '../segment.ts';

/** What is handled in one turn of the event loop: a thousand records or so, a few milliseconds. */
const SLICE_BYTES = 64 * 1024;

/**
 * A sealed segment in pieces of whole, checked batches, each in memory of its own. Rewriting computes new CRCs, so
 * damage that is not noticed here would be sealed for ever.
 */
export async function* slicesOf(segment: Segment, signal: AbortSignal): AsyncGenerator<Buffer> {
  const end = segment.durableBytes;
  let position = 0;
  let wantBytes = SLICE_BYTES;
  while (position < end) {
    signal.throwIfAborted();
    const chunk = Buffer.allocUnsafeSlow(Math.min(wantBytes, end - position));
    const length = await segment.read(chunk, position);
    const { whole, needBytes } = checkedBatches(segment, chunk.subarray(0, length), position);
    if (whole === 0 && (needBytes <= length || position + needBytes > end)) throw corrupt(segment, position);
    if (whole > 0) yield chunk.subarray(0, whole);
    position += whole;
    wantBytes = Math.max(SLICE_BYTES, needBytes);
  }
}

/** How many bytes are whole batches, and how many the one after them has, as far as it is known. */
function checkedBatches(
  segment: Segment,
  chunk: Buffer,
  position: number,
): { whole: number; needBytes: number } {
  let at = 0;
  while (at < chunk.length) {
    const fault = checkBatchHeader(chunk, at);
    if (fault === 'TRUNCATED') break;
    if (fault !== undefined || !crcIsValid(chunk, at)) throw corrupt(segment, position + at);
    at += batchTotalBytes(chunk, at);
  }
  // The length field is there after 12 bytes; a piece shorter than a header says nothing.
  const needBytes = chunk.length - at >= 17 ? batchTotalBytes(chunk, at) : 0;
  return { whole: at, needBytes };
}

function corrupt(segment: Segment, position: number): CorruptRecordError {
  return new CorruptRecordError(`${segment.path} is damaged at position ${position}`);
}
