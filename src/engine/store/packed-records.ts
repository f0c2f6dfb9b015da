import { PackedBlock, PackedRecord, packedBytes, type RecordFields, UNIT_BYTES } from './packed-block.ts';
import type { StoreKey } from './store-key.ts';
import { hashOfKey } from './store-key-hash.ts';

export type KeyOfRecord = (record: RecordFields) => StoreKey;

export interface PackedRecordsOptions {
  readonly keyOf: KeyOfRecord;
  readonly hashOf?: (key: StoreKey) => number;
  readonly blockBytes?: number;
}

/** A larger record has a block of its own. */
const BLOCK_BYTES = 256 * 1024;
/** The first ones are small: there are many queries with few keys. */
const FIRST_BLOCK_BYTES = 2 * 1024;
/** Dead bytes are left while they are fewer than the living ones, and than so many blocks. */
const LEAST_DEAD_BLOCKS = 16;

/** What a slot holds that was never used, and one whose record is gone; else a place, moved up by as many. */
const FREE = 0;
const GONE = 1;
const SPECIAL = 2;
const FEWEST_SLOTS = 64;
/** A place is a number of units in 32 bits. */
const MOST_PLACES = 2 ** 32 - SPECIAL;

/**
 * The last record per key as the bytes that it was read as: what state is as long as nobody has asked for it. Takes a third
 * of the memory of the objects that are made of it, outside the heap, where the collector does not walk over it.
 *
 *   slots    [ hash | place ]  by the key's hash, or the next free one
 *                        |
 *   blocks   [ record, record, dead, record ] [ record ...     appended; a block of dead ones only is dropped
 *
 * Invariant: a record's bytes are written once, so that what is made of them may be a view of them.
 */
export class PackedRecords {
  readonly #options: PackedRecordsOptions;
  readonly #keyOf: PackedRecordsOptions['keyOf'];
  readonly #hashOf: (key: StoreKey) => number;
  readonly #blockBytes: number;
  readonly #blockUnits: number;
  #blocks: (PackedBlock | undefined)[] = [];
  #slots = new Uint32Array(2 * FEWEST_SLOTS);
  /** One less than there are slots, which are a power of two. */
  #mask = FEWEST_SLOTS - 1;
  /** All that are not free. */
  #usedSlots = 0;
  #size = 0;
  #blocksBytes = 0;
  #liveBytes = 0;
  /** Of dead records in blocks that are there. */
  #deadBytes = 0;
  /** No living record lies before. */
  #firstBlock = 0;
  #firstStart = 0;
  readonly #found = new PackedRecord();
  #foundSlot = -1;

  constructor(options: PackedRecordsOptions) {
    this.#options = options;
    this.#keyOf = options.keyOf;
    this.#hashOf = options.hashOf ?? hashOfKey;
    this.#blockBytes = options.blockBytes ?? BLOCK_BYTES;
    this.#blockUnits = this.#blockBytes / UNIT_BYTES;
  }

  get size(): number {
    return this.#size;
  }

  /** In memory. */
  get bytes(): number {
    return this.#blocksBytes + this.#slots.byteLength;
  }

  has(key: StoreKey): boolean {
    return this.#slotOf(this.#hashOf(key), key) >= 0;
  }

