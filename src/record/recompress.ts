import { Buffer } from 'node:buffer';
import { BATCH_HEADER_BYTES, batchCodec, batchTotalBytes, rewriteCodec } from './batch.ts';
import { CODECS, type Codec, compress, decompress } from './compression.ts';
import { DEFAULT_MAX_DECOMPRESSED_BYTES } from './record-cursor.ts';

/** A codec, and how hard it tries; undefined: as it does by itself. */
export interface Compression {
  readonly codec: Codec;
  readonly level?: number | undefined;
}

/**
 * The same records under another codec, as a batch of memory of its own that is sealed anew; undefined when the batch
 * has that codec already, whatever its level. Throws a CompressionError for records that cannot be decompressed.
 */
export function recompress(batch: Buffer, { codec, level }: Compression): Buffer | undefined {
  const before = CODECS[batchCodec(batch, 0)]!;
  if (before === codec) return undefined;
  const compressed = batch.subarray(BATCH_HEADER_BYTES, batchTotalBytes(batch, 0));
  const records = decompress(before, compressed, DEFAULT_MAX_DECOMPRESSED_BYTES);
  const body = compress(codec, records, level);
  const rewritten = Buffer.allocUnsafeSlow(BATCH_HEADER_BYTES + body.length);
  batch.copy(rewritten, 0, 0, BATCH_HEADER_BYTES);
  rewritten.set(body, BATCH_HEADER_BYTES);
  rewriteCodec(rewritten, CODECS.indexOf(codec));
  return rewritten;
}
