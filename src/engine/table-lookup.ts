import type { StoredRow } from './running-query.ts';
import type { StoreKey } from './store/store-key.ts';

/** A table by key, as a join looks it up. */
export interface TableLookup {
  get(key: StoreKey): StoredRow | undefined;
}
