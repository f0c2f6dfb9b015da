import { createRequire } from 'node:module';
import { CompressionError } from './compression-error.ts';

let library: typeof import('lz4-napi') | undefined;

/** Loaded with the first batch that needs it, as snappy is. */
function lz4(): typeof import('lz4-napi') {
  library ??= createRequire(import.meta.url)('lz4-napi') as typeof import('lz4-napi');
  return library;
}

/*
 * LZ4 frame format 1.6.1; little-endian.
 *
 *   4  magic 0x184D2204
 *   1  FLG: version 01 in bits 6-7, 4 block checksums, 3 content size present, 2 content checksum, 0 dictionary id
 *   1  BD: bits 4-6 the largest block, 4 = 64 KiB ... 7 = 4 MiB
 *  [8] content size   [4] dictionary id   1 header checksum
 *   .  blocks: 4 length (top bit: stored uncompressed), the bytes, [4] checksum; a length of 0 ends the frame
 *  [4] content checksum
 *
 * The library has no limit on its output. A frame can grow at most 255-fold, so only when that could pass the limit
 * is the exact length counted first, from the blocks' tokens, without decoding them.
 */
const MAGIC = 0x184d2204;
const STORED = 0x80000000;
const MOST_OUTPUT_PER_BYTE = 255;

export function compressLz4(bytes: Uint8Array): Buffer {
  return lz4().compressFrameSync(asBuffer(bytes));
}

export function decompressLz4(bytes: Uint8Array, maxBytes: number): Buffer {
  const frame = asBuffer(bytes);
  const mayPassLimit = frame.length * MOST_OUTPUT_PER_BYTE > maxBytes;
  if (mayPassLimit && frameContentBytes(frame, maxBytes) > maxBytes) {
    throw new CompressionError(`lz4: more than ${maxBytes} bytes`);
  }
  return lz4().decompressFrameSync(frame);
}

/** The decoded length, or some number above `limit` once it is known to be above. */
function frameContentBytes(frame: Buffer, limit: number): number {
  if (frame.length < 7 || frame.readUInt32LE(0) !== MAGIC) throw new CompressionError('lz4: no frame');
  const flags = frame[4]!;
  const blockChecksumBytes = flags & 0x10 ? 4 : 0;
  let at = 7 + (flags & 0x08 ? 8 : 0) + (flags & 0x01 ? 4 : 0);
  let total = 0;
  while (total <= limit) {
    if (at + 4 > frame.length) throw new CompressionError('lz4: truncated');
    const length = frame.readUInt32LE(at);
    if (length === 0) break;
    const start = at + 4;
    const end = start + (length & ~STORED);
    if (end > frame.length) throw new CompressionError('lz4: truncated');
    total += length >= STORED ? end - start : blockContentBytes(frame, start, end);
    at = end + blockChecksumBytes;
  }
  return total;
}

// A sequence: token (high 4 bits literal length, low 4 bits match length - 4; 15 means more length bytes follow),
// the literals, a 2-byte match offset. The last sequence of a block ends after its literals.
function blockContentBytes(frame: Buffer, start: number, end: number): number {
  let at = start;
  let total = 0;
  while (at < end) {
    const token = frame[at++]!;
    let literals = token >> 4;
    if (literals === 15) {
      let more = 255;
      while (more === 255 && at < end) {
        more = frame[at++]!;
        literals += more;
      }
    }
    at += literals;
    total += literals;
    if (at >= end) break;
    at += 2;
    let match = (token & 15) + 4;
    if (match === 19) {
      let more = 255;
      while (more === 255 && at < end) {
        more = frame[at++]!;
        match += more;
      }
    }
    total += match;
  }
  return total;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
