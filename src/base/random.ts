import { randomFillSync } from 'node:crypto';

/** The only source of randomness, so that tests can replay a seed. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** `count` random bytes. */
  bytes(count: number): Uint8Array;
}

export const systemRandom: Random = {
  next: () => Math.random(),
  bytes: (count) => randomFillSync(new Uint8Array(count)),
};

const BASE64URL_DASH = 62;

/** Uniform among 0 .. `bound` - 1. */
export function randomInt(random: Random, bound: number): number {
  return Math.floor(random.next() * bound);
}

/**
 * A version 4 UUID (RFC 9562) as 32 hex digits without dashes. As in Kafka, its text in base 64 does not begin with a
 * dash: tools would take it for an option.
 */
export function uuidHex(random: Random): string {
  const bytes = random.bytes(16);
  if (bytes[0]! >> 2 === BASE64URL_DASH) return uuidHex(random);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}
