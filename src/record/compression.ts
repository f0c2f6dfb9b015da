import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { CompressionError } from './compression-error.ts';
import { compressLz4, decompressLz4 } from './lz4.ts';
import { compressSnappy, decompressSnappy } from './snappy.ts';

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** By the number in a batch's attributes. */
export const CODECS: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** `level` is the codec's own scale: gzip 1 to 9, zstd -131072 to 22; the others have one level here. */
export function compress(codec: Codec, bytes: Uint8Array, level?: number): Uint8Array {
  return IMPLEMENTATIONS[codec].compress(bytes, level);
}

/**
 * Never returns, and never holds, more than `maxBytes`: a bomb is a CompressionError, as is anything that is not
 * what `codec` writes. For 'none' the result is the input.
 */
export function decompress(codec: Codec, bytes: Uint8Array, maxBytes: number): Buffer {
  try {
    return IMPLEMENTATIONS[codec].decompress(bytes, maxBytes);
  } catch (error) {
    if (error instanceof CompressionError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new CompressionError(`${codec}: ${reason}`);
  }
}

interface Implementation {
  compress(bytes: Uint8Array, level?: number): Uint8Array;
  decompress(bytes: Uint8Array, maxBytes: number): Buffer;
}

const IMPLEMENTATIONS: Record<Codec, Implementation> = {
  none: {
    compress: (bytes) => bytes,
    decompress(bytes, maxBytes) {
      if (bytes.byteLength > maxBytes) throw new CompressionError(`more than ${maxBytes} bytes`);
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
  },
  gzip: {
    compress: (bytes, level) => gzipSync(bytes, level === undefined ? {} : { level }),
    decompress: (bytes, maxBytes) => gunzipSync(bytes, outputLimits(bytes, maxBytes)),
  },
  snappy: { compress: compressSnappy, decompress: decompressSnappy },
  lz4: { compress: compressLz4, decompress: decompressLz4 },
  zstd: {
    compress: (bytes, level) =>
      zstdCompressSync(
        bytes,
        level === undefined ? {} : { params: { [constants.ZSTD_c_compressionLevel]: level } },
      ),
    decompress: (bytes, maxBytes) =>
      zstdDecompressSync(bytes, {
        ...outputLimits(bytes, maxBytes),
        params: { [constants.ZSTD_d_windowLogMax]: windowLogMax(maxBytes) },
      }),
  },
};

const SMALLEST_CHUNK = 16 * 1024;
const LARGEST_CHUNK = 1024 * 1024;

// One chunk for what most batches need; node doubles nothing by itself, it adds chunk after chunk.
function outputLimits(bytes: Uint8Array, maxBytes: number): { chunkSize: number; maxOutputLength: number } {
  const likelyBytes = bytes.byteLength * 4;
  return {
    chunkSize: Math.min(Math.max(likelyBytes, SMALLEST_CHUNK), LARGEST_CHUNK),
    maxOutputLength: Math.max(1, maxBytes),
  };
}

// A frame may ask its reader for a window of any size before its first byte. RFC 8878 section 3.1.1.1.2 wants
// 8 MiB supported; beyond that, no window needs to be larger than what may come out.
function windowLogMax(maxBytes: number): number {
  return Math.min(27, Math.max(23, Math.ceil(Math.log2(Math.max(1, maxBytes)))));
}
