import { createRequire } from 'node:module';
import { CompressionError } from './compression-error.ts';

let library: typeof import('snappy') | undefined;

/** Loaded with the first batch that needs it: most servers see none, and a start waits for no native code. */
function snappy(): typeof import('snappy') {
  library ??= createRequire(import.meta.url)('snappy') as typeof import('snappy');
  return library;
}

/*
 * Java clients frame snappy with the xerial library, most others send one raw snappy block; both occur.
 *
 *   at  bytes                                             then, until the end:
 *    0   8  0x82 'S' 'N' 'A' 'P' 'P' 'Y' 0x00              4  length of the block (big-endian int32)
 *    8   4  version (big-endian int32, 1)                  .  a raw snappy block of at most 32 KiB when written here
 *   12   4  oldest version that can read it (1)
 *
 * A raw block begins with its uncompressed length as an unsigned varint of at most 5 bytes. 0x82 'S' as a raw block
 * would announce 10,626 bytes whose first element is a copy, which is invalid: the two forms cannot be mistaken.
 */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = Buffer.concat([XERIAL_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);
const BLOCK_BYTES = 32 * 1024;

export function compressSnappy(bytes: Uint8Array): Buffer {
  const parts: Buffer[] = [XERIAL_HEADER];
  for (let at = 0; at < bytes.byteLength; at += BLOCK_BYTES) {
    const block = snappy().compressSync(bytes.subarray(at, at + BLOCK_BYTES));
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(block.length);
    parts.push(length, block);
  }
  return Buffer.concat(parts);
}

export function decompressSnappy(bytes: Uint8Array, maxBytes: number): Buffer {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (!buffer.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return decompressBlock(buffer, maxBytes);
  const parts: Buffer[] = [];
  let total = 0;
  for (const block of xerialBlocks(buffer)) {
    const part = decompressBlock(block, maxBytes - total);
    total += part.length;
    parts.push(part);
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, total);
}

function* xerialBlocks(buffer: Buffer): Generator<Buffer> {
  if (buffer.length < XERIAL_HEADER.length) throw new CompressionError('snappy: truncated header');
  for (let at = XERIAL_HEADER.length; at < buffer.length; ) {
    if (at + 4 > buffer.length) throw new CompressionError('snappy: truncated block length');
    const start = at + 4;
    const length = buffer.readInt32BE(at);
    if (length < 0 || length > buffer.length - start) throw new CompressionError('snappy: truncated block');
    yield buffer.subarray(start, start + length);
    at = start + length;
  }
}

// The library allocates what the block announces, so that is checked first: against the limit, and against the
// densest snappy there is (a 3-byte copy element yields at most 64 bytes).
function decompressBlock(block: Buffer, maxBytes: number): Buffer {
  const announced = announcedLength(block);
  if (announced > maxBytes) throw new CompressionError(`snappy: more than ${maxBytes} bytes`);
  if (announced > block.length * 22) throw new CompressionError('snappy: announces more than it can hold');
  return snappy().uncompressSync(block, { asBuffer: true }) as Buffer;
}

function announcedLength(block: Buffer): number {
  let length = 0;
  for (let index = 0; index < Math.min(5, block.length); index++) {
    const byte = block[index]!;
    length += (byte & 0x7f) * 2 ** (7 * index);
    if (byte < 0x80) return length;
  }
  throw new CompressionError('snappy: no length');
}
