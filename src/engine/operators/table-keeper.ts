import type { StoredRow } from '../running-query.ts';
import { KEPT_ROWS, KeptRow } from '../store/kept-row.ts';
import type { Numbered } from '../store/keyed-values.ts';
import type { SpillingMap } from '../store/spilling-map.ts';
import type { StateSpace } from '../store/state-space.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import type { TableLookup } from '../table-lookup.ts';
import type { Change, Output } from './change.ts';

/**
 * The rows of a table as they were told last, for a join to look up. Derived: a restart fills it from the stores above it.
 */
export class TableKeeper implements Output, TableLookup {
  readonly #rows: SpillingMap<KeptRow>;
  readonly #keyOf: StoreKeyOf;
  readonly #output: Output;

  constructor(state: StateSpace, keyOf: StoreKeyOf, output: Output) {
    this.#rows = state.map(KEPT_ROWS);
    this.#keyOf = keyOf;
    this.#output = output;
  }

  get numbered(): Numbered<StoredRow> {
    return this.#rows;
  }

  get(key: StoreKey): StoredRow | undefined {
    return this.#rows.get(key);
  }

  push(change: Change): void {
    const key = this.#keyOf(change.key);
    if (key === null) return;
    const { row, timestampMs } = change;
    if (row === null) this.#rows.delete(key);
    else this.#rows.set(key, new KeptRow(row, timestampMs));
    this.#output.push(change);
  }
}
