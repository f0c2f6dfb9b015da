import type { Column } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import type { Decode, Write } from '../../serde/format.ts';
import type { KeyWindow } from '../../sql/plan.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { TopicOutput } from '../round-output.ts';
import { windowedKeyDecoder, windowedKeyWriter } from '../windowed-key.ts';
import { type Changelog, changelogCodec, stateColumns } from './changelog.ts';
import type { StoreKeyOf } from './store-key.ts';
import type { WindowGroup } from './window-spilling.ts';
import type { WindowStore } from './window-store.ts';

/**
 * The durable form of windows:
 *
 *   key    JSON object of the key columns, then the window as in windowed-key.ts
 *   value  JSON object of the aggregates' states and the key's partition   {"S0":10,"P":3}
 *   time   the largest of the window's rows; the largest of all is the stream time
 *
 * A window that is dropped leaves a tombstone, so that compaction keeps the topic as large as the store. Retention by
 * the clock, which Kafka Streams relies on, would take state away from a query that reads old records, or waits long.
 */
export class WindowChangelog implements Changelog {
  readonly #store: WindowStore;
  readonly #keyOf: StoreKeyOf;
  readonly #width: number;
  readonly #layout: GroupLayout;
  readonly #writeKey: Write;
  readonly #writeValue: Write;
  readonly #decodeKey: Decode;
  readonly #decodeValue: Decode;
  readonly #key = new ByteWriter();
  readonly #value = new ByteWriter();

  /** `key`: the key columns without the window's bounds. */
  constructor(
    store: WindowStore,
    key: readonly Column[],
    window: KeyWindow,
    keyOf: StoreKeyOf,
    layout: GroupLayout,
  ) {
    const partition: Column = { name: 'P', type: { kind: 'INTEGER' } };
    const codec = changelogCodec(key, [...stateColumns(layout.calls), partition]);
    this.#store = store;
    this.#keyOf = keyOf;
    this.#width = key.length;
    this.#layout = layout;
    this.#writeKey = windowedKeyWriter(codec.writeKey, window, key.length);
    this.#decodeKey = windowedKeyDecoder(codec.decodeKey, window, key.length);
    this.#writeValue = codec.writeValue;
    this.#decodeValue = codec.decodeValue;
  }

  get dirtyCount(): number {
    return this.#store.dirtyCount;
  }

  get size(): number {
    return this.#store.size;
  }

  takeDirty(): readonly WindowGroup[] {
    // One that came and went between two commits leaves no trace.
    return this.#store.takeDirty().filter(({ isGone, isSaved }) => isSaved || !isGone);
  }

  write(groups: readonly WindowGroup[], output: TopicOutput): void {
    const [key, value] = [this.#key, this.#value];
    for (const group of groups) {
      key.reset();
      value.reset();
      this.#writeKey(this.#layout.keyOf(group), 0, key);
      if (!group.isGone)
        this.#writeValue([...this.#layout.save(group), group.windows.time.partition], 0, value);
      const valueLength = group.isGone ? -1 : value.length;
      output.append(0, group.timestampMs, key.bytes, key.length, value.bytes, valueLength);
      group.isSaved = true;
    }
  }

  /** Readers look at the sink's rows. */
  settle(): void {}

  load({ bytes, keyStart, keyLength, valueStart, valueLength, timestampMs }: RecordCursor): void {
    const key: SqlValue[] = [];
    this.#decodeKey(bytes, keyStart, keyStart + keyLength, key, 0);
    const storeKey = this.#keyOf(key);
    if (storeKey === null) return;
    const [startMs, endMs] = [key[this.#width] as number, key[this.#width + 1] as number];
    const known = this.#store.find(storeKey);
    const earlier = known?.groups.find((group) => group.startMs === startMs && group.endMs === endMs);
    if (earlier !== undefined) this.#store.forget(earlier);
    if (valueLength < 0) return;
    const saved: SqlValue[] = [];
    this.#decodeValue(bytes, valueStart, valueStart + valueLength, saved, 0);
    const partition = (saved[this.#layout.calls.length] ?? 0) as number;
    const windows = this.#store.find(storeKey) ?? this.#store.open(storeKey, partition);
    const made = this.#layout.create(...key);
    this.#layout.load(made, saved);
    if (!this.#layout.isOfFixedSize) made.stateBytes = this.#layout.stateBytes(made);
    const group = this.#store.restore(windows, startMs, endMs, made);
    group.timestampMs = timestampMs;
    if (timestampMs > windows.time.streamTimeMs) windows.time.streamTimeMs = timestampMs;
  }
}
