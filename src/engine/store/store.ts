import type { StoreKey } from './store-key.ts';

/** What a stateful operator needs of its state, synchronously. */
export interface Store<Entry> {
  readonly size: number;
  get(key: StoreKey): Entry | undefined;
  /** Also to be called when an entry was changed in place: it marks the key for the next changelog write. */
  put(key: StoreKey, entry: Entry): void;
  delete(key: StoreKey): void;
  /** As `put`, of what the changelog already holds. */
  load(key: StoreKey, entry: Entry): void;
  /** In no promised order. */
  entries(): Iterable<[StoreKey, Entry]>;
  /** Keys written since the last call, each once, with what they hold now (undefined: deleted). */
  takeDirty(): [StoreKey, Entry | undefined][];
  /** How many keys `takeDirty` would give. */
  readonly dirtyCount: number;
}
