import type { Row } from '../../data/schema.ts';
import { Change, type Output } from './change.ts';

/** SELECT: new columns of the row, and of the old row where one comes along. The key stays what it is. */
export class Project implements Output {
  readonly #columns: (row: Row) => Row;
  readonly #output: Output;

  constructor(columns: (row: Row) => Row, output: Output) {
    this.#columns = columns;
    this.#output = output;
  }

  push(change: Change): void {
    const row = change.row === null ? null : this.#columns(change.row);
    const old = change.old === null ? null : this.#columns(change.old);
    this.#output.push(
      new Change(row ?? change.key, row, old, change.timestampMs, change.partition, change.offset),
    );
  }
}
