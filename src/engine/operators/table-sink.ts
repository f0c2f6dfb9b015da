import type { Row } from '../../data/schema.ts';
import type { FromGroup, Group } from '../group-layout.ts';
import type { SinkTable, TableRow } from '../materialized-table.ts';
import type { StoredRow } from '../running-query.ts';
import type { StoreKeyOf } from '../store/store-key.ts';
import type { GroupOutput } from './aggregate.ts';
import type { Change } from './change.ts';
import type { Outlet, RoundResult } from './outlet.ts';
import { type SinkOptions, SinkWriter } from './sink-writer.ts';

export interface TableSinkOptions extends SinkOptions {
  /** Several updates of a key within a round become one output. */
  readonly merges: boolean;
  readonly table: SinkTable;
  readonly keyOf: StoreKeyOf;
}

/**
 * The end of a table.
 *
 *   change --+-- merging --> last change per key --flush--+--> record of murmur2(key)'s partition
 *            +-- every update ----------------------------+
 *
 * What each key holds at the end of a round is handed over with it, so that its commit can show it to readers.
 */
export class TableSink implements Outlet {
  readonly merges: boolean;
  readonly writer: SinkWriter;
  readonly #table: SinkTable;
  readonly #keyOf: StoreKeyOf;
  #touched: TableRow[] = [];
  #updates: { row: TableRow; stored: StoredRow | null }[] = [];

  constructor(options: TableSinkOptions) {
    this.writer = new SinkWriter(options);
    this.merges = options.merges;
    this.#table = options.table;
    this.#keyOf = options.keyOf;
  }

  get pendingRows(): number {
    return this.#touched.length;
  }

  push(change: Change): void {
    const { context } = this.writer;
    const row = this.rowOf(change.key);
    if (row === undefined) {
      if (!context.rebuilding) this.#writeUnplaced(change);
      return;
    }
    if (row.pending === undefined) this.#touched.push(row);
    row.pending = change;
    if (context.rebuilding) return;
    const headers = context.headers();
    if (this.merges) row.pendingHeaders = headers;
    else this.#write(row, change, headers);
  }

  flush(): RoundResult {
    for (const row of this.#touched) {
      const change = row.pending as Change;
      const headers = row.pendingHeaders;
      row.pending = undefined;
      row.pendingHeaders = undefined;
      this.settle(row, change.row, change.timestampMs);
      if (this.merges && !this.writer.context.rebuilding) this.#write(row, change, headers);
    }
    const updates = this.#updates;
    this.#touched = [];
    this.#updates = [];
    return { updates, ...this.writer.take() };
  }

  /** Where the table keeps the row of this key; undefined for a key that no row can have. */
  rowOf(keyRow: Row): TableRow | undefined {
    const key = this.#keyOf(keyRow);
    if (key === null) return undefined;
    let row = this.#table.find(key);
    if (row === undefined) {
      const place = this.writer.place(keyRow);
      row = { key, ...place, pending: undefined, pendingHeaders: undefined, committed: undefined };
      this.#table.add(row);
    }
    return row;
  }

  /** What the key holds when the round is closed. */
  settle(row: TableRow, stored: Row | null, timestampMs: number): void {
    this.#updates.push({ row, stored: stored === null ? null : { row: stored, timestampMs } });
  }

  /** A row whose key is null is in no table, yet its record is written. */
  #writeUnplaced({ key, row, timestampMs, partition, offset }: Change): void {
    this.writer.write(key, row, timestampMs, partition, offset, this.writer.context.headers());
  }

  #write(
    place: TableRow,
    { key, row, timestampMs, partition, offset }: Change,
    headers: TableRow['pendingHeaders'],
  ): void {
    this.writer.writeTo(place, key, row, timestampMs, partition, offset, headers);
  }
}

/** Groups that go to the sink as they are, with nothing in between but projections: each keeps hold of its table's row. */
export class SinkGroups implements GroupOutput {
  readonly #sink: TableSink;
  readonly #rowOf: FromGroup;

  constructor(sink: TableSink, rowOf: FromGroup) {
    this.#sink = sink;
    this.#rowOf = rowOf;
  }

  changed(group: Group): void {
    if (!this.#sink.merges) this.#write(group, this.#rowOf(group));
  }

  flush(groups: Iterable<Group>): void {
    for (const group of groups) {
      const row = this.#rowOf(group);
      if (this.#sink.merges) this.#write(group, row);
      this.#settle(group, row);
    }
  }

  restored(group: Group): void {
    this.#settle(group, this.#rowOf(group));
  }

  #write(group: Group, row: Row): void {
    const place = this.#place(group, row);
    if (place)
      this.#sink.writer.writeTo(
        place,
        row,
        row,
        group.timestampMs,
        group.partition,
        group.offset,
        group.headers,
      );
  }

  #settle(group: Group, row: Row): void {
    const place = this.#place(group, row);
    if (place) this.#sink.settle(place, row, group.timestampMs);
  }

  #place(group: Group, row: Row): TableRow | undefined {
    group.sinkRow ??= this.#sink.rowOf(row);
    return group.sinkRow;
  }
}