  /** The record must have a value. `hash`: what `hashOf` gives for its key. False: the key is there. */
  add(record: RecordFields, partition: number, hash: number): boolean {
    if ((this.#blocks.length + 1) * this.#blockUnits > MOST_PLACES) this.#compact();
    if ((this.#usedSlots + 1) * 4 > this.#mask * 3) this.#rehash();
    const slot = this.#slotOf(hash, undefined, record);
    if (slot >= 0) return false;
    this.#occupy(~slot, hash, this.#append(record, partition));
    return true;
  }

  /** To be used before the next call. */
  find(key: StoreKey): PackedRecord | undefined {
    this.#foundSlot = this.#slotOf(this.#hashOf(key), key);
    return this.#foundSlot < 0 ? undefined : this.#read(this.#placeIn(this.#foundSlot));
  }

  /** One of those that were put first, with its key; there must be one. To be used before the next call. */
  first(): { readonly key: StoreKey; readonly record: PackedRecord } {
    const place = this.#firstPlace();
    const record = this.#read(place);
    const key = this.#keyOf(record);
    this.#foundSlot = this.#slotAt(place, this.#hashOf(key));
    return { key, record };
  }

  /** Forgets what the last call gave. */
  removeFound(): void {
    const place = this.#placeIn(this.#foundSlot);
    this.#slots[2 * this.#foundSlot + 1] = GONE;
    this.#kill(place);
  }

  /** Each is to be used before the next step, and nothing put in between. */
  *records(): Iterable<PackedRecord> {
    const record = new PackedRecord();
    for (const block of this.#blocks) {
      if (block === undefined) continue;
      for (let at = block.nextLiving(0); at >= 0; at = block.nextLiving(at + block.bytesAt(at)))
        yield block.read(at, record);
    }
  }

  #append(record: RecordFields, partition: number): number {
    const bytes = packedBytes(record);
    let block = this.#blocks.at(-1);
    if (block === undefined || block.usedBytes + bytes > block.bytes.length) {
      this.#dropDead(this.#blocks.length - 1);
      const usualBytes = Math.min(this.#blockBytes, Math.max(FIRST_BLOCK_BYTES, this.#liveBytes));
      block = new PackedBlock(Math.max(bytes, usualBytes));
      this.#blocks.push(block);
      this.#blocksBytes += block.bytes.length;
    }
    const place = (this.#blocks.length - 1) * this.#blockUnits + block.usedBytes / UNIT_BYTES;
    block.append(record, partition);
    this.#size++;
    this.#liveBytes += bytes;
    return place;
  }

  #read(place: number): PackedRecord {
    return this.#blockOf(place).read(this.#startOf(place), this.#found);
  }

  #blockOf(place: number): PackedBlock {
    return this.#blocks[Math.floor(place / this.#blockUnits)] as PackedBlock;
  }

  #startOf(place: number): number {
    return (place % this.#blockUnits) * UNIT_BYTES;
  }

  /** Of the first living record; there must be one. */
  #firstPlace(): number {
    for (;;) {
      const start = this.#blocks[this.#firstBlock]?.nextLiving(this.#firstStart) ?? -1;
      if (start >= 0) {
        this.#firstStart = start;
        return this.#firstBlock * this.#blockUnits + start / UNIT_BYTES;
      }
      this.#firstBlock++;
      this.#firstStart = 0;
    }
  }

  #kill(place: number): void {
    const index = Math.floor(place / this.#blockUnits);
    const block = this.#blocks[index] as PackedBlock;
    const start = this.#startOf(place);
    const bytes = block.bytesAt(start);
    block.kill(start);
    this.#size--;
    this.#liveBytes -= bytes;
    this.#deadBytes += bytes;
    if (index < this.#blocks.length - 1) this.#dropDead(index);
    if (this.#deadBytes > Math.max(this.#liveBytes, LEAST_DEAD_BLOCKS * this.#blockBytes)) this.#compact();
  }

  /** The block, if nothing in it lives. */
  #dropDead(index: number): void {
    const block = this.#blocks[index];
    if (block === undefined || block.records > 0) return;
    this.#blocks[index] = undefined;
    this.#blocksBytes -= block.bytes.length;
    this.#deadBytes -= block.usedBytes;
  }

  /** Copies what lives, and leaves the rest. */
  #compact(): void {
    const kept = new PackedRecords(this.#options);
    for (const record of this.records())
      kept.add(record, record.partition, this.#hashOf(this.#keyOf(record)));
    this.#blocks = kept.#blocks;
    this.#slots = kept.#slots;
    this.#mask = kept.#mask;
    this.#usedSlots = kept.#usedSlots;
    this.#blocksBytes = kept.#blocksBytes;
    this.#deadBytes = 0;
    this.#firstBlock = 0;
    this.#firstStart = 0;
  }

  #placeIn(slot: number): number {
    return (this.#slots[2 * slot + 1] as number) - SPECIAL;
  }

  /** Of a key, given or that of a record; where it is not there, ~ the slot that it may have. */
  #slotOf(hash: number, key: StoreKey | undefined, record?: RecordFields): number {
    const [slots, mask] = [this.#slots, this.#mask];
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const held = slots[2 * slot + 1] as number;
      if (held === FREE) return ~slot;
      if (held === GONE || slots[2 * slot] !== hash >>> 0) continue;
      const wanted = key ?? this.#keyOf(record as RecordFields);
      if (this.#keyOf(this.#read(held - SPECIAL)) === wanted) return slot;
    }
  }

  /** Of a record that is there. */
  #slotAt(place: number, hash: number): number {
    let slot = hash & this.#mask;
    while (this.#slots[2 * slot + 1] !== place + SPECIAL) slot = (slot + 1) & this.#mask;
    return slot;
  }

  #occupy(slot: number, hash: number, place: number): void {
    this.#slots[2 * slot] = hash;
    this.#slots[2 * slot + 1] = place + SPECIAL;
    this.#usedSlots++;
  }

  /** Into as many slots as what is there needs, without those that are gone. */
  #rehash(): void {
    const before = this.#slots;
    let count = FEWEST_SLOTS;
    while (count * 3 < this.#size * 8) count *= 2;
    this.#slots = new Uint32Array(2 * count);
    this.#mask = count - 1;
    this.#usedSlots = 0;
    for (let at = 0; at < before.length; at += 2) {
      const [hash, held] = [before[at] as number, before[at + 1] as number];
      if (held < SPECIAL) continue;
      let slot = hash & this.#mask;
      while (this.#slots[2 * slot + 1] !== FREE) slot = (slot + 1) & this.#mask;
      this.#occupy(slot, hash, held - SPECIAL);
    }
  }
}
