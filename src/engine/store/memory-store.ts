import type { Store } from './store.ts';
import type { StoreKey } from './store-key.ts';

/** A Map, and the set of keys written since the last commit. */
export class MemoryStore<Entry> implements Store<Entry> {
  readonly #entries = new Map<StoreKey, Entry>();
  readonly #dirty = new Set<StoreKey>();

  get size(): number {
    return this.#entries.size;
  }

  get dirtyCount(): number {
    return this.#dirty.size;
  }

  get(key: StoreKey): Entry | undefined {
    return this.#entries.get(key);
  }

  put(key: StoreKey, entry: Entry): void {
    this.#entries.set(key, entry);
    this.#dirty.add(key);
  }

  delete(key: StoreKey): void {
    if (this.#entries.delete(key)) this.#dirty.add(key);
  }

  load(key: StoreKey, entry: Entry): void {
    this.#entries.set(key, entry);
  }

  entries(): Iterable<[StoreKey, Entry]> {
    return this.#entries;
  }

  takeDirty(): [StoreKey, Entry | undefined][] {
    const taken = Array.from(this.#dirty, (key): [StoreKey, Entry | undefined] => [
      key,
      this.#entries.get(key),
    ]);
    this.#dirty.clear();
    return taken;
  }
}
