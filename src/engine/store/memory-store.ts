import type { Store, StoreEntry } from './store.ts';
import type { StoreKey } from './store-key.ts';

/** A Map, and a list of what was touched since the last commit. */
export class MemoryStore<Entry extends StoreEntry> implements Store<Entry> {
  readonly #entries = new Map<StoreKey, Entry>();
  #dirty: Entry[] = [];

  get size(): number {
    return this.#entries.size;
  }

  get dirtyCount(): number {
    return this.#dirty.length;
  }

  get(key: StoreKey): Entry | undefined {
    return this.#entries.get(key);
  }

  add(key: StoreKey, entry: Entry): void {
    this.#entries.set(key, entry);
  }

  touch(entry: Entry): void {
    if (entry.isDirty) return;
    entry.isDirty = true;
    this.#dirty.push(entry);
  }

  entries(): Iterable<Entry> {
    return this.#entries.values();
  }

  dirty(): Iterable<Entry> {
    return this.#dirty;
  }

  takeDirty(): readonly Entry[] {
    const taken = this.#dirty;
    this.#dirty = [];
    for (const entry of taken) entry.isDirty = false;
    return taken;
  }
}
