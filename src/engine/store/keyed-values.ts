import { MOST_PREFETCHED, type Prefetchable } from './key-prefetch.ts';
import { KeyTable, NO_KEY } from './key-table.ts';
import type { StoreKey } from './store-key.ts';

/** What is found by a key's number as well, so that a key whose number is known is not searched a second time. */
export interface Numbered<Value> extends Prefetchable {
  readonly keys: KeyTable;
  /** Undefined for NO_KEY, and for what is not in memory. */
  at(number: number): Value | undefined;
  /** `get` may find what `at` does not. */
  readonly mayBeElsewhere: boolean;
  get(key: StoreKey): Value | undefined;
}

/** Of many values one array would be one piece of work for the collector, which its threads cannot share, and copied as it grows. */
const CHUNK_BITS = 10;
const CHUNK_MASK = (1 << CHUNK_BITS) - 1;

type Chunk<Value> = (Value | undefined)[];

/**
 * A Map by keys that have numbers: what a key holds can be looked up by its number as well. Maps that share the table of
 * numbers find a key together.
 */
export class KeyedValues<Value extends object> {
  #keys: KeyTable;
  #chunks: (Chunk<Value> | undefined)[] = [];
  #size = 0;
  readonly #prefetched = new Array<Value | undefined>(MOST_PREFETCHED).fill(undefined);

  constructor(keys: KeyTable) {
    this.#keys = keys;
  }

  get keys(): KeyTable {
    return this.#keys;
  }

  get size(): number {
    return this.#size;
  }

  get(key: StoreKey): Value | undefined {
    return this.at(this.#keys.find(key));
  }

  /** By the key's number; undefined for NO_KEY. */
  at(number: number): Value | undefined {
    if (number < 0) return undefined;
    const chunk = this.#chunks[number >> CHUNK_BITS];
    return chunk === undefined ? undefined : chunk[number & CHUNK_MASK];
  }

  /** See KeyPrefetch; `touch` reads from a value what will be needed. */
  prefetch(numbers: Int32Array, count: number, touch: (value: Value) => number): number {
    const found = this.#prefetched;
    for (let at = 0; at < count; at++) found[at] = this.at(numbers[at] as number);
    let touched = 0;
    for (let at = 0; at < count; at++) {
      const value = found[at];
      if (value !== undefined) touched ^= touch(value);
    }
    found.fill(undefined);
    return touched;
  }

  has(key: StoreKey): boolean {
    return this.get(key) !== undefined;
  }

  set(key: StoreKey, value: Value): void {
    const number = this.#keys.numberOf(key);
    if (this.at(number) === undefined) {
      this.#keys.retain(number);
      this.#size++;
    }
    this.#chunkOf(number)[number & CHUNK_MASK] = value;
  }

  delete(key: StoreKey): boolean {
    const number = this.#keys.find(key);
    if (number === NO_KEY || this.at(number) === undefined) return false;
    this.#chunkOf(number)[number & CHUNK_MASK] = undefined;
    this.#size--;
    this.#keys.release(number);
    return true;
  }

  /** In no promised order. What is deleted or set meanwhile comes or does not. */
  *values(): IterableIterator<Value> {
    for (let number = 0; number < this.#end; number++) {
      const value = this.at(number);
      if (value !== undefined) yield value;
    }
  }

  *entries(): IterableIterator<[StoreKey, Value]> {
    for (let number = 0; number < this.#end; number++) {
      const value = this.at(number);
      if (value !== undefined) yield [this.#keys.keyOf(number), value];
    }
  }

  /** Empty from now on, and apart from those that shared its keys: their table still counts this one. */
  clear(): void {
    this.#keys = new KeyTable();
    this.#chunks = [];
    this.#size = 0;
  }

  get #end(): number {
    return this.#chunks.length << CHUNK_BITS;
  }

  #chunkOf(number: number): Chunk<Value> {
    const at = number >> CHUNK_BITS;
    // An array with holes would become a dictionary.
    while (this.#chunks.length <= at) this.#chunks.push(undefined);
    let chunk = this.#chunks[at];
    if (chunk === undefined) {
      chunk = new Array<Value | undefined>(CHUNK_MASK + 1).fill(undefined);
      this.#chunks[at] = chunk;
    }
    return chunk;
  }
}
