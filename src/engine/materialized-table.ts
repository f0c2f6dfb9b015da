import type { Row } from '../data/schema.ts';
import type { EncodedHeaders } from '../record/batch-builder.ts';
import type { Change } from './operators/change.ts';
import type { MaterializedTable, StoredRow } from './running-query.ts';
import { SmallestFirst } from './smallest-first.ts';
import type { GroupStore } from './store/group-store.ts';
import {
  bytesOfKey,
  bytesOfValue,
  bytesOfValues,
  FIELD_BYTES,
  MAP_ENTRY_BYTES,
  NUMBER_BYTES,
  OBJECT_BYTES,
} from './store/memory-bytes.ts';
import type { Spillable, Spilling, SpillingMap } from './store/spilling-map.ts';
import type { StateSpace } from './store/state-space.ts';
import type { StoreKey, StoreKeyOf } from './store/store-key.ts';
import { writeValue } from './store/value-bytes.ts';

const NO_BYTES = new Uint8Array(0);

/** A key as it is written, and the partition that follows from it. */
export interface Place {
  readonly keyBytes: Uint8Array | null;
  readonly partition: number;
}

/** One key of a sink's table, or one window of a key. */
export interface TableRow extends Place, Spillable {
  /** Without its window. */
  readonly key: StoreKey;
  /** Both 0 in a table without windows. */
  readonly startMs: number;
  readonly endMs: number;
  /** The last change of the round that is being gathered. */
  pending: Change | undefined;
  pendingHeaders: EncodedHeaders | undefined;
  /** What readers see. */
  committed: StoredRow | undefined;
  /** Rounds that have ended and are not committed, and will tell it what they made of it. */
  unsettled: number;
  /** What `committed` takes in memory. */
  rowBytes: number;
}

export function newTableRow(key: StoreKey, { keyBytes, partition }: Place, startMs = 0, endMs = 0): TableRow {
  return {
    key,
    startMs,
    endMs,
    keyBytes,
    partition,
    pending: undefined,
    pendingHeaders: undefined,
    committed: undefined,
    unsettled: 0,
    rowBytes: 0,
    mark: 0,
  };
}

/** Two objects and a time. */
export const ROW_BYTES = MAP_ENTRY_BYTES + 2 * OBJECT_BYTES + 13 * FIELD_BYTES + NUMBER_BYTES;

const TABLE_ROWS: Spilling<TableRow> = {
  mayGo: ({ pending, unsettled, committed }) =>
    pending === undefined && unsettled === 0 && committed !== undefined,
  write: ({ keyBytes, partition, committed }, out) => {
    const { row, timestampMs } = committed as StoredRow;
    for (const value of [keyBytes, partition, timestampMs, row]) writeValue(value, out);
  },
  read: (from, key) => {
    const keyBytes = from.next() as Uint8Array | null;
    const table = newTableRow(key, { keyBytes, partition: from.next() as number });
    const timestampMs = from.next() as number;
    table.committed = { row: from.next() as Row, timestampMs };
    table.rowBytes = bytesOfValues(table.committed.row);
    return table;
  },
  bytesOf: (key, { keyBytes, rowBytes }) => ROW_BYTES + bytesOfKey(key) + bytesOfValue(keyBytes) + rowBytes,
};

/** What each key that a round has touched holds at its end; null: the row is gone. */
export type TableUpdates = readonly { readonly row: TableRow; readonly stored: StoredRow | null }[];

/** The rows of a sink: see {@link SinkTable}. */
export interface SinkRows extends MaterializedTable {
  /** `keyRow` begins with the key columns, and the window where there is one. */
  find(key: StoreKey, keyRow: Row): TableRow | undefined;
  add(row: TableRow): void;
  apply(updates: TableUpdates): void;
  /** Outside of rounds: `row` has been added, and shows this from now on. */
  show(row: TableRow, stored: StoredRow): void;
}

/**
 * The rows of a table: those that are committed, for pull queries, beside those of rounds that are not. A commit moves
 * the second to the first.
 */
export class SinkTable implements SinkRows {
  readonly #keyOf: StoreKeyOf;
  readonly #rows: SpillingMap<TableRow>;
  #size = 0;

  constructor(keyOf: StoreKeyOf, state: StateSpace) {
    this.#keyOf = keyOf;
    this.#rows = state.map(TABLE_ROWS);
  }

  /** Committed rows. */
  get size(): number {
    return this.#size;
  }

  get(key: Row): StoredRow | undefined {
    const storeKey = this.#keyOf(key);
    return storeKey === null ? undefined : this.#rows.get(storeKey)?.committed;
  }

