import type { Buffer } from 'node:buffer';
import type { KeyTable } from './key-table.ts';
import type { StoreKey } from './store-key.ts';
import { hashOfAscii, hashOfKey } from './store-key-hash.ts';

/** Something that can touch what it has of keys with these numbers, the first `count`; gives anything made of it. */
export interface Prefetchable {
  prefetch(numbers: Int32Array, count: number): number;
}

/** Misses that a processor has under way at once are ten or so; what is fetched must fit in its second cache. */
export const MOST_PREFETCHED = 64;
/** Of fewer keys most is in the cache anyway. */
const MANY_KEYS = 32_768;

/**
 * Brings what is known of the next keys into the processor's cache. A search is a chain of misses, each of which waits for
 * the one before: slot, text, value, row. Here each link is touched for all keys before the next is, so that a dozen misses
 * wait together:
 *
 *   hash hash hash ...  slot slot slot ...  number number number ...  text text text ...  value value value ...
 *
 * Nothing changes and nothing is promised: a key that is not found is looked for again by whoever needs it.
 */
export class KeyPrefetch {
  readonly #keys: KeyTable;
  readonly #stores: readonly Prefetchable[];
  readonly #hashes = new Int32Array(MOST_PREFETCHED);
  readonly #numbers = new Int32Array(MOST_PREFETCHED);
  #count = 0;
  /** So that no compiler leaves a touch out. */
  touched = 0;

  constructor(keys: KeyTable, stores: readonly Prefetchable[]) {
    this.#keys = keys;
    this.#stores = stores;
  }

  get pays(): boolean {
    return this.#keys.size >= MANY_KEYS;
  }

  /** At most MOST_PREFETCHED between two runs. */
  addAscii(bytes: Buffer, from: number, to: number): void {
    this.#hashes[this.#count++] = hashOfAscii(bytes, from, to);
  }

  add(key: StoreKey): void {
    this.#hashes[this.#count++] = hashOfKey(key);
  }

  run(): void {
    const count = this.#count;
    this.#count = 0;
    let touched = this.#keys.prefetch(this.#hashes, this.#numbers, count);
    for (const store of this.#stores) touched += store.prefetch(this.#numbers, count);
    this.touched = touched | 0;
  }
}
