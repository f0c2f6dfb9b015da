import type { Row } from '../../data/schema.ts';
import type { EncodedHeaders } from '../../record/batch-builder.ts';
import type { StoredRow } from '../running-query.ts';
import type { KeyTable } from './key-table.ts';
import type { RecordFields } from './packed-block.ts';
import type { Spillable, SpillingMap } from './spilling-map.ts';
import type { Store, StoreEntry } from './store.ts';
import type { StoreKey } from './store-key.ts';

/**
 * One group of an aggregation, changed in place. Its key columns are further properties `k0`, `k1` ..., what its
 * aggregates have gathered `s0`, `s1` ..., of the class that a {@link GroupLayout} compiles: one object a key, since
 * millions of them have to be held and walked over by the garbage collector.
 */
export interface Group extends StoreEntry, Spillable {
  timestampMs: number;
  /** Of the record that changed it last. */
  partition: number;
  offset: number;
  headers: EncodedHeaders | undefined;
  /** What those below were told last, kept where they ask for old rows. */
  told: Row | null;
  /** False until it has been touched or restored for the first time. */
  isKnown: boolean;
  /** See {@link GroupStore}. */
  committed: StoredRow | null | undefined;
  next: StoredRow | null | undefined;
  /** Where groups of one aggregation differ in size. */
  stateBytes?: number;
}

/**
 * The groups of an aggregation. Where readers are to see committed rows only, a group that a round touches keeps the row
 * it had before, until the round is committed; all others are what they are:
 *
 *                        committed      next
 *   untouched            undefined      undefined      readers see the group itself
 *   round N touches      row before N   undefined
 *   N is in flight, and
 *   round N + 1 touches  row before N   row after N
 *   N is committed       row after N    undefined
 */
export class GroupStore implements Store<Group> {
  readonly #groups: SpillingMap<Group>;
  readonly #bytesOf: ((group: Group) => number) | undefined;
  #dirty: Group[] = [];
  #rowOf: ((group: Group) => Row) | undefined;

  /** `stateBytesOf` measures the states of groups that differ in size. */
  constructor(groups: SpillingMap<Group>, stateBytesOf?: (group: Group) => number) {
    this.#groups = groups;
    this.#bytesOf = stateBytesOf;
  }

  get size(): number {
    return this.#groups.size;
  }

  get dirtyCount(): number {
    return this.#dirty.length;
  }

  /** From now on committed rows are kept, as `rowOf` makes them. */
  keepCommitted(rowOf: (group: Group) => Row): void {
    this.#rowOf = rowOf;
  }

  get(key: StoreKey): Group | undefined {
    return this.#groups.get(key);
  }

  /** Numbers of the groups' keys. */
  get keys(): KeyTable {
    return this.#groups.keys;
  }

  /** By its key's number; undefined where only `get` may find it. */
  at(number: number): Group | undefined {
    return this.#groups.at(number);
  }

  prefetch(numbers: Int32Array, count: number): number {
    return this.#groups.prefetch(numbers, count);
  }

  add(key: StoreKey, group: Group): void {
    this.#groups.add(key, group);
  }

  /** Takes over the group of a record of the changelog. */
  restore(record: RecordFields): void {
    this.#groups.restore(record, 0);
  }

  /** Before the group is changed. */
  touch(group: Group): void {
    if (group.isDirty) return;
    group.isDirty = true;
    this.#dirty.push(group);
    this.#groups.changed(group);
    const rowOf = this.#rowOf;
    if (rowOf !== undefined) {
      const before = group.isKnown ? { row: rowOf(group), timestampMs: group.timestampMs } : null;
      if (group.committed === undefined) group.committed = before;
      else group.next = before;
    }
    group.isKnown = true;
  }

  entries(): Iterable<Group> {
    return this.#groups.values();
  }

  /** The same with pauses in which some may go to disk: those come perhaps twice. */
  lastingEntries(): Iterable<Group> {
    return this.#groups.lastingValues();
  }

  dirty(): readonly Group[] {
    return this.#dirty;
  }

  takeDirty(): readonly Group[] {
    const taken = this.#dirty;
    this.#dirty = [];
    for (const group of taken) group.isDirty = false;
    if (this.#bytesOf !== undefined) for (const group of taken) this.#measure(group, this.#bytesOf(group));
    return taken;
  }

  /** The round that took these has been committed. */
  settle(groups: readonly Group[]): void {
    for (const group of groups) {
      group.committed = group.next;
      group.next = undefined;
    }
  }

  /** Undefined: no such row has been committed. Only after `keepCommitted`. */
  committed(group: Group): StoredRow | undefined {
    if (group.committed !== undefined) return group.committed ?? undefined;
    return { row: (this.#rowOf as (group: Group) => Row)(group), timestampMs: group.timestampMs };
  }

  #measure(group: Group, bytes: number): void {
    this.#groups.resized(bytes - (group.stateBytes as number));
    group.stateBytes = bytes;
  }
}

/** So that no compiler leaves a touch out. */
let touched = 0;

/**
 * Before much is done with each of a few hundred groups: of many a round has changed, each is a miss of the processor's cache,
 * and read one after the other a dozen of these wait together.
 */
export function touchGroups(groups: readonly Group[]): void {
  let marks = touched;
  for (let at = 0; at < groups.length; at++) marks ^= (groups[at] as Group).mark;
  touched = marks;
}
