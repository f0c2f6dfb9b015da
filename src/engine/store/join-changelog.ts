import type { Column, Row } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import { readInt64 } from '../../record/int64.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import type { Decode, Write } from '../../serde/format.ts';
import type { TopicOutput } from '../round-output.ts';
import { type Changelog, changelogCodec } from './changelog.ts';
import { JoinClock } from './join-clock.ts';
import type { JoinRow, JoinSide } from './join-key.ts';
import type { DirtyItem, JoinStore } from './join-store.ts';
import type { StoreKeyOf } from './store-key.ts';

const TIME_BYTES = 8;
const NUMBER_BYTES = 4;
const CLOCK_KEY_BYTES = 4;
const NO_BYTES = new Uint8Array(0);

/**
 * The durable form of one side of a join, in the manner of Kafka Streams' window stores:
 *
 *   row     key    JSON object of the key columns, then time int64, number int32
 *           value  JSON object of the columns that are read, whether it waits, and the key's partition
 *                  {"C0_QTY":10,"W":true,"P":3}
 *           time   the row's
 *   clock   key    partition int32             only where rows do not tell it: a record without a key has come
 *           value  stream time when waiting rows were last looked at, int64
 *           time   stream time
 *
 * A row that is dropped leaves a tombstone, so that compaction keeps the topic as large as the store. Retention by the
 * clock, which Kafka Streams relies on, would take state away from a query that reads old records, or waits long. That a
 * row has waited to its end is not written: it follows from stream time.
 */
export class JoinChangelog implements Changelog {
  /** Those of the rows' values. */
  readonly columns: readonly Column[];
  readonly #store: JoinStore;
  readonly #side: JoinSide;
  readonly #keyOf: StoreKeyOf;
  readonly #writeKey: Write;
  readonly #writeValue: Write;
  readonly #decodeKey: Decode;
  readonly #decodeValue: Decode;
  readonly #key = new ByteWriter();
  readonly #value = new ByteWriter();

  /** `keyOf` finds keys by their columns; `columns` have names that last. */
  constructor(
    store: JoinStore,
    side: JoinSide,
    key: readonly Column[],
    keyOf: StoreKeyOf,
    columns: readonly Column[],
  ) {
    const saved: Column[] = [
      ...columns,
      { name: 'W', type: { kind: 'BOOLEAN' } },
      { name: 'P', type: { kind: 'INTEGER' } },
    ];
    const { writeKey, decodeKey, writeValue, decodeValue } = changelogCodec(key, saved);
    this.#store = store;
    this.#side = side;
    this.#keyOf = keyOf;
    this.columns = columns;
    this.#writeKey = writeKey;
    this.#decodeKey = decodeKey;
    this.#writeValue = writeValue;
    this.#decodeValue = decodeValue;
  }

  get size(): number {
    return this.#store.size(this.#side);
  }

  get dirtyCount(): number {
    return this.#store.dirtyCount(this.#side);
  }

  takeDirty(): readonly DirtyItem[] {
    return this.#store.takeDirty(this.#side);
  }

  write(items: readonly DirtyItem[], output: TopicOutput): void {
    for (const item of items) {
      this.#key.reset();
      this.#value.reset();
      if (item instanceof JoinClock) this.#writeClock(item, output);
      else this.#writeRow(item, output);
    }
  }

  /** Nobody reads the rows but the join. */
  settle(): void {}

  load(cursor: RecordCursor): void {
    if (cursor.keyLength === CLOCK_KEY_BYTES) this.#loadClock(cursor);
    else this.#loadRow(cursor);
  }

  #writeRow({ key, values, timestampMs, number, isWaiting, isGone }: JoinRow, output: TopicOutput): void {
    const out = this.#key;
    this.#writeKey(key.columns, 0, out);
    out.int64(timestampMs);
    out.int32(number);
    if (isGone) {
      output.append(0, timestampMs, out.bytes, out.length, NO_BYTES, -1);
      return;
    }
    this.#writeValue([...values, isWaiting, key.partition], 0, this.#value);
    output.append(0, timestampMs, out.bytes, out.length, this.#value.bytes, this.#value.length);
  }

  #writeClock({ partition, streamTimeMs, lookedMs }: JoinClock, output: TopicOutput): void {
    const [key, value] = [this.#key, this.#value];
    key.int32(partition);
    value.int64(lookedMs);
    output.append(0, streamTimeMs, key.bytes, key.length, value.bytes, value.length);
  }

  #loadRow({ bytes, keyStart, keyLength, valueStart, valueLength, timestampMs }: RecordCursor): void {
    const columns: SqlValue[] = [];
    const keyEnd = keyStart + keyLength - NUMBER_BYTES - TIME_BYTES;
    this.#decodeKey(bytes, keyStart, keyEnd, columns, 0);
    const number = bytes.readInt32BE(keyEnd + TIME_BYTES);
    const storeKey = this.#keyOf(columns);
    if (storeKey === null) return;
    const store = this.#store;
    const known = store.find(storeKey);
    if (valueLength < 0) {
      if (known === undefined) return;
      store.forget(known, this.#side, timestampMs, number);
      store.closeIfEmpty(known);
      return;
    }
    const saved: SqlValue[] = [];
    this.#decodeValue(bytes, valueStart, valueStart + valueLength, saved, 0);
    const key = known ?? store.open(storeKey, columns as Row, saved[this.columns.length + 1] as number);
    const row = store.load(key, this.#side, saved.slice(0, this.columns.length), timestampMs, number);
    if (saved[this.columns.length] === true) store.wait(row);
  }

  #loadClock({ bytes, keyStart, valueStart, timestampMs }: RecordCursor): void {
    const clock = this.#store.clockOf(bytes.readInt32BE(keyStart));
    clock.streamTimeMs = timestampMs;
    clock.lookedMs = readInt64(bytes, valueStart);
  }
}
