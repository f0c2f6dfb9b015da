import type { RecordFields } from './packed-block.ts';
import { type KeyOfRecord, PackedRecords } from './packed-records.ts';
import type { Packing } from './packing.ts';
import type { StoreKey } from './store-key.ts';
import { hashOfKey } from './store-key-hash.ts';

/** Entries of a map as the records that a restart has read, until somebody asks for them. */
export class PackedPart<Value> {
  readonly #packing: Packing<Value>;
  readonly #records: PackedRecords;

  constructor(packing: Packing<Value>) {
    this.#packing = packing;
    // Only what has been found to have a key is added.
    this.#records = new PackedRecords({ keyOf: packing.keyOf as KeyOfRecord });
  }

  /** Those that turn out to be unreadable count until then. */
  get size(): number {
    return this.#records.size;
  }

  /** In memory. */
  get bytes(): number {
    return this.#records.bytes;
  }

  has(key: StoreKey): boolean {
    return this.#records.has(key);
  }

  /** Unless the record is of no key. False: the key is there. */
  add(record: RecordFields, partition: number): boolean {
    let hash = this.#packing.hashOf?.(record);
    if (hash === undefined) {
      const key = this.#packing.keyOf(record);
      if (key === null) return true;
      hash = hashOfKey(key);
    }
    return this.#records.add(record, partition, hash);
  }

  remove(key: StoreKey): boolean {
    if (this.#records.find(key) === undefined) return false;
    this.#records.removeFound();
    return true;
  }

  /** Removes the key and gives its value. */
  take(key: StoreKey): Value | undefined {
    const record = this.#records.find(key);
    if (record === undefined) return undefined;
    const value = this.#packing.read(record, record.partition) ?? undefined;
    this.#records.removeFound();
    return value;
  }

  /** The same of one of those that were put first; there must be one. */
  takeFirst(): { readonly key: StoreKey; readonly value: Value | undefined } {
    const { key, record } = this.#records.first();
    const value = this.#packing.read(record, record.partition) ?? undefined;
    this.#records.removeFound();
    return { key, value };
  }

  /** Copies. */
  *values(): Iterable<Value> {
    for (const record of this.#records.records()) {
      const value = this.#packing.read(record, record.partition) ?? undefined;
      if (value !== undefined) yield value;
    }
  }
}
