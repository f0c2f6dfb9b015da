import type { Row } from '../data/schema.ts';
import {
  applyUpdates,
  firstRows,
  type SinkRows,
  type TableRow,
  type TableUpdates,
} from './materialized-table.ts';
import type { StoredRow } from './running-query.ts';
import type { StoreKey, StoreKeyOf } from './store/store-key.ts';

/** As SinkTable, with a row for each window of a key: by the windowless key, in the order of time. */
export class WindowedTable implements SinkRows {
  readonly #keyOf: StoreKeyOf;
  readonly #width: number;
  readonly #keys = new Map<StoreKey, TableRow[]>();
  #size = 0;

  /** `width`: of a key without its window, which is what `keyOf` looks at. */
  constructor(keyOf: StoreKeyOf, width: number) {
    this.#keyOf = keyOf;
    this.#width = width;
  }

  get size(): number {
    return this.#size;
  }

  get(keyRow: Row): StoredRow | undefined {
    const key = this.#keyOf(keyRow);
    return key === null ? undefined : this.find(key, keyRow)?.committed;
  }

  windowsOf(keyRow: Row): StoredRow[] {
    const key = this.#keyOf(keyRow);
    const rows = (key !== null && this.#keys.get(key)) || [];
    return rows.flatMap(({ committed }) => committed ?? []);
  }

  *scan(): Iterable<StoredRow> {
    for (const { committed } of this.#rows()) if (committed) yield committed;
  }

  first(count: number, keep: (stored: StoredRow) => boolean): StoredRow[] {
    return firstRows(this.#rows(), count, keep);
  }

  find(key: StoreKey, keyRow: Row): TableRow | undefined {
    const rows = this.#keys.get(key);
    if (rows === undefined) return undefined;
    const startMs = keyRow[this.#width] as number;
    const endMs = keyRow[this.#width + 1] as number;
    // Nearly always the latest.
    for (let index = rows.length - 1; index >= 0; index--) {
      const row = rows[index] as TableRow;
      if (row.startMs === startMs && row.endMs === endMs) return row;
      if (row.startMs < startMs) return undefined;
    }
    return undefined;
  }

  add(row: TableRow): void {
    const rows = this.#keys.get(row.key);
    if (rows === undefined) {
      this.#keys.set(row.key, [row]);
      return;
    }
    let at = rows.length;
    while (at > 0 && (rows[at - 1] as TableRow).startMs > row.startMs) at--;
    rows.splice(at, 0, row);
  }

  apply(updates: TableUpdates): void {
    this.#size += applyUpdates(updates, (row) => this.#remove(row));
  }

  show(row: TableRow, stored: StoredRow): void {
    if (row.committed === undefined) this.#size++;
    row.committed = stored;
  }

  *#rows(): Iterable<TableRow> {
    for (const rows of this.#keys.values()) yield* rows;
  }

  #remove(row: TableRow): void {
    const rows = this.#keys.get(row.key);
    const index = rows?.indexOf(row) ?? -1;
    if (rows === undefined || index < 0) return;
    rows.splice(index, 1);
    if (rows.length === 0) this.#keys.delete(row.key);
  }
}
