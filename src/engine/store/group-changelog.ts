import type { RecordCursor } from '../../record/record-cursor.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import type { Write } from '../../serde/format.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { TopicOutput } from '../round-output.ts';
import type { Changelog, ChangelogCodec } from './changelog.ts';
import type { Group, GroupStore } from './group-store.ts';

/**
 * The durable form of an aggregation's groups, in its changelog and in snapshots of it:
 *
 *   key    JSON object of the group's key columns     {"USER":"bob"}
 *   value  JSON object of its aggregates' states      {"S0":10,"S1":[3,2.5]}
 *   time   the group's
 *
 * See `groupPacking` for how it is read.
 */
export class GroupChangelog implements Changelog {
  readonly #store: GroupStore;
  readonly #layout: GroupLayout;
  readonly #writeKey: Write;
  readonly #writeValue: Write;
  readonly #key = new ByteWriter();
  readonly #value = new ByteWriter();

  constructor(store: GroupStore, layout: GroupLayout, { writeKey, writeValue }: ChangelogCodec) {
    this.#store = store;
    this.#layout = layout;
    this.#writeKey = writeKey;
    this.#writeValue = writeValue;
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

  load(cursor: RecordCursor): void {
    this.#store.restore(cursor);
  }
}
