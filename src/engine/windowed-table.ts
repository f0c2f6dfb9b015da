import type { Row } from '../data/schema.ts';
import {
  applyUpdates,
  firstRows,
  newTableRow,
  ROW_BYTES,
  type SinkRows,
  type TableRow,
  type TableUpdates,
} from './materialized-table.ts';
import type { StoredRow } from './running-query.ts';
import {
  bytesOfKey,
  bytesOfValue,
  bytesOfValues,
  FIELD_BYTES,
  MAP_ENTRY_BYTES,
  OBJECT_BYTES,
} from './store/memory-bytes.ts';
import type { Spillable, Spilling, SpillingMap } from './store/spilling-map.ts';
import type { StateSpace } from './store/state-space.ts';
import type { StoreKey, StoreKeyOf } from './store/store-key.ts';
import { writeValue } from './store/value-bytes.ts';

/** The rows of a key, in the order of their starts and ends: together in memory or on disk. */
interface KeyRows extends Spillable {
  readonly rows: TableRow[];
  bytes: number;
}

const KEY_BYTES = MAP_ENTRY_BYTES + 2 * OBJECT_BYTES + 5 * FIELD_BYTES;

const KEYS_ROWS: Spilling<KeyRows> = {
  mayGo: ({ rows }) =>
    rows.every(
      ({ pending, unsettled, committed }) =>
        pending === undefined && unsettled === 0 && committed !== undefined,
    ),
  write: ({ rows }, out) => {
    writeValue(rows.length, out);
    for (const { keyBytes, partition, startMs, endMs, committed } of rows) {
      const { row, timestampMs } = committed as StoredRow;
      for (const value of [keyBytes, partition, startMs, endMs, timestampMs, row]) writeValue(value, out);
    }
  },
  read: (from, key) => {
    const rows: TableRow[] = [];
    let bytes = 0;
    for (let left = from.next() as number; left > 0; left--) {
      const place = { keyBytes: from.next() as Uint8Array | null, partition: from.next() as number };
      const table = newTableRow(key, place, from.next() as number, from.next() as number);
      const timestampMs = from.next() as number;
      table.committed = { row: from.next() as Row, timestampMs };
      table.rowBytes = bytesOfValues(table.committed.row);
      rows.push(table);
      bytes += bytesOfRow(table) + table.rowBytes;
    }
    return { rows, bytes, mark: 0 };
  },
  bytesOf: (key, { bytes }) => KEY_BYTES + bytesOfKey(key) + bytes,
};

/** Without what is committed. */
function bytesOfRow({ keyBytes }: TableRow): number {
  return ROW_BYTES + bytesOfValue(keyBytes);
}

/** As SinkTable, with a row for each window of a key: by the windowless key, in the order of time. */
export class WindowedTable implements SinkRows {
  readonly #keyOf: StoreKeyOf;
  readonly #width: number;
  readonly #keys: SpillingMap<KeyRows>;
  #size = 0;

  /** `width`: of a key without its window, which is what `keyOf` looks at. */
  constructor(keyOf: StoreKeyOf, width: number, state: StateSpace) {
    this.#keyOf = keyOf;
    this.#width = width;
    this.#keys = state.map(KEYS_ROWS);
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
    const rows = (key !== null && this.#keys.get(key)?.rows) || [];
    return rows.flatMap(({ committed }) => committed ?? []);
  }

  *scan(): Iterable<StoredRow> {
    for (const { committed } of this.#rows()) if (committed) yield committed;
  }

  first(count: number, keep: (stored: StoredRow) => boolean): StoredRow[] {
    return firstRows(this.#rows(), count, keep);
  }

  find(key: StoreKey, keyRow: Row): TableRow | undefined {
    const rows = this.#keys.get(key)?.rows;
    if (rows === undefined) return undefined;
    const startMs = keyRow[this.#width] as number;
    const endMs = keyRow[this.#width + 1] as number;
    const row = rows[placeOf(rows, startMs, endMs)];
    return row?.startMs === startMs && row.endMs === endMs ? row : undefined;
  }

  add(row: TableRow): void {
    const known = this.#keys.get(row.key);
    if (known === undefined) {
      this.#keys.add(row.key, { rows: [row], bytes: bytesOfRow(row), mark: 0 });
      return;
    }
    const { rows } = known;
    const at = placeOf(rows, row.startMs, row.endMs);
    if (at === rows.length) rows.push(row);
    else rows.splice(at, 0, row);
    this.#resize(known, bytesOfRow(row));
  }

  apply(updates: TableUpdates): void {
    this.#size += applyUpdates(updates, (row) => this.#remove(row));
    for (const { row } of updates) if (row.committed) this.#measure(row);
  }

  show(row: TableRow, stored: StoredRow): void {
    if (row.committed === undefined) this.#size++;
    row.committed = stored;
    this.#measure(row);
  }

  *#rows(): Iterable<TableRow> {
    for (const { rows } of this.#keys.values()) yield* rows;
  }

  #remove(row: TableRow): void {
    const known = this.#keys.get(row.key);
    if (known === undefined) return;
    const index = placeOf(known.rows, row.startMs, row.endMs);
    if (known.rows[index] !== row) return;
    known.rows.splice(index, 1);
    this.#resize(known, -(bytesOfRow(row) + row.rowBytes));
    if (known.rows.length === 0) this.#keys.delete(row.key);
  }

  #measure(row: TableRow): void {
    const rowBytes = bytesOfValues((row.committed as StoredRow).row);
    this.#resize(this.#keys.get(row.key) as KeyRows, rowBytes - row.rowBytes);
    row.rowBytes = rowBytes;
  }

  #resize(known: KeyRows, bytes: number): void {
    known.bytes += bytes;
    this.#keys.resized(bytes);
    this.#keys.changed(known);
  }
}

/**
 * Where the row of a window is, or would be: nearly always at the end. A session that grows has a row for each of its ends
 * until the round is committed, so that there may be thousands with one start.
 */
function placeOf(rows: readonly TableRow[], startMs: number, endMs: number): number {
  let low = 0;
  let high = rows.length;
  for (let at = high - 1; low < high; at = (low + high) >>> 1) {
    const row = rows[at] as TableRow;
    const order = row.startMs - startMs || row.endMs - endMs;
    if (order === 0) return at;
    if (order < 0) low = at + 1;
    else high = at;
  }
  return low;
}
