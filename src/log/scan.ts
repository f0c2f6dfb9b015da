import { Buffer } from 'node:buffer';
import type { FileHandle } from '../base/fs.ts';
import { BATCH_HEADER_BYTES, batchTotalBytes, checkBatchHeader, crcIsValid } from '../record/batch.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Where a scan stopped. Without a fault: at the end asked for, or because the visitor had enough. */
export interface ScanEnd {
  readonly position: number;
  readonly fault: string | undefined;
}

export interface ScanRange {
  readonly from: number;
  readonly to: number;
  readonly checkCrc: boolean;
  readonly chunkBytes?: number;
}

/**
 * Shows the visitor every whole batch of the range, in order, with large sequential reads. `at` is its place in
 * `buffer`, `position` its place in the file; the buffer is used again after the call. The visitor ends the scan
 * with `stop`, or with a fault of its own.
 */
export async function scanBatches(
  handle: FileHandle,
  range: ScanRange,
  visit: (buffer: Buffer, at: number, position: number) => 'stop' | { fault: string } | undefined,
): Promise<ScanEnd> {
  let chunk = Buffer.allocUnsafeSlow(
    Math.min(range.chunkBytes ?? CHUNK_BYTES, Math.max(0, range.to - range.from)),
  );
  let position = range.from;
  while (position < range.to) {
    const want = Math.min(chunk.length, range.to - position);
    const length = await handle.read(chunk.subarray(0, want), position);
    let at = 0;
    let needBytes = 0;
    while (at < length) {
      const fault = checkBatchHeader(chunk, at, length);
      if (fault === 'TRUNCATED') {
        needBytes = length - at >= BATCH_HEADER_BYTES ? batchTotalBytes(chunk, at) : BATCH_HEADER_BYTES;
        break;
      }
      if (fault !== undefined) return { position: position + at, fault };
      if (range.checkCrc && !crcIsValid(chunk, at)) return { position: position + at, fault: 'BAD_CRC' };
      const verdict = visit(chunk, at, position + at);
      if (verdict === 'stop') return { position: position + at, fault: undefined };
      if (verdict !== undefined) return { position: position + at, fault: verdict.fault };
      at += batchTotalBytes(chunk, at);
    }
    position += at;
    const left = range.to - position;
    if (needBytes > left || length < want) return { position, fault: 'TRUNCATED' };
    if (needBytes > chunk.length) chunk = Buffer.allocUnsafeSlow(needBytes);
  }
  return { position, fault: undefined };
}

/** Whether any intact batch of this log begins at or after `from`: then what lies before it is no torn tail. */
export async function findIntactBatch(
  handle: FileHandle,
  from: number,
  to: number,
  isOurs: (buffer: Buffer, at: number) => boolean,
): Promise<number | undefined> {
  const overlapBytes = BATCH_HEADER_BYTES;
  const chunk = Buffer.allocUnsafeSlow(Math.min(CHUNK_BYTES, Math.max(0, to - from)));
  for (let position = from; position + BATCH_HEADER_BYTES <= to; position += chunk.length - overlapBytes) {
    const length = await handle.read(chunk.subarray(0, Math.min(chunk.length, to - position)), position);
    for (let at = 0; at + BATCH_HEADER_BYTES <= length; at++) {
      // Magic 2 at byte 16, and lengths below 2^31 begin with a small byte: almost all garbage ends here.
      if (chunk[at + 16] !== 2 || chunk[at]! >= 0x80) continue;
      const fault = checkBatchHeader(chunk, at, length);
      if (fault !== undefined && fault !== 'TRUNCATED') continue;
      const totalBytes = batchTotalBytes(chunk, at);
      if (position + at + totalBytes > to || !isOurs(chunk, at)) continue;
      const batch = Buffer.allocUnsafe(totalBytes);
      if ((await handle.read(batch, position + at)) < totalBytes) continue;
      if (crcIsValid(batch, 0)) return position + at;
    }
    if (length < chunk.length) return undefined;
    if (chunk.length <= overlapBytes) return undefined;
  }
  return undefined;
}
