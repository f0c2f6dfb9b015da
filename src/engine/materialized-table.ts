import type { Row } from '../data/schema.ts';
import type { EncodedHeaders } from '../record/batch-builder.ts';
import type { Change } from './operators/change.ts';
import type { MaterializedTable, StoredRow } from './running-query.ts';
import { SmallestFirst } from './smallest-first.ts';
import type { StoreKey, StoreKeyOf } from './store/store-key.ts';

const NO_BYTES = new Uint8Array(0);

/** One key of a sink's table. */
export interface TableRow {
  readonly key: StoreKey;
  /** The key as it is written, and the partition that follows from it. */
  readonly keyBytes: Uint8Array | null;
  readonly partition: number;
  /** The last change of the round that is being gathered. */
  pending: Change | undefined;
  pendingHeaders: EncodedHeaders | undefined;
  /** What readers see. */
  committed: StoredRow | undefined;
}

/** What each key that a round has touched holds at its end; null: the row is gone. */
export type TableUpdates = readonly { readonly row: TableRow; readonly stored: StoredRow | null }[];

/**
 * The rows of a table: those that are committed, for pull queries, beside those of rounds that are not. A commit moves
 * the second to the first.
 */
export class SinkTable implements MaterializedTable {
  readonly #keyOf: StoreKeyOf;
  #rows = new Map<StoreKey, TableRow>();
  #size = 0;

  constructor(keyOf: StoreKeyOf) {
    this.#keyOf = keyOf;
  }

  /** Committed rows. */
  get size(): number {
    return this.#size;
  }

  get(key: Row): StoredRow | undefined {
    const storeKey = this.#keyOf(key);
    return storeKey === null ? undefined : this.#rows.get(storeKey)?.committed;
  }

  *scan(): Iterable<StoredRow> {
    for (const { committed } of this.#rows.values()) if (committed) yield committed;
  }

  first(count: number, keep: (stored: StoredRow) => boolean): StoredRow[] {
    const rows = new SmallestFirst<TableRow>(count, byPartitionAndKey);
    for (const row of this.#rows.values())
      if (row.committed && rows.wants(row) && keep(row.committed)) rows.add(row);
    return rows.sorted().map(({ committed }) => committed as StoredRow);
  }

  find(key: StoreKey): TableRow | undefined {
    return this.#rows.get(key);
  }

  add(row: TableRow): void {
    this.#rows.set(row.key, row);
  }

  apply(updates: TableUpdates): void {
    for (const { row, stored } of updates) {
      if (row.committed) this.#size--;
      row.committed = stored ?? undefined;
      if (row.committed) this.#size++;
      // A later round may hold the row already; then it is that round's to remove.
      else if (row.pending === undefined) this.#rows.delete(row.key);
    }
  }

  /** Takes over what another has gathered: after a failure a new task derives the whole table anew. */
  become(other: SinkTable): void {
    this.#rows = other.#rows;
    this.#size = other.#size;
  }
}

function byPartitionAndKey(a: TableRow, b: TableRow): number {
  if (a.partition !== b.partition) return a.partition - b.partition;
  return Buffer.compare(a.keyBytes ?? NO_BYTES, b.keyBytes ?? NO_BYTES);
}
