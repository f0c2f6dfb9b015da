import { Buffer } from 'node:buffer';
import { hash } from 'node:crypto';

const IDENTITY_BYTES = 16;
const IDENTITY_WORDS = IDENTITY_BYTES / 4;
/** A longer key is known by its hash; the last byte of an identity tells which. */
const LONGEST_PLAIN_KEY = IDENTITY_BYTES - 1;
const HASHED = 0xff;
const SLOT_BYTES = IDENTITY_BYTES + 8;
const LOAD = 0.75;
const MIN_SLOTS = 8;

/**
 * The last offset of each key, in memory of a fixed size: open addressing over two typed arrays.
 *
 *   slot = identity 16, offset + 1 as a double 8 (0: free)
 *   identity = key, zeros, its length      of up to 15 bytes
 *            | 15 bytes of SHA-1, 0xff     of more
 *
 * Whoever chooses keys must not be able to hit another's identity, since that would remove the other's record; so no
 * fast hash will do for long keys, and short ones need none.
 */
export class OffsetMap {
  readonly #slots: number;
  readonly #maxKeys: number;
  readonly #identities: Uint32Array;
  readonly #offsets: Float64Array;
  readonly #identity = Buffer.alloc(IDENTITY_BYTES);
  readonly #words = new Uint32Array(this.#identity.buffer, this.#identity.byteOffset, IDENTITY_WORDS);
  #count = 0;
  /** What was put lies below; of what lies above, the map knows nothing. */
  endOffset = 0;

  /** For `maxKeys` keys, or as many as `maxBytes` hold. */
  constructor(maxKeys: number, maxBytes: number) {
    const slots = Math.min(Math.ceil(maxKeys / LOAD) + 1, Math.floor(maxBytes / SLOT_BYTES));
    this.#slots = Math.max(MIN_SLOTS, slots);
    this.#maxKeys = Math.floor(this.#slots * LOAD);
    this.#identities = new Uint32Array(this.#slots * IDENTITY_WORDS);
    this.#offsets = new Float64Array(this.#slots);
  }

  get count(): number {
    return this.#count;
  }

  /** False, with nothing noted, when there is no room for another key. */
  put(bytes: Buffer, start: number, length: number, offset: number): boolean {
    const slot = this.#find(bytes, start, length);
    if (this.#offsets[slot] === 0) {
      if (this.#count >= this.#maxKeys) return false;
      this.#identities.set(this.#words, slot * IDENTITY_WORDS);
      this.#count++;
    }
    this.#offsets[slot] = offset + 1;
    return true;
  }

  /** -1 for a key that was never put. */
  get(bytes: Buffer, start: number, length: number): number {
    return this.#offsets[this.#find(bytes, start, length)]! - 1;
  }

  /** The key's slot, or the free one where it would go. */
  #find(bytes: Buffer, start: number, length: number): number {
    this.#identify(bytes, start, length);
    const [a, b, c, d] = this.#words as unknown as [number, number, number, number];
    let slot = mix(a, b, c, d) % this.#slots;
    for (; this.#offsets[slot] !== 0; slot = slot + 1 === this.#slots ? 0 : slot + 1) {
      const at = slot * IDENTITY_WORDS;
      const known = this.#identities;
      if (known[at] === a && known[at + 1] === b && known[at + 2] === c && known[at + 3] === d) break;
    }
    return slot;
  }

  #identify(bytes: Buffer, start: number, length: number): void {
    if (length > LONGEST_PLAIN_KEY) {
      hash('sha1', bytes.subarray(start, start + length), 'buffer').copy(
        this.#identity,
        0,
        0,
        LONGEST_PLAIN_KEY,
      );
      this.#identity[LONGEST_PLAIN_KEY] = HASHED;
      return;
    }
    this.#words.fill(0);
    for (let i = 0; i < length; i++) this.#identity[i] = bytes[start + i]!;
    this.#identity[LONGEST_PLAIN_KEY] = length;
  }
}

/** Spreads the bits of an identity over an unsigned int32, with the constants of MurmurHash3's finalizer. */
function mix(a: number, b: number, c: number, d: number): number {
  let mixed = 0;
  for (let i = 0; i < IDENTITY_WORDS; i++) {
    mixed ^= i === 0 ? a : i === 1 ? b : i === 2 ? c : d;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
    mixed ^= mixed >>> 16;
  }
  return mixed >>> 0;
}
