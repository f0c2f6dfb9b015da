import type { Row } from '../../data/schema.ts';
import type { FromGroup } from '../group-layout.ts';
import { GroupTable, newTableRow, type SinkRows, SinkTable, type TableRow } from '../materialized-table.ts';
import type { MaterializedTable, StoredRow } from '../running-query.ts';
import { type Group, type GroupStore, touchGroups } from '../store/group-store.ts';
import type { StateSpace } from '../store/state-space.ts';
import type { StoreKeyOf } from '../store/store-key.ts';
import { withoutBounds } from '../windowed-key.ts';
import { WindowedTable } from '../windowed-table.ts';
import type { GroupOutput } from './aggregate.ts';
import type { Change } from './change.ts';
import type { Outlet, RoundResult } from './outlet.ts';
import { type SinkOptions, SinkWriter } from './sink-writer.ts';

export interface TableSinkOptions extends SinkOptions {
  /** Several updates of a key within a round become one output. */
  readonly merges: boolean;
  /** Of a key without its window. */
  readonly keyOf: StoreKeyOf;
  readonly state: StateSpace;
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
  readonly #rows: SinkRows;
  /** Of a key without its window. */
  readonly #width: number;
  #table: MaterializedTable;
  readonly #keyOf: StoreKeyOf;
  #touched: TableRow[] = [];
  #forgotten: TableRow[] = [];

  constructor(options: TableSinkOptions) {
    this.writer = new SinkWriter(options);
    this.merges = options.merges;
    this.#keyOf = options.keyOf;
    const { keyOf, state } = options;
    const { schema, window } = options.step;
    this.#width = withoutBounds(schema.key, window).length;
    this.#rows = window ? new WindowedTable(keyOf, this.#width, state) : new SinkTable(keyOf, state);
    this.#table = this.#rows;
  }

  /** What is committed, for readers. */
  get table(): MaterializedTable {
    return this.#table;
  }

  /** The rows follow from groups: they are not kept a second time. */
  readFrom(store: GroupStore, rowOf: FromGroup): void {
    store.keepCommitted(rowOf);
    this.#table = new GroupTable(store, this.#keyOf, (row) => this.writer.place(row));
  }

  get pendingRows(): number {
    return this.#touched.length;
  }

  push(change: Change): void {
    const { context } = this.writer;
    if (context.rebuilding) {
      this.#refill(change);
      return;
    }
    const row = this.#rowOf(change.key);
    if (row === undefined) {
      this.#writeUnplaced(change);
      return;
    }
    if (row.pending === undefined) this.#touched.push(row);
    row.pending = change;
    const headers = context.headers();
    if (this.merges) row.pendingHeaders = headers;
    else this.#write(row, change, headers);
  }

  /** A window is too old to be kept for readers: its row goes with the round, without a deletion. */
  forget(keyRow: Row): void {
    // What was made of windows, say a count of them, does not go with them.
    if (!(this.#rows instanceof WindowedTable)) return;
    const key = this.#keyOf(keyRow);
    const row = key === null ? undefined : this.#rows.find(key, keyRow);
    if (row === undefined) return;
    // From now on: it must not go to disk before the round has ended.
    row.unsettled++;
    this.#forgotten.push(row);
  }

  /** What was committed before a restart is so at once. */
  #refill({ key, row, timestampMs }: Change): void {
    const place = row === null ? undefined : this.#rowOf(key);
    if (place !== undefined) this.#rows.show(place, { row: row as Row, timestampMs });
  }

  /** The time of a row that readers see, where what the row was derived from does not tell it. */
  setTime(keyRow: Row, timestampMs: number): void {
    const key = this.#keyOf(keyRow);
    const row = key === null ? undefined : this.#rows.find(key, keyRow);
    if (row?.committed) this.#rows.show(row, { row: row.committed.row, timestampMs });
  }

  flush(): RoundResult {
    const updates: { row: TableRow; stored: StoredRow | null }[] = [];
    for (const row of this.#touched) {
      const change = row.pending as Change;
      const headers = row.pendingHeaders;
      row.pending = undefined;
      row.pendingHeaders = undefined;
      row.unsettled++;
      updates.push({
        row,
        stored: change.row === null ? null : { row: change.row, timestampMs: change.timestampMs },
      });
      if (this.merges) this.#write(row, change, headers);
    }
    for (const row of this.#forgotten) updates.push({ row, stored: null });
    this.#touched = [];
    this.#forgotten = [];
    return { show: () => this.#rows.apply(updates), ...this.writer.take() };
  }

  /** Where the table keeps the row of this key; undefined for a key that no row can have. */
  #rowOf(keyRow: Row): TableRow | undefined {
    const key = this.#keyOf(keyRow);
    if (key === null) return undefined;
    let row = this.#rows.find(key, keyRow);
    if (row === undefined) {
      const [startMs = 0, endMs = 0] =
        this.#rows instanceof WindowedTable ? (keyRow.slice(this.#width, this.#width + 2) as number[]) : [];
      row = newTableRow(key, this.writer.place(keyRow), startMs, endMs);
      this.#rows.add(row);
    }
    return row;
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

/**
 * Groups that go to the sink as they are, with nothing in between but projections. The aggregation's own store is the
 * table.
 */
export class SinkGroups implements GroupOutput {
  /** Readers look at the group itself. */
  readonly keepsRestored = false;
  readonly #sink: TableSink;
  readonly #rowOf: FromGroup;
  readonly #writeRecord: ((group: Group) => void) | undefined;

  /** `writeRecord`: as `rowOf` and writing the row, for when nobody wants the row itself. */
  constructor(sink: TableSink, rowOf: FromGroup, writeRecord: ((group: Group) => void) | undefined) {
    this.#sink = sink;
    this.#rowOf = rowOf;
    this.#writeRecord = writeRecord;
  }

  changed(group: Group): void {
    if (!this.#sink.merges) this.#write(group);
  }

  flush(groups: readonly Group[]): void {
    if (!this.#sink.merges) return;
    touchGroups(groups);
    for (const group of groups) this.#write(group);
  }

  restored(): void {}

  loaded(): void {}

  #write(group: Group): void {
    const { writer } = this.#sink;
    if (this.#writeRecord !== undefined && !writer.wantsRows()) {
      this.#writeRecord(group);
      return;
    }
    const { timestampMs, partition, offset, headers } = group;
    const row = this.#rowOf(group);
    writer.write(row, row, timestampMs, partition, offset, headers);
  }
}
