import type { Row } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { StoredRow } from '../running-query.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import { Change, type Output } from './change.ts';
import { indexes, rowJoiner } from './join-rows.ts';

/** A table by key, as the join looks it up. */
export interface TableLookup {
  get(key: StoreKey): StoredRow | undefined;
}

/**
 * Stream rows meet the table's row of the moment; only they emit, with their own timestamp. The table is kept up to
 * date by its own branch of the plan, and the task feeds both in the order of time.
 *
 *   stream --row--> lookup by key --+--found--> key, left columns, right columns
 *   table  ------------^            +--none---> LEFT: right columns null    INNER: nothing
 */
export class StreamTableJoin implements Output {
  readonly #table: TableLookup;
  readonly #keyOf: StoreKeyOf;
  readonly #joined: (left: Row, right: Row) => Row;
  readonly #join: 'INNER' | 'LEFT';
  readonly #noRight: Row;
  readonly #output: Output;

  constructor(options: {
    readonly table: TableLookup;
    readonly keyOf: StoreKeyOf;
    readonly keyWidth: number;
    readonly leftWidth: number;
    readonly rightWidth: number;
    readonly join: 'INNER' | 'LEFT';
    readonly output: Output;
  }) {
    this.#table = options.table;
    this.#keyOf = options.keyOf;
    const { keyWidth, leftWidth, rightWidth } = options;
    this.#joined = rowJoiner([...indexes(keyWidth), ...indexes(leftWidth)], indexes(rightWidth));
    this.#join = options.join;
    this.#noRight = new Array<SqlValue>(rightWidth).fill(null);
    this.#output = options.output;
  }

  push(change: Change): void {
    const { row: left } = change;
    if (left === null) return;
    const key = this.#keyOf(left);
    const right = key === null ? undefined : this.#table.get(key)?.row;
    if (right === undefined && this.#join === 'INNER') return;
    const row = this.#joined(left, right ?? this.#noRight);
    this.#output.push(new Change(row, row, null, change.timestampMs, change.partition, change.offset));
  }
}
