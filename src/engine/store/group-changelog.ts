import type { Column } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import type { Decode, Write } from '../../serde/format.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { TopicOutput } from '../round-output.ts';
import { type Changelog, changelogCodec, stateColumns } from './changelog.ts';
import type { Group, GroupStore } from './group-store.ts';
import type { StoreKeyOf } from './store-key.ts';

/**
 * The durable form of an aggregation's groups, in its changelog and in snapshots of it:
 *
 *   key    JSON object of the group's key columns     {"USER":"bob"}
 *   value  JSON object of its aggregates' states      {"S0":10,"S1":[3,2.5]}
 *   time   the group's
 */
export class GroupChangelog implements Changelog {
  readonly #store: GroupStore;
  readonly #keyOf: StoreKeyOf;
  readonly #layout: GroupLayout;
  readonly #writeKey: Write;
  readonly #writeValue: Write;
  readonly #decodeKey: Decode;
  readonly #decodeValue: Decode;
  readonly #key = new ByteWriter();
  readonly #value = new ByteWriter();

  constructor(store: GroupStore, key: readonly Column[], keyOf: StoreKeyOf, layout: GroupLayout) {
    const { writeKey, decodeKey, writeValue, decodeValue } = changelogCodec(key, stateColumns(layout.calls));
    this.#store = store;
    this.#keyOf = keyOf;
    this.#layout = layout;
    this.#writeKey = writeKey;
    this.#decodeKey = decodeKey;
    this.#writeValue = writeValue;
    this.#decodeValue = decodeValue;
  }

  get dirtyCount(): number {
    return this.#store.dirtyCount;
  }

  get size(): number {
    return this.#store.size;
  }

  takeDirty(): readonly Group[] {
    return this.#store.takeDirty();
  }

  write(groups: readonly Group[], output: TopicOutput): void {
    const [key, value] = [this.#key, this.#value];
    for (const group of groups) {
      key.reset();
      value.reset();
      this.#writeKey(this.#layout.keyOf(group), 0, key);
      this.#writeValue(this.#layout.save(group), 0, value);
      output.append(0, group.timestampMs, key.bytes, key.length, value.bytes, value.length);
    }
  }

  settle(groups: readonly Group[]): void {
    this.#store.settle(groups);
  }

  load({ bytes, keyStart, keyLength, valueStart, valueLength, timestampMs }: RecordCursor): void {
    const key: SqlValue[] = [];
    const saved: SqlValue[] = [];
    this.#decodeKey(bytes, keyStart, keyStart + keyLength, key, 0);
    this.#decodeValue(bytes, valueStart, valueStart + valueLength, saved, 0);
    const storeKey = this.#keyOf(key);
    if (storeKey === null) return;
    const group = this.#layout.create(...key);
    this.#layout.load(group, saved);
    group.timestampMs = timestampMs;
    group.isKnown = true;
    this.#store.put(storeKey, group);
  }
}
