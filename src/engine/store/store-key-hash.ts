import { randomInt, systemRandom } from '../../base/random.ts';
import type { StoreKey } from './store-key.ts';

/** Of one process, so that nobody outside can choose keys that meet. */
const SEED = randomInt(systemRandom, 2 ** 32) | 0;
const FNV_PRIME = 0x01000193;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const number = new Float64Array(1);
const numberBits = new Int32Array(number.buffer);

/** 32 bits, equal for keys that a Map takes for the same. */
export function hashOfKey(key: StoreKey): number {
  switch (typeof key) {
    case 'string':
      return hashOfText(key, SEED);
    case 'number':
      // -0 is 0.
      number[0] = key + 0;
      return mixed(mixed(SEED ^ (numberBits[0] as number)) ^ (numberBits[1] as number));
    case 'bigint':
      return hashOfText(key.toString(), ~SEED);
    default:
      return mixed(SEED ^ (key ? 1 : 2));
  }
}

function hashOfText(text: string, seed: number): number {
  let hash = seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), FNV_PRIME);
  return mixed(hash);
}

/** The same of a text that stands in bytes, all of them ASCII. */
export function hashOfAscii(bytes: Uint8Array, start: number, end: number): number {
  let hash = SEED;
  for (let at = start; at < end; at++) hash = Math.imul(hash ^ (bytes[at] as number), FNV_PRIME);
  return mixed(hash);
}

/** The same of a text that JSON writes as these bytes between its quotes; undefined where they may not be the text itself. */
export function hashOfPlainText(bytes: Uint8Array, start: number, end: number): number | undefined {
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte > 0x7f || byte === QUOTE || byte === BACKSLASH) return undefined;
  }
  return hashOfAscii(bytes, start, end);
}

/** The lower bits, which choose a slot, depend on all others: the end of MurmurHash3. */
function mixed(bits: number): number {
  let hash = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
