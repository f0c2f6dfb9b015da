import { type DiskMap, fitsOnDisk } from '../../base/disk-map.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import { KeyTable } from './key-table.ts';
import { KeyedValues, type Numbered } from './keyed-values.ts';
import type { RecordFields } from './packed-block.ts';
import { PackedPart } from './packed-part.ts';
import { type Packing, whatFollows } from './packing.ts';
import type { Evictable, Eviction, EvictionLimits, StateBudget } from './state-budget.ts';
import type { StoreKey } from './store-key.ts';
import { ValueReader } from './value-bytes.ts';

/** A value that may go to disk. The mark is its map's. */
export interface Spillable {
  mark: number;
}

/** What a mark says: looked up since the hand came by; there are bytes of it on disk; those are of an earlier state. */
const USED = 1;
const ON_DISK = 2;
const CHANGED = 4;

/** How values go to disk and come back. */
export interface Spilling<Value> {
  /** Whether only the map refers to it. */
  readonly mayGo: (value: Value) => boolean;
  readonly write: (value: Value, out: ByteWriter) => void;
  readonly read: (from: ValueReader, key: StoreKey) => Value;
  /** Roughly, in memory, with its key. Of the same entry always the same, but for what `resized` told. */
  readonly bytesOf: (key: StoreKey, value: Value) => number;
  /** Reads something of what is looked up with a value, so that it comes into the processor's cache. */
  readonly touch?: (value: Value) => number;
}

/** Where a map takes memory from, and where else it may be. */
export interface SpillingHome {
  readonly budget: StateBudget;
  readonly openDisk: () => DiskMap;
}

/** Deleted keys whose bytes wait for the next write. */
const MOST_DEAD = 4096;

/**
 * A Map of which a part may be on disk.
 *
 *   get --> hot: a Map --miss--> cold: a file of lmdb, only once something was evicted
 *            ^ ^  |                |
 *            | |  +----evict-----> |    what was not used since the hand last came by
 *            | +------- load ------+    the bytes stay, so that it can go again without a write
 *            |
 *            +-- unpack -- packed: records as a restart has read them, of keys that nobody has asked for yet
 *
 * Invariant: an entry in hot is what counts; bytes on disk count only for keys that are neither in hot nor dead, and a key
 * that is packed is nowhere else. A value that the map has handed out stays the key's value until `StateBudget.trim`.
 */
export class SpillingMap<Value extends Spillable> implements Evictable, Numbered<Value> {
  hotBytes = 0;
  readonly #spilling: Spilling<Value>;
  readonly #home: SpillingHome | undefined;
  readonly #packing: Packing<Value> | undefined;
  readonly #hot: KeyedValues<Value>;
  /** Keys that are only on disk. */
  #cold = 0;
  #disk: DiskMap | undefined;
  readonly #dead = new Set<StoreKey>();
  /** While it has any entries. */
  #packed: PackedPart<Value> | undefined;
  /** What is accounted for it. */
  #packedBytes = 0;

  #hand: Iterator<[StoreKey, Value]> | undefined;
  /** How often something came back from disk. */
  #loads = 0;

  /** Without a home all stays in memory. Maps that share `keys` are closed together. */
  constructor(
    spilling: Spilling<Value>,
    home?: SpillingHome,
    packing?: Packing<Value>,
    keys = new KeyTable(),
  ) {
    this.#spilling = spilling;
    this.#hot = new KeyedValues(keys);
    this.#home = home;
    this.#packing = packing;
    home?.budget.join(this);
  }

  get size(): number {
    return this.#hot.size + this.coldSize;
  }

  /** Of `size`, those only on disk or packed. */
  get coldSize(): number {
    return this.#cold + (this.#packed?.size ?? 0);
  }

  get(key: StoreKey): Value | undefined {
    const value = this.#hot.get(key);
    if (value === undefined) return this.#isAllHot ? undefined : this.#load(key);
    value.mark |= USED;
    return value;
  }

  /** Numbers of those in memory. */
  get keys(): KeyTable {
    return this.#hot.keys;
  }

  at(number: number): Value | undefined {
    const value = this.#hot.at(number);
    if (value !== undefined) value.mark |= USED;
    return value;
  }

  get mayBeElsewhere(): boolean {
    return this.coldSize > 0;
  }

  prefetch(numbers: Int32Array, count: number): number {
    return this.#hot.prefetch(numbers, count, this.#spilling.touch ?? touchMark);
  }

