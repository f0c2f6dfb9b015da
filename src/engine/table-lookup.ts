import type { Row } from '../data/schema.ts';
import type { StoredRow } from './running-query.ts';
import type { Numbered } from './store/keyed-values.ts';
import type { StoreKey } from './store/store-key.ts';

/** A table by key, as a join looks it up. */
export interface TableLookup {
  get(key: StoreKey): StoredRow | undefined;
  /** The same rows, where their keys have numbers. */
  readonly numbered?: Numbered<StoredRow> | undefined;
}

export const NO_ROWS: TableLookup = { get: () => undefined };

/** The later of two times: of a change and of the row that it meets, if there is one. */
export function laterOf(timestampMs: number, other: StoredRow | undefined): number {
  return other === undefined ? timestampMs : Math.max(timestampMs, other.timestampMs);
}

/** Rows of a projection that keeps the key, made when they are looked up. */
export function projectedRows(table: TableLookup, columns: (row: Row) => Row): TableLookup {
  return derivedRows(table, ({ row, timestampMs }) => ({ row: columns(row), timestampMs }));
}

/** The rows that match. */
export function matchingRows(table: TableLookup, matches: (row: Row) => boolean): TableLookup {
  return derivedRows(table, (stored) => (matches(stored.row) ? stored : undefined));
}

function derivedRows(table: TableLookup, derive: (stored: StoredRow) => StoredRow | undefined): TableLookup {
  const derived = (stored: StoredRow | undefined) => stored && derive(stored);
  const get = (key: StoreKey) => derived(table.get(key));
  const { numbered } = table;
  if (numbered === undefined) return { get };
  return {
    get,
    numbered: {
      keys: numbered.keys,
      at: (number) => derived(numbered.at(number)),
      get mayBeElsewhere() {
        return numbered.mayBeElsewhere;
      },
      get,
      prefetch: (numbers, count) => numbered.prefetch(numbers, count),
    },
  };
}
