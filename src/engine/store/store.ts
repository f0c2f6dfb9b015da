import type { StoreKey } from './store-key.ts';

/** Entries are changed in place; the store itself keeps the mark. */
export interface StoreEntry {
  isDirty: boolean;
}

/** What a stateful operator needs of its state, synchronously. */
export interface Store<Entry extends StoreEntry> {
  readonly size: number;
  get(key: StoreKey): Entry | undefined;
  add(key: StoreKey, entry: Entry): void;
  /** The entry is about to be changed and has to be written at the next commit. */
  touch(entry: Entry): void;
  /** In no promised order. */
  entries(): Iterable<Entry>;
  /** Entries touched since the last `takeDirty`, each once, in the order of their first touch. */
  dirty(): readonly Entry[];
  /** The same, and none of them is dirty any more. */
  takeDirty(): readonly Entry[];
  /** How many entries `takeDirty` would give. */
  readonly dirtyCount: number;
}
