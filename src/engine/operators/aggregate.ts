import type { Row } from '../../data/schema.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { Group, GroupStore } from '../store/group-store.ts';
import type { StoreKey, StoreKeyOf } from '../store/store-key.ts';
import { Change, type Output, type QueryContext } from './change.ts';

/** Where changed groups go. */
export interface GroupOutput {
  /** The group was changed, now. */
  changed(group: Group): void;
  /** The round ends: some of the groups changed in it. Each comes once. */
  flush(groups: readonly Group[]): void;
  /** A group that was there before the query was started again. */
  restored(group: Group): void;
  /** Whether it has to know of those at all. */
  readonly keepsRestored: boolean;
  /** A group has come back from disk, where only its state was. */
  loaded(group: Group): void;
}

/**
 * GROUP BY over rows that have the group's key. Over a stream every row is added and gives one output; the compiled
 * source (compile/aggregate-code.ts) does that itself. Over a table the old row is taken away and the new one added:
 *
 *   same group         undo old, add new    one output
 *   other group        undo old             output of the old group, first
 *                      add new              output of the new group
 *
 * A group that has lost all its rows stays (COUNT 0 is a row).
 */
export class Aggregate implements Output {
  readonly store: GroupStore;
  readonly layout: GroupLayout;
  readonly output: GroupOutput;
  readonly #keyOf: StoreKeyOf;
  readonly #keyWidth: number;
  readonly #context: QueryContext;

  constructor(options: {
    readonly store: GroupStore;
    readonly layout: GroupLayout;
    readonly keyOf: StoreKeyOf;
    readonly keyWidth: number;
    readonly context: QueryContext;
    readonly output: GroupOutput;
  }) {
    this.store = options.store;
    this.layout = options.layout;
    this.output = options.output;
    this.#keyOf = options.keyOf;
    this.#keyWidth = options.keyWidth;
    this.#context = options.context;
  }

  push(change: Change): void {
    if (this.#context.rebuilding) return;
    const { row, old } = change;
    const newKey = row === null ? null : this.#keyOf(row);
    const oldKey = old === null ? null : this.#keyOf(old);
    if (oldKey !== null && oldKey !== newKey) this.#update(change, oldKey, old as Row, old, null);
    if (newKey !== null) this.#update(change, newKey, row as Row, oldKey === newKey ? old : null, row);
  }

  toTell(): readonly Group[] {
    return this.store.dirty();
  }

  tell(groups: readonly Group[]): void {
    this.output.flush(groups);
  }

  /** Everything the store holds, told anew, one a step: refills what is derived further down. */
  *replay(): Iterable<void> {
    if (!this.output.keepsRestored) return;
    for (const group of this.store.lastingEntries()) yield this.output.restored(group);
  }

  #update(change: Change, key: StoreKey, keyRow: Row, taken: Row | null, added: Row | null): void {
    let group = this.store.get(key);
    if (group === undefined) {
      group = this.layout.create(...keyRow.slice(0, this.#keyWidth));
      this.store.add(key, group);
    }
    this.store.touch(group);
    if (taken !== null) this.layout.undo(group, taken);
    if (added !== null) this.layout.add(group, added);
    if (change.timestampMs > group.timestampMs) group.timestampMs = change.timestampMs;
    group.partition = change.partition;
    group.offset = change.offset;
    group.headers = this.#context.headers();
    this.output.changed(group);
  }
}

/** Tells an operator of changed groups: of every change, or, where only the last of a round counts, once a round. */
export class GroupChanges implements GroupOutput {
  readonly keepsRestored = true;
  readonly #layout: GroupLayout;
  readonly #tellsOld: boolean;
  readonly #tellsEachChange: boolean;
  readonly #context: QueryContext;
  readonly #output: Output;

  constructor(options: {
    readonly layout: GroupLayout;
    /** Whether those below look at old rows. */
    readonly tellsOld: boolean;
    readonly tellsEachChange: boolean;
    readonly context: QueryContext;
    readonly output: Output;
  }) {
    this.#layout = options.layout;
    this.#tellsOld = options.tellsOld;
    this.#tellsEachChange = options.tellsEachChange;
    this.#context = options.context;
    this.#output = options.output;
  }

  changed(group: Group): void {
    if (this.#tellsEachChange) this.#tell(group);
  }

  flush(groups: readonly Group[]): void {
    if (this.#tellsEachChange) return;
    for (const group of groups) this.#context.withHeaders(group.headers, () => this.#tell(group));
  }

  restored(group: Group): void {
    group.told = null;
    this.#tell(group);
  }

  /** A round ends with everything told, and until then no group goes. */
  loaded(group: Group): void {
    if (this.#tellsOld) group.told = this.#layout.result(group);
  }

  #tell(group: Group): void {
    const row = this.#layout.result(group);
    const old = this.#tellsOld ? group.told : null;
    if (this.#tellsOld) group.told = row;
    this.#output.push(new Change(row, row, old, group.timestampMs, group.partition, group.offset));
  }
}
