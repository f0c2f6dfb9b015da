import type { Row } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { RekeyStep } from '../../sql/plan.ts';
import { Change, type Output } from './change.ts';
import { indexes, rowJoiner } from './join-rows.ts';

export interface RekeyOptions {
  readonly purpose: RekeyStep['purpose'];
  readonly key: (row: Row) => Row;
  readonly keyWidth: number;
  /** Columns of the input, and how many of them are its key. */
  readonly inputWidth: number;
  readonly inputKeyWidth: number;
  /** For each new key column whether it is computed from the value. */
  readonly needsValue: readonly boolean[];
  readonly onMissingValue: () => void;
}

/**
 * A new key before the columns there were. In one process this is all there is to a repartition: rows meet in the
 * stores of the steps below.
 */
export class Rekey implements Output {
  readonly #options: RekeyOptions;
  readonly #output: Output;
  readonly #join: (key: Row, row: Row) => Row;

  constructor(options: RekeyOptions, output: Output) {
    this.#options = options;
    this.#output = output;
    this.#join = rowJoiner(indexes(options.keyWidth), indexes(options.inputWidth));
  }

  push(change: Change): void {
    const row = change.row === null ? null : this.#rekeyed(change.row);
    const old = change.old === null ? null : this.#rekeyed(change.old);
    if (row === null && old === null) {
      if (change.row === null && change.old === null) this.#pushNullValue(change);
      return;
    }
    const key = (row ?? old) as Row;
    this.#output.push(new Change(key, row, old, change.timestampMs, change.partition, change.offset));
  }

  /** Null where GROUP BY leaves the row out because a key column is null. */
  #rekeyed(row: Row): Row | null {
    const key = this.#options.key(row);
    if (this.#options.purpose === 'GROUP_BY') for (const column of key) if (column === null) return null;
    return this.#join(key, row);
  }

  /** PARTITION BY keeps records without a value, with null where a key column would come from the value. */
  #pushNullValue(change: Change): void {
    const { purpose, needsValue, inputWidth, inputKeyWidth, onMissingValue } = this.#options;
    if (purpose !== 'PARTITION_BY') return;
    const row = new Array<SqlValue>(inputWidth).fill(null);
    for (let index = 0; index < inputKeyWidth; index++) row[index] = change.key[index] as SqlValue;
    if (needsValue.includes(true)) onMissingValue();
    const key = this.#options.key(row).map((column, index) => (needsValue[index] ? null : column));
    this.#output.push(new Change(key, null, null, change.timestampMs, change.partition, change.offset));
  }
}
