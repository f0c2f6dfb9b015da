import type { GroupLayout } from '../group-layout.ts';
import type { Group } from './group-store.ts';
import type { SpillingMap } from './spilling-map.ts';
import type { StateSpace } from './state-space.ts';
import type { StoreKey } from './store-key.ts';
import { WindowQueue } from './window-queue.ts';
import {
  KeyWindows,
  type PartitionTime,
  type WindowGroup,
  windowBytesOf,
  windowSpilling,
} from './window-spilling.ts';

const NONE: readonly WindowGroup[] = [];

/**
 * The windows of an aggregation:
 *
 *   key --> [ window, window, window ]                     to find the ones a row belongs to
 *   partition --> stream time, queue of keys by age        to close and drop the windows that are over
 *
 * A key stays with the partition in which it was first seen until all its windows are gone; its windows are in memory or,
 * where memory is short, together on disk. Stream time needs no record of its own: it is the largest timestamp of the
 * groups, since a window with the latest row is never old.
 */
export class WindowStore {
  readonly ageOf: (window: Pick<WindowGroup, 'startMs' | 'endMs'>) => number;
  readonly #ofAge: (groups: readonly WindowGroup[], ageMs: number) => WindowGroup | undefined;
  readonly #keys: SpillingMap<KeyWindows>;
  readonly #layout: GroupLayout;
  readonly #bytesOf: (group: WindowGroup) => number;
  readonly #times: (PartitionTime | undefined)[] = [];
  #dirty: WindowGroup[] = [];
  #size = 0;

  /**
   * `age`: sessions grow at their end, so they are as old as that; time windows as their start. Windows of a key differ
   * in it. `onRead`: of each that comes back from disk.
   */
  constructor(
    age: 'start' | 'end',
    layout: GroupLayout,
    state: StateSpace,
    onRead: (group: WindowGroup) => void = () => {},
  ) {
    this.ageOf = age === 'start' ? ({ startMs }) => startMs : ({ endMs }) => endMs;
    this.#ofAge = age === 'start' ? groupAt : groupUntil;
    this.#layout = layout;
    this.#bytesOf = windowBytesOf(layout);
    this.#keys = state.map(windowSpilling(layout, (partition) => this.timeOf(partition), onRead));
  }

  /** Windows. */
  get size(): number {
    return this.#size;
  }

  get dirtyCount(): number {
    return this.#dirty.length;
  }

  find(key: StoreKey): KeyWindows | undefined {
    return this.#keys.get(key);
  }

  /** A key that has no windows yet. */
  open(storeKey: StoreKey, partition: number): KeyWindows {
    const windows = new KeyWindows(storeKey, this.timeOf(partition));
    this.#keys.add(storeKey, windows);
    return windows;
  }

  /** Of a key for which no window came to be. */
  close(windows: KeyWindows): void {
    if (windows.groups.length === 0) this.#keys.delete(windows.storeKey);
  }

  /** Takes a new group in; no other of the key is as old. */
  add(windows: KeyWindows, startMs: number, endMs: number, fresh: Group): WindowGroup {
    const group = fresh as WindowGroup;
    group.windows = windows;
    group.startMs = startMs;
    group.endMs = endMs;
    this.#putIn(group);
    windows.time.queue.add(this.ageOf(group), windows.storeKey);
    return group;
  }