  has(key: StoreKey): boolean {
    return this.#hot.has(key) || this.#packed?.has(key) === true || this.#isCold(key);
  }

  /** A key that is not there, as `get` has just found. */
  add(key: StoreKey, value: Value): void {
    value.mark = CHANGED;
    this.#hot.set(key, value);
    this.#account(this.#home === undefined ? 0 : this.#spilling.bytesOf(key, value));
  }

  set(key: StoreKey, value: Value): void {
    const before = this.#hot.get(key);
    let mark = CHANGED;
    if (before !== undefined) {
      mark |= before.mark & (ON_DISK | USED);
      if (this.#home !== undefined) this.#account(-this.#spilling.bytesOf(key, before));
    } else if (!this.#removePacked(key) && this.#isCold(key)) {
      mark |= ON_DISK;
      this.#cold--;
    }
    this.add(key, value);
    value.mark = mark;
  }

  /** The value was changed in place. */
  changed(value: Value): void {
    value.mark |= CHANGED;
  }

  /** By so much `bytesOf` gives more for a value than before. */
  resized(bytes: number): void {
    this.#account(bytes);
  }

  delete(key: StoreKey): boolean {
    const value = this.#hot.get(key);
    if (value !== undefined) this.#forget(key, value);
    else if (this.#removePacked(key)) return true;
    else if (this.#isCold(key)) this.#cold--;
    else return false;
    if (value === undefined || value.mark & ON_DISK) this.#bury(key);
    return true;
  }

  /** Takes over what a record says of its key; later ones win. Its value is made when it is asked for. */
  restore(record: RecordFields, partition: number): void {
    const packing = this.#packing as Packing<Value>;
    const isFirst = this.#hot.size === 0 && this.#cold === 0 && record.valueLength >= 0;
    if (isFirst && this.#addPacked(record, partition, packing)) return;
    const key = packing.keyOf(record);
    if (key === null) return;
    const follows = whatFollows(packing, record, partition, !packing.isSure && this.has(key));
    if (follows === 'nothing') return;
    this.delete(key);
    if (follows === 'value') this.#addPacked(record, partition, packing);
  }

  /**
   * In no promised order, each once: for whoever goes through them at once. Values from disk, and of what is packed, are
   * copies that the map does not keep.
   */
  values(): Iterable<Value> {
    return this.#isAllHot ? this.#hot.values() : this.lastingValues();
  }

  /** As `values`, where something may be evicted between two steps: that comes perhaps twice. */
  *lastingValues(): Iterable<Value> {
    const loads = this.#loads;
    // In the order in which entries move, so that none is missed.
    if (this.#packed !== undefined) yield* this.#packed.values();
    yield* this.#hot.values();
    for (const [key, bytes] of this.#disk?.entries() ?? []) {
      const storeKey = key as StoreKey;
      const hot = this.#hot.get(storeKey);
      // What has come back meanwhile may stand where this has been already.
      if (hot !== undefined) {
        if (this.#loads !== loads) yield hot;
      } else if (!this.#dead.has(storeKey)) yield this.#spilling.read(new ValueReader(bytes), storeKey);
    }
  }

  evict({ bytes, looks, writes }: EvictionLimits): Eviction {
    if (this.#packed !== undefined) return this.#evictPacked(this.#packed, { bytes, looks, writes });
    const { mayGo } = this.#spilling;
    const untilBytes = this.hotBytes - bytes;
    const going: [StoreKey, Value][] = [];
    let [looked, goingBytes, isRound] = [0, 0, false];
    this.#hand ??= this.#hot.entries();
    while (this.hotBytes - goingBytes > untilBytes && looked < looks && going.length < writes) {
      const step = this.#hand.next();
      if (step.done) {
        this.#hand = undefined;
        isRound = true;
        break;
      }
      looked++;
      const [key, value] = step.value;
      if (value.mark & USED) value.mark &= ~USED;
      else if (mayGo(value) && fitsOnDisk(key)) {
        if ((value.mark & (ON_DISK | CHANGED)) === ON_DISK) {
          this.#forget(key, value);
          this.#cold++;
        } else {
          going.push(step.value);
          goingBytes += this.#spilling.bytesOf(key, value);
        }
      }
    }
    if (going.length > 0) this.#moveToDisk(going);
    return { looked, written: going.length, isRound };
  }

  /** Gives memory and file back; the map is empty then. */
  close(): void {
    this.#home?.budget.leave(this);
    this.#account(-this.hotBytes);
    this.#hot.clear();
    this.#cold = 0;
    this.#hand = undefined;
    this.#packed = undefined;
    this.#packedBytes = 0;
    this.#disk?.close();
    this.#disk = undefined;
  }

  get #isAllHot(): boolean {
    return this.#cold === 0 && this.#packed === undefined;
  }

  #load(key: StoreKey): Value | undefined {
    const packed = this.#packed && this.#unpack(key, this.#packed);
    if (packed !== undefined || this.#cold === 0) return packed;
    const bytes = this.#dead.has(key) ? undefined : this.#disk?.get(key);
    if (bytes === undefined) return undefined;
    const value = this.#spilling.read(new ValueReader(bytes), key);
    this.add(key, value);
    this.#loads++;
    value.mark = ON_DISK;
    this.#cold--;
    return value;
  }

  /** Of a key that is not hot. */
  #isCold(key: StoreKey): boolean {
    return this.#cold > 0 && !this.#dead.has(key) && this.#disk?.get(key) !== undefined;
  }

  #moveToDisk(entries: readonly [StoreKey, Value][]): void {
    const { write } = this.#spilling;
    this.#disk ??= (this.#home as SpillingHome).openDisk();
    this.#disk.write(written(entries, write), this.#dead);
    this.#dead.clear();
    for (const [key, value] of entries) this.#forget(key, value);
    this.#cold += entries.length;
  }

  /** False: the key is packed already. */
  #addPacked(record: RecordFields, partition: number, packing: Packing<Value>): boolean {
    this.#packed ??= new PackedPart(packing);
    const isDone = this.#packed.add(record, partition);
    this.#weigh(this.#packed);
    return isDone;
  }

  #unpack(key: StoreKey, packed: PackedPart<Value>): Value | undefined {
    const value = packed.take(key);
    this.#weigh(packed);
    if (value !== undefined) this.add(key, value);
    return value;
  }

  /** Undefined: it cannot be read. */
  #unpackFirst(packed: PackedPart<Value>): [StoreKey, Value] | undefined {
    const { key, value } = packed.takeFirst();
    this.#weigh(packed);
    if (value === undefined) return undefined;
    this.add(key, value);
    return [key, value];
  }

  #removePacked(key: StoreKey): boolean {
    const packed = this.#packed;
    if (packed?.remove(key) !== true) return false;
    this.#weigh(packed);
    return true;
  }

  /** Nobody has asked for them, so they go first. */
  #evictPacked(packed: PackedPart<Value>, { bytes, looks, writes }: EvictionLimits): Eviction {
    const untilBytes = this.hotBytes - bytes;
    const going: [StoreKey, Value][] = [];
    let [looked, goingBytes] = [0, 0];
    while (packed.size > 0 && looked < looks && going.length < writes) {
      if (this.hotBytes - goingBytes <= untilBytes) break;
      looked++;
      const entry = this.#unpackFirst(packed);
      if (entry === undefined || !fitsOnDisk(entry[0])) continue;
      going.push(entry);
      goingBytes += this.#spilling.bytesOf(...entry);
    }
    if (going.length > 0) this.#moveToDisk(going);
    return { looked, written: going.length, isRound: false };
  }

  #weigh(packed: PackedPart<Value>): void {
    if (packed.size === 0) this.#packed = undefined;
    const bytes = this.#packed?.bytes ?? 0;
    this.#account(bytes - this.#packedBytes);
    this.#packedBytes = bytes;
  }

  #bury(key: StoreKey): void {
    this.#dead.add(key);
    if (this.#dead.size < MOST_DEAD) return;
    this.#disk?.write([], this.#dead);
    this.#dead.clear();
  }

  #forget(key: StoreKey, value: Value): void {
    this.#hot.delete(key);
    if (this.#home !== undefined) this.#account(-this.#spilling.bytesOf(key, value));
  }

  #account(bytes: number): void {
    if (this.#home === undefined) return;
    this.hotBytes += bytes;
    this.#home.budget.usedBytes += bytes;
  }
}

const touchMark = ({ mark }: Spillable): number => mark;

const out = new ByteWriter();

function* written<Value>(
  entries: readonly [StoreKey, Value][],
  write: Spilling<Value>['write'],
): Iterable<readonly [StoreKey, Uint8Array]> {
  for (const [key, value] of entries) {
    out.reset();
    write(value, out);
    yield [key, out.bytes.subarray(0, out.length)];
  }
}
