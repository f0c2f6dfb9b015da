import type { Row } from '../../data/schema.ts';
import { Change, type Output } from './change.ts';
import { indexes, rowJoiner } from './join-rows.ts';

export interface RekeyOptions {
  readonly key: (row: Row) => Row;
  readonly keyWidth: number;
  /** Columns of the input. */
  readonly inputWidth: number;
  /** GROUP BY leaves out rows with a null in the key. */
  readonly dropsNullKeys: boolean;
}

/** A new key before the columns there were, for changes of a table; streams have compile/stream-steps.ts. */
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
    const key = row ?? old;
    if (key === null) return;
    this.#output.push(new Change(key, row, old, change.timestampMs, change.partition, change.offset));
  }

  #rekeyed(row: Row): Row | null {
    const key = this.#options.key(row);
    if (this.#options.dropsNullKeys && key.includes(null)) return null;
    return this.#join(key, row);
  }
}