  windowsOf(): StoredRow[] {
    return [];
  }

  *scan(): Iterable<StoredRow> {
    for (const { committed } of this.#rows.values()) if (committed) yield committed;
  }

  first(count: number, keep: (stored: StoredRow) => boolean): StoredRow[] {
    return firstRows(this.#rows.values(), count, keep);
  }

  find(key: StoreKey): TableRow | undefined {
    return this.#rows.get(key);
  }

  add(row: TableRow): void {
    this.#rows.add(row.key, row);
  }

  apply(updates: TableUpdates): void {
    this.#size += applyUpdates(updates, ({ key }) => this.#rows.delete(key));
    for (const { row } of updates) if (row.committed) this.#measure(row, bytesOfValues(row.committed.row));
  }

  show(row: TableRow, stored: StoredRow): void {
    if (row.committed === undefined) this.#size++;
    row.committed = stored;
    this.#measure(row, bytesOfValues(stored.row));
  }

  #measure(row: TableRow, rowBytes: number): void {
    this.#rows.changed(row);
    this.#rows.resized(rowBytes - row.rowBytes);
    row.rowBytes = rowBytes;
  }
}

/** How many more rows there are to see. */
export function applyUpdates(updates: TableUpdates, remove: (row: TableRow) => void): number {
  let more = 0;
  for (const { row, stored } of updates) {
    if (row.committed) more--;
    row.committed = stored ?? undefined;
    row.unsettled--;
    if (row.committed) more++;
    // A later round may hold the row already; then it is that round's to remove.
    else if (row.pending === undefined && row.unsettled === 0) remove(row);
  }
  return more;
}

export function firstRows(
  all: Iterable<TableRow>,
  count: number,
  keep: (stored: StoredRow) => boolean,
): StoredRow[] {
  const rows = new SmallestFirst<TableRow>(count, byPartitionAndKey);
  for (const row of all) if (row.committed && rows.wants(row) && keep(row.committed)) rows.add(row);
  return rows.sorted().map(({ committed }) => committed as StoredRow);
}

export function byPartitionAndKey(a: Place, b: Place): number {
  if (a.partition !== b.partition) return a.partition - b.partition;
  return Buffer.compare(a.keyBytes ?? NO_BYTES, b.keyBytes ?? NO_BYTES);
}

/** A query's table as its readers hold it, while tasks that failed are replaced by new ones. */
export class TableHandle implements MaterializedTable {
  /** Readers keep the old rows until the new ones are complete. */
  current: MaterializedTable | undefined;

  get size(): number {
    return this.current?.size ?? 0;
  }

  get(key: Row): StoredRow | undefined {
    return this.current?.get(key);
  }

  windowsOf(key: Row): readonly StoredRow[] {
    return this.current?.windowsOf(key) ?? [];
  }

  scan(): Iterable<StoredRow> {
    return this.current?.scan() ?? [];
  }

  first(count: number, keep: (stored: StoredRow) => boolean): StoredRow[] {
    return this.current?.first(count, keep) ?? [];
  }
}

/** A table whose rows follow from the groups of one aggregation: see GroupStore for what readers see. */
export class GroupTable implements MaterializedTable {
  readonly #store: GroupStore;
  readonly #keyOf: StoreKeyOf;
  readonly #placeOf: (row: Row) => Place;

  constructor(store: GroupStore, keyOf: StoreKeyOf, placeOf: (row: Row) => Place) {
    this.#store = store;
    this.#keyOf = keyOf;
    this.#placeOf = placeOf;
  }

  /** Groups of which nothing has been committed yet count too. */
  get size(): number {
    return this.#store.size;
  }

  get(key: Row): StoredRow | undefined {
    const storeKey = this.#keyOf(key);
    const group = storeKey === null ? undefined : this.#store.get(storeKey);
    return group && this.#store.committed(group);
  }

  windowsOf(): StoredRow[] {
    return [];
  }

  *scan(): Iterable<StoredRow> {
    for (const group of this.#store.entries()) {
      const stored = this.#store.committed(group);
      if (stored) yield stored;
    }
  }

  first(count: number, keep: (stored: StoredRow) => boolean): StoredRow[] {
    const rows = new SmallestFirst<Place & { readonly stored: StoredRow }>(count, byPartitionAndKey);
    for (const stored of this.scan()) {
      const placed = { ...this.#placeOf(stored.row), stored };
      if (rows.wants(placed) && keep(stored)) rows.add(placed);
    }
    return rows.sorted().map(({ stored }) => stored);
  }
}
