import type { Column } from '../../data/schema.ts';
import type { RecordCursor } from '../../record/record-cursor.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import type { GroupLayout, WriteGroup } from '../group-layout.ts';
import type { TopicOutput } from '../round-output.ts';
import { type Changelog, stateColumns } from './changelog.ts';
import { type Group, type GroupStore, touchGroups } from './group-store.ts';

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
  readonly #writeKey: WriteGroup;
  readonly #writeValue: WriteGroup;
  readonly #key = new ByteWriter();
  readonly #value = new ByteWriter();

  constructor(store: GroupStore, key: readonly Column[], layout: GroupLayout) {
    this.#store = store;
    this.#writeKey = layout.keyWriter(key);
    this.#writeValue = layout.savedWriter(stateColumns(layout.calls));
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
    touchGroups(groups);
    const [key, value] = [this.#key, this.#value];
    for (const group of groups) {
      key.reset();
      value.reset();
      this.#writeKey(group, key);
      this.#writeValue(group, value);
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
