const SEED = 0x9747b28c;
const M = 0x5bd1e995;
const R = 24;

/** The hash of Kafka's default partitioner: equal keys must meet the partition that any Kafka client would choose. */
export function murmur2(bytes: Uint8Array, length = bytes.length): number {
  let hash = SEED ^ length;
  let at = 0;
  for (; at + 4 <= length; at += 4) {
    let word =
      (bytes[at] as number) |
      ((bytes[at + 1] as number) << 8) |
      ((bytes[at + 2] as number) << 16) |
      ((bytes[at + 3] as number) << 24);
    word = Math.imul(word, M);
    word = Math.imul(word ^ (word >>> R), M);
    hash = Math.imul(hash, M) ^ word;
  }
  const rest = length - at;
  if (rest === 3) hash ^= (bytes[at + 2] as number) << 16;
  if (rest >= 2) hash ^= (bytes[at + 1] as number) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (bytes[at] as number), M);
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return (hash ^ (hash >>> 15)) | 0;
}

/** Of a key that is the first `length` bytes of `key`. */
export function partitionOfKey(key: Uint8Array, partitionCount: number, length = key.length): number {
  return partitionCount === 1 ? 0 : (murmur2(key, length) & 0x7fffffff) % partitionCount;
}
