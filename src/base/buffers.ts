/** Bytes that lie in several pieces, to be sent one after another without being joined. */
export interface ByteRun {
  /** Of all pieces together. */
  readonly length: number;
  readonly pieces: readonly Uint8Array[];
}

/** What is left of `buffers` after a short write took the first `byteCount` bytes; copies nothing. */
export function withoutPrefix(buffers: readonly Uint8Array[], byteCount: number): Uint8Array[] {
  let index = 0;
  let left = byteCount;
  while (index < buffers.length && left >= buffers[index]!.byteLength) left -= buffers[index++]!.byteLength;
  const rest = buffers.slice(index);
  if (left > 0) rest[0] = rest[0]!.subarray(left);
  return rest;
}
