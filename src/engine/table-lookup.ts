import type { Row } from '../data/schema.ts';
import type { StoredRow } from './running-query.ts';
import type { StoreKey } from './store/store-key.ts';

/** A table by key, as a join looks it up. */
export interface TableLookup {
  get(key: StoreKey): StoredRow | undefined;
}

export const NO_ROWS: TableLookup = { get: () => undefined };

/** The later of two times: of a change and of the row that it meets, if there is one. */
export function laterOf(timestampMs: number, other: StoredRow | undefined): number {
  return other === undefined ? timestampMs : Math.max(timestampMs, other.timestampMs);
}

/** Rows of a projection that keeps the key, made when they are looked up. */
export function projectedRows(table: TableLookup, columns: (row: Row) => Row): TableLookup {
  return {
    get(key) {
      const stored = table.get(key);
      return stored && { row: columns(stored.row), timestampMs: stored.timestampMs };
    },
  };
}

/** The rows that match. */
export function matchingRows(table: TableLookup, matches: (row: Row) => boolean): TableLookup {
  return {
    get(key) {
      const stored = table.get(key);
      return stored && matches(stored.row) ? stored : undefined;
    },
  };
}
