import type { Row } from '../../data/schema.ts';
import type { StoredRow } from '../running-query.ts';
import { KEPT_ROWS, KeptRow } from '../store/kept-row.ts';
import type { Numbered } from '../store/keyed-values.ts';
import type { RecordFields } from '../store/packed-block.ts';
import type { Packing } from '../store/packing.ts';
import type { SpillingMap } from '../store/spilling-map.ts';
import type { StateSpace } from '../store/state-space.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import type { TableLookup } from '../table-lookup.ts';
import { Change, type Output } from './change.ts';
import type { WindowExpiry } from './window-expiry.ts';

/** Of a windowed table whose windows are not kept for ever. */
export interface ExpiringRows {
  readonly expiry: WindowExpiry;
  /** The row is kept no longer, which is no deletion. */
  readonly onExpired: (key: Row) => void;
}

/**
 * A table read from its topic: keeps the last row per key and tells those below what was there before. Needs no
 * changelog of its own: the topic up to the committed position is one.
 */
export class TableSource implements Output, TableLookup {
  readonly #rows: SpillingMap<KeptRow>;
  readonly #keyOf: StoreKeyOf;
  readonly #onNullKey: () => void;
  readonly #output: Output;
  readonly #expiring: ExpiringRows | undefined;

  constructor(
    state: StateSpace,
    keyOf: StoreKeyOf,
    onNullKey: () => void,
    output: Output,
    expiring?: ExpiringRows,
    packing?: Packing<KeptRow>,
  ) {
    this.#rows = state.map(KEPT_ROWS, packing);
    this.#keyOf = keyOf;
    this.#onNullKey = onNullKey;
    this.#output = output;
    this.#expiring = expiring;
  }

  get size(): number {
    return this.#rows.size;
  }

  get numbered(): Numbered<StoredRow> {
    return this.#rows;
  }

  get(key: StoreKey): StoredRow | undefined {
    return this.#rows.get(key);
  }

  rows(): Iterable<StoredRow> {
    return this.#rows.values();
  }

  push(change: Change): void {
    const key = this.#keyOf(change.key);
    if (key === null) {
      this.#onNullKey();
      return;
    }
    const old = this.#rows.get(key)?.row ?? null;
    this.#set(key, change);
    const { key: keyRow, row, timestampMs, partition, offset } = change;
    this.#output.push(old === null ? change : new Change(keyRow, row, old, timestampMs, partition, offset));
    this.#expire(change);
  }

  /** As `push` for records that were processed before a restart: nobody is told. */
  restore(change: Change): void {
    const key = this.#keyOf(change.key);
    if (key === null) return;
    this.#set(key, change);
    this.#expire(change);
  }

  /** The same of a record, where there is a `packing`. */
  restoreRecord(record: RecordFields, partition: number): void {
    this.#rows.restore(record, partition);
  }

  /** Everything it holds, as changes from nothing, one a step: refills what is derived further down. */
  *replay(): Iterable<void> {
    if (this.#output.ignoresRebuilding) return;
    for (const { row, timestampMs } of this.#rows.lastingValues())
      yield this.#output.push(new Change(row, row, null, timestampMs, -1, -1));
  }

  #set(key: StoreKey, { key: keyRow, row, timestampMs, partition }: Change): void {
    const expiry = this.#expiring?.expiry;
    if (row === null) {
      if (this.#rows.delete(key)) expiry?.remove(partition, key, keyRow);
      return;
    }
    if (expiry !== undefined && !this.#rows.has(key)) expiry.add(partition, key, keyRow);
    this.#rows.set(key, new KeptRow(row, timestampMs));
  }

  #expire({ partition, timestampMs }: Change): void {
    if (this.#expiring === undefined) return;
    const { expiry, onExpired } = this.#expiring;
    for (const key of expiry.take(partition, timestampMs)) {
      const stored = this.#rows.get(key);
      this.#rows.delete(key);
      if (stored !== undefined) onExpired(stored.row);
    }
  }
}
