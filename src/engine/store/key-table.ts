import type { Buffer } from 'node:buffer';
import { MOST_PREFETCHED } from './key-prefetch.ts';
import type { StoreKey } from './store-key.ts';
import { hashOfAscii, hashOfKey } from './store-key-hash.ts';

/** Instead of a key's number: there is no such key. */
export const NO_KEY = -1;

const FIRST_SLOTS = 16;

/**
 * Numbers for keys. Several maps by the same keys (`KeyedValues`) share a table, so that a key is searched once and each of
 * them then looks into an array:
 *
 *   key, or its bytes --hash--> slots: hash, number + 1 | hash, number + 1 | 0, 0 | ...    on from there, to the first 0
 *                                            |
 *             the same hash: keys[number] is the key?      yes --> A.values[number], B.values[number]
 *
 * A Map finds a million keys slower than ten thousand, since most of what it touches is not in the processor's cache: a
 * bucket, then an entry and its key's hash for each key of a chain, and each key's text has to be made and hashed before.
 * Here slots that are looked at lie side by side with their hashes, and a text is compared with bytes as they stand.
 *
 * Invariant: a key that somebody retains keeps its number; numbers that nobody retains are given again.
 */
export class KeyTable {
  #slots = new Int32Array(2 * FIRST_SLOTS);
  #mask = FIRST_SLOTS - 1;
  readonly #keys: (StoreKey | undefined)[] = [];
  /** By number: how many maps have the key. */
  #holders = new Uint16Array(FIRST_SLOTS);
  readonly #free: number[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  find(key: StoreKey): number {
    const hash = hashOfKey(key);
    const [slots, keys, mask] = [this.#slots, this.#keys, this.#mask];
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (slots[2 * slot + 1] as number) - 1;
      if (number === NO_KEY || (slots[2 * slot] === hash && keys[number] === key)) return number;
    }
  }

  /** As `find`, for a text that stands in bytes, all of them ASCII. */
  findAscii(bytes: Buffer, from: number, to: number): number {
    const hash = hashOfAscii(bytes, from, to);
    const [slots, keys, mask] = [this.#slots, this.#keys, this.#mask];
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (slots[2 * slot + 1] as number) - 1;
      if (number === NO_KEY) return NO_KEY;
      if (slots[2 * slot] === hash && isText(keys[number], bytes, from, to)) return number;
    }
  }

  /** Touches the slots of these hashes and the keys that are there, whose `numbers` it gives: see KeyPrefetch. */
  prefetch(hashes: Int32Array, numbers: Int32Array, count: number): number {
    const [slots, keys, mask] = [this.#slots, this.#keys, this.#mask];
    let touched = 0;
    for (let at = 0; at < count; at++) touched ^= slots[2 * ((hashes[at] as number) & mask)] as number;
    for (let at = 0; at < count; at++) numbers[at] = this.#numberOfHash(hashes[at] as number);
    for (let at = 0; at < count; at++) {
      const number = numbers[at] as number;
      if (number >= 0) prefetched[at] = keys[number];
    }
    for (let at = 0; at < count; at++) {
      const key = prefetched[at];
      if (typeof key === 'string') touched ^= key.length;
    }
    return touched;
  }

  /** Of a number that somebody retains. */
  keyOf(number: number): StoreKey {
    return this.#keys[number] as StoreKey;
  }

  /** The key's number, a new one if need be, which the caller retains at once. */
  numberOf(key: StoreKey): number {
    const hash = hashOfKey(key);
    const [slots, mask] = [this.#slots, this.#mask];
    let slot = hash & mask;
    for (; ; slot = (slot + 1) & mask) {
      const number = (slots[2 * slot + 1] as number) - 1;
      if (number === NO_KEY) break;
      if (slots[2 * slot] === hash && this.#keys[number] === key) return number;
    }
    const number = this.#free.pop() ?? this.#keys.length;
    this.#keys[number] = key;
    slots[2 * slot] = hash;
    slots[2 * slot + 1] = number + 1;
    this.#size++;
    if (3 * this.#size > 2 * (mask + 1)) this.#grow();
    return number;
  }

  /** One more map has the key. */
  retain(number: number): void {
    if (number >= this.#holders.length) {
      const grown = new Uint16Array(Math.max(number + 1, this.#holders.length * 2));
      grown.set(this.#holders);
      this.#holders = grown;
    }
    (this.#holders[number] as number)++;
  }

  /** One less has it. */
  release(number: number): void {
    const left = (this.#holders[number] as number) - 1;
    this.#holders[number] = left;
    if (left > 0) return;
    this.#remove(number);
    this.#keys[number] = undefined;
    this.#free.push(number);
    this.#size--;
  }

  #remove(number: number): void {
    const [slots, mask] = [this.#slots, this.#mask];
    let slot = hashOfKey(this.#keys[number] as StoreKey) & mask;
    while (slots[2 * slot + 1] !== number + 1) slot = (slot + 1) & mask;
    // Those behind move up, as far as that brings none before the slot where its search begins: no search finds a gap.
    for (let next = (slot + 1) & mask; slots[2 * next + 1] !== 0; next = (next + 1) & mask) {
      const first = (slots[2 * next] as number) & mask;
      if (((next - first) & mask) < ((next - slot) & mask)) continue;
      slots[2 * slot] = slots[2 * next] as number;
      slots[2 * slot + 1] = slots[2 * next + 1] as number;
      slot = next;
    }
    slots[2 * slot] = 0;
    slots[2 * slot + 1] = 0;
  }

  #grow(): void {
    const before = this.#slots;
    const slots = new Int32Array(before.length * 2);
    const mask = slots.length / 2 - 1;
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] === 0) continue;
      let slot = (before[at] as number) & mask;
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask;
      slots[2 * slot] = before[at] as number;
      slots[2 * slot + 1] = before[at + 1] as number;
    }
    this.#slots = slots;
    this.#mask = mask;
  }

  /** The first with this hash, most probably the only one. */
  #numberOfHash(hash: number): number {
    const [slots, mask] = [this.#slots, this.#mask];
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const number = (slots[2 * slot + 1] as number) - 1;
      if (number === NO_KEY || slots[2 * slot] === hash) return number;
    }
  }
}

/** Between two loops of `prefetch`. */
const prefetched = new Array<StoreKey | undefined>(MOST_PREFETCHED).fill(undefined);

function isText(key: StoreKey | undefined, bytes: Buffer, from: number, to: number): boolean {
  if (typeof key !== 'string' || key.length !== to - from) return false;
  for (let at = from; at < to; at++) if (key.charCodeAt(at - from) !== bytes[at]) return false;
  return true;
}
