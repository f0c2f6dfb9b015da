import type { Row } from '../../data/schema.ts';
import { Change, type Output } from './change.ts';

/**
 * WHERE or HAVING on a table: the rows that match are a table too.
 *
 *   old matched   new matches
 *      -              yes       the row
 *      yes            no        a deletion
 *      no             no        nothing
 */
export class TableFilter implements Output {
  readonly #matches: (row: Row) => boolean;
  readonly #output: Output;

  constructor(matches: (row: Row) => boolean, output: Output) {
    this.#matches = matches;
    this.#output = output;
  }

  push(change: Change): void {
    const { row, old } = change;
    const before = old !== null && this.#matches(old) ? old : null;
    const now = row !== null && this.#matches(row) ? row : null;
    if (before === null && now === null) return;
    if (now === row && before === old) this.#output.push(change);
    else
      this.#output.push(
        new Change(change.key, now, before, change.timestampMs, change.partition, change.offset),
      );
  }
}
