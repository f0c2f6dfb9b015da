import type { Row } from '../data/schema.ts';
import type { MaterializedTable, StoredRow } from './running-query.ts';
import type { StoreKey, StoreKeyOf } from './store/store-key.ts';

/** Committed rows only: a round's rows wait in {@link TableUpdates} until its commit is durable. */
export class CommittedTable implements MaterializedTable {
  readonly #keyOf: StoreKeyOf;
  #rows = new Map<StoreKey, StoredRow>();

  constructor(keyOf: StoreKeyOf) {
    this.#keyOf = keyOf;
  }

  get size(): number {
    return this.#rows.size;
  }

  get(key: Row): StoredRow | undefined {
    const storeKey = this.#keyOf(key);
    return storeKey === null ? undefined : this.#rows.get(storeKey);
  }

  scan(): Iterable<StoredRow> {
    return this.#rows.values();
  }

  apply(updates: TableUpdates): void {
    for (const [key, row] of updates) {
      if (row === null) this.#rows.delete(key);
      else this.#rows.set(key, row);
    }
  }

  /** All contents at once, after a restart has derived them anew. */
  replace(updates: TableUpdates): void {
    this.#rows = new Map();
    this.apply(updates);
  }
}

/** The last row per key; null: deleted. */
export type TableUpdates = ReadonlyMap<StoreKey, StoredRow | null>;
