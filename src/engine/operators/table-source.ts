import type { StoredRow } from '../running-query.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import type { TableLookup } from '../table-lookup.ts';
import { Change, type Output } from './change.ts';

/**
 * A table read from its topic: keeps the last row per key and tells those below what was there before. Needs no
 * changelog of its own: the topic up to the committed position is one.
 */
export class TableSource implements Output, TableLookup {
  readonly #rows = new Map<StoreKey, StoredRow>();
  readonly #keyOf: StoreKeyOf;
  readonly #onNullKey: () => void;
  readonly #output: Output;

  constructor(keyOf: StoreKeyOf, onNullKey: () => void, output: Output) {
    this.#keyOf = keyOf;
    this.#onNullKey = onNullKey;
    this.#output = output;
  }

  get size(): number {
    return this.#rows.size;
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
  }

  /** As `push` for records that were processed before a restart: nobody is told. */
  restore(change: Change): void {
    const key = this.#keyOf(change.key);
    if (key !== null) this.#set(key, change);
  }

  /** Everything it holds, as changes from nothing: refills what is derived further down. */
  replay(): void {
    for (const { row, timestampMs } of this.#rows.values())
      this.#output.push(new Change(row, row, null, timestampMs, -1, -1));
  }

  #set(key: StoreKey, { row, timestampMs }: Change): void {
    if (row === null) this.#rows.delete(key);
    else this.#rows.set(key, { row, timestampMs });
  }
}