  /** The same of a group that its changelog holds, perhaps beside the session that it has become part of. */
  restore(windows: KeyWindows, startMs: number, endMs: number, fresh: Group): WindowGroup {
    const ageMs = this.ageOf({ startMs, endMs });
    if (this.#ofAge(windows.groups, ageMs) !== undefined) windows.time.queue.remove(ageMs, windows.storeKey);
    const group = this.add(windows, startMs, endMs, fresh);
    group.isSaved = true;
    return group;
  }

  /** A session that has become part of another. */
  remove(group: WindowGroup): void {
    this.#drop(group);
    this.#unqueue(group);
  }

  /** A window that has not been there: its changelog knows a later state of it, or that it is gone. */
  forget(group: WindowGroup): void {
    this.#takeOut(group);
    this.#unqueue(group);
    this.close(group.windows);
  }

  /** Removes and gives the windows that are older than `ageMs`. */
  expire({ queue }: PartitionTime, ageMs: number): readonly WindowGroup[] {
    if (!queue.mayHaveBefore(ageMs)) return NONE;
    const expired: WindowGroup[] = [];
    queue.drainBefore(ageMs, (storeKey, groupAgeMs) => {
      const group = this.#groupOf(storeKey, groupAgeMs);
      this.#drop(group);
      this.close(group.windows);
      expired.push(group);
    });
    return expired;
  }

  /** Windows with `afterMs` < age <= `toMs`, in the order of age. */
  between({ queue }: PartitionTime, afterMs: number, toMs: number): WindowGroup[] {
    const found: WindowGroup[] = [];
    queue.visitBetween(afterMs, toMs, (storeKey, ageMs) => found.push(this.#groupOf(storeKey, ageMs)));
    return found;
  }

  /** The group is changed and has to be written at the next commit. */
  touch(group: WindowGroup): void {
    if (group.isDirty) return;
    group.isDirty = true;
    group.windows.dirtyGroups++;
    this.#keys.changed(group.windows);
    this.#dirty.push(group);
  }

  /** Touched since the last `takeDirty`, in the order of their first touch. */
  dirty(): readonly WindowGroup[] {
    return this.#dirty;
  }

  /** Each once; those that are gone are to be deleted, if they were ever written. */
  takeDirty(): readonly WindowGroup[] {
    const taken = this.#dirty;
    this.#dirty = [];
    for (const group of taken) {
      group.isDirty = false;
      group.windows.dirtyGroups--;
    }
    if (!this.#layout.isOfFixedSize) for (const group of taken) if (!group.isGone) this.#measure(group);
    return taken;
  }

  /** Each once or, unless all is in memory, perhaps twice; those on disk are copies. */
  *entries(): Iterable<WindowGroup> {
    for (const { groups } of this.keys()) yield* groups;
  }

  /** The same. */
  keys(): Iterable<KeyWindows> {
    return this.#keys.lastingValues();
  }

  /** Those that have had a record. */
  times(): PartitionTime[] {
    return this.#times.filter((time) => time !== undefined);
  }

  timeOf(partition: number): PartitionTime {
    let time = this.#times[partition];
    if (time === undefined) {
      time = { partition, streamTimeMs: -1, queue: new WindowQueue() };
      this.#times[partition] = time;
    }
    return time;
  }

  /** Of a queue's entry. */
  #groupOf(storeKey: StoreKey, ageMs: number): WindowGroup {
    return this.#ofAge((this.#keys.get(storeKey) as KeyWindows).groups, ageMs) as WindowGroup;
  }

  #drop(group: WindowGroup): void {
    this.#takeOut(group);
    group.isGone = true;
    this.touch(group);
  }

  #putIn(group: WindowGroup): void {
    const { groups } = group.windows;
    let at = groups.length;
    while (at > 0 && (groups[at - 1] as WindowGroup).startMs > group.startMs) at--;
    if (at === groups.length) groups.push(group);
    else groups.splice(at, 0, group);
    this.#size++;
    this.#resize(group.windows, this.#bytesOf(group));
  }

  #unqueue(group: WindowGroup): void {
    const { groups, time, storeKey } = group.windows;
    const ageMs = this.ageOf(group);
    if (this.#ofAge(groups, ageMs) === undefined) time.queue.remove(ageMs, storeKey);
  }

  #takeOut(group: WindowGroup): void {
    const { groups } = group.windows;
    const index = groups.indexOf(group);
    if (index === 0) groups.shift();
    else groups.splice(index, 1);
    this.#size--;
    this.#resize(group.windows, -this.#bytesOf(group));
  }

  #measure(group: WindowGroup): void {
    const bytes = this.#layout.stateBytes(group);
    this.#resize(group.windows, bytes - (group.stateBytes as number));
    group.stateBytes = bytes;
  }

  #resize(windows: KeyWindows, bytes: number): void {
    windows.groupBytes += bytes;
    this.#keys.resized(bytes);
    this.#keys.changed(windows);
  }
}

/** The group of the window that starts then. */
export function groupAt(groups: readonly WindowGroup[], startMs: number): WindowGroup | undefined {
  let low = 0;
  let high = groups.length - 1;
  // The latest window first, then by halves.
  for (let at = high; low <= high; at = (low + high) >>> 1) {
    const group = groups[at] as WindowGroup;
    if (group.startMs === startMs) return group;
    if (group.startMs < startMs) low = at + 1;
    else high = at - 1;
  }
  return undefined;
}

/** The group of the session that ends then: the oldest is asked for when it expires. */
function groupUntil(groups: readonly WindowGroup[], endMs: number): WindowGroup | undefined {
  return groups.find((group) => group.endMs === endMs);
}
