import type { Group } from './group-store.ts';
import type { StoreKey } from './store-key.ts';
import { WindowQueue } from './window-queue.ts';

/** One window of one key: a group whose key columns are followed by the window's bounds. Changed in place. */
export interface WindowGroup extends Group {
  windows: KeyWindows;
  startMs: number;
  endMs: number;
  /** Expired, or become part of another session: no longer in the store. */
  isGone: boolean;
  /** Its changelog holds it. */
  isSaved: boolean;
  /** Changed since those below were told of it. */
  isUntold: boolean;
}

/** For the layout of these groups. */
export const WINDOW_FIELDS: readonly string[] = [
  'windows = undefined',
  'startMs = 0',
  'endMs = 0',
  'isGone = false',
  'isSaved = false',
  'isUntold = false',
];

/** All windows of one key, by their start. The last one is nearly always the one that is asked for. */
export interface KeyWindows {
  readonly storeKey: StoreKey;
  readonly time: PartitionTime;
  readonly groups: WindowGroup[];
  /** The key as bytes, once somebody has needed them. */
  bytes: Uint8Array | undefined;
}

/** The clock of one partition of the (virtual) re-keyed input: the latest record that any of its keys has had. */
export interface PartitionTime {
  readonly partition: number;
  streamTimeMs: number;
  readonly queue: WindowQueue<WindowGroup>;
}

/**
 * The windows of an aggregation:
 *
 *   key --> [ window, window, window ]                     to find the ones a row belongs to
 *   partition --> stream time, queue of windows by age     to close and drop the ones that are over
 *
 * A key stays with the partition in which it was first seen until all its windows are gone. Stream time needs no record
 * of its own: it is the largest timestamp of the groups, since a window with the latest row is never old.
 */
export class WindowStore {
  readonly ageOf: (group: WindowGroup) => number;
  readonly #keys = new Map<StoreKey, KeyWindows>();
  readonly #times: (PartitionTime | undefined)[] = [];
  #dirty: WindowGroup[] = [];
  #size = 0;

  /** `age`: sessions grow at their end, so they are as old as that; time windows as their start. */
  constructor(age: 'start' | 'end') {
    this.ageOf = age === 'start' ? ({ startMs }) => startMs : ({ endMs }) => endMs;
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
    const windows = { storeKey, time: this.timeOf(partition), groups: [], bytes: undefined };
    this.#keys.set(storeKey, windows);
    return windows;
  }

  /** Of a key for which no window came to be. */
  close(windows: KeyWindows): void {
    if (windows.groups.length === 0) this.#keys.delete(windows.storeKey);
  }

  /** Takes a new group in. */
  add(windows: KeyWindows, startMs: number, endMs: number, fresh: Group): WindowGroup {
    const group = fresh as WindowGroup;
    group.windows = windows;
    group.startMs = startMs;
    group.endMs = endMs;
    const { groups, time } = windows;
    let at = groups.length;
    while (at > 0 && (groups[at - 1] as WindowGroup).startMs > startMs) at--;
    if (at === groups.length) groups.push(group);
    else groups.splice(at, 0, group);
    time.queue.add(this.ageOf(group), group);
    this.#size++;
    return group;
  }

  /** A session that has become part of another. */
  remove(group: WindowGroup): void {
    group.windows.time.queue.remove(this.ageOf(group), group);
    this.#drop(group);
  }

  /** A window that has not been there: its changelog knows a later state of it, or that it is gone. */
  forget(group: WindowGroup): void {
    group.windows.time.queue.remove(this.ageOf(group), group);
    group.windows.groups.splice(group.windows.groups.indexOf(group), 1);
    this.#size--;
    this.close(group.windows);
  }

  /** Removes and gives the windows that are older than `ageMs`. */
  expire(time: PartitionTime, ageMs: number): readonly WindowGroup[] {
    const expired = time.queue.takeBefore(ageMs);
    for (const group of expired) {
      this.#drop(group);
      this.close(group.windows);
    }
    return expired;
  }

  /** The group is changed and has to be written at the next commit. */
  touch(group: WindowGroup): void {
    if (group.isDirty) return;
    group.isDirty = true;
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
    for (const group of taken) group.isDirty = false;
    return taken;
  }

  *entries(): Iterable<WindowGroup> {
    for (const { groups } of this.#keys.values()) yield* groups;
  }

  keys(): Iterable<KeyWindows> {
    return this.#keys.values();
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

  #drop(group: WindowGroup): void {
    const { groups } = group.windows;
    const index = groups.indexOf(group);
    if (index === 0) groups.shift();
    else groups.splice(index, 1);
    group.isGone = true;
    this.#size--;
    this.touch(group);
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
