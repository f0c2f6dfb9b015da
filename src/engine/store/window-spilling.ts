import type { SqlValue } from '../../data/types.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { Group } from './group-store.ts';
import { bytesOfKey, FIELD_BYTES, MAP_ENTRY_BYTES, NUMBER_BYTES, OBJECT_BYTES } from './memory-bytes.ts';
import type { Spillable, Spilling } from './spilling-map.ts';
import type { StoreKey } from './store-key.ts';
import { writeValue } from './value-bytes.ts';
import type { WindowQueue } from './window-queue.ts';

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

/** The clock of one partition of the (virtual) re-keyed input: the latest record that any of its keys has had. */
export interface PartitionTime {
  readonly partition: number;
  streamTimeMs: number;
  /** The key of each window, at the window's age: the windows themselves may be on disk. */
  readonly queue: WindowQueue<StoreKey>;
}

/** All windows of one key, by their start. The last one is nearly always the one that is asked for. */
export class KeyWindows implements Spillable {
  mark = 0;
  readonly storeKey: StoreKey;
  readonly time: PartitionTime;
  readonly groups: WindowGroup[] = [];
  /** While there are any it stays in memory. */
  dirtyGroups = 0;
  groupBytes = 0;
  /** The key as bytes, once somebody has needed them. */
  bytes: Uint8Array | undefined;

  constructor(storeKey: StoreKey, time: PartitionTime) {
    this.storeKey = storeKey;
    this.time = time;
  }
}

/** Fields of every group, with those of windows: see GroupLayout. */
const COMMON_FIELDS = 11 + WINDOW_FIELDS.length;
const KEY_BYTES = MAP_ENTRY_BYTES + 2 * OBJECT_BYTES + 11 * FIELD_BYTES;

/** How much a group takes in memory, with its places in the list of its key and in the queue. */
export function windowBytesOf(layout: GroupLayout): (group: WindowGroup) => number {
  const fields = COMMON_FIELDS + layout.keyWidth + layout.calls.length + 2;
  // Time and bounds are numbers of their own, and so are states that have grown.
  const baseBytes = OBJECT_BYTES + FIELD_BYTES * fields + NUMBER_BYTES * (3 + layout.calls.length);
  return layout.isOfFixedSize ? () => baseBytes : ({ stateBytes }) => baseBytes + (stateBytes as number);
}

/**
 * The windows of a key on disk: partition, key columns, and for each window its bounds, time and saved states. Only keys
 * go of which all windows have been told and are in the changelog; `onRead` restores what those below were told.
 */
export function windowSpilling(
  layout: GroupLayout,
  timeOf: (partition: number) => PartitionTime,
  onRead: (group: WindowGroup) => void,
): Spilling<KeyWindows> {
  const groupBytesOf = windowBytesOf(layout);
  const keyWidth = layout.keyWidth - 2;
  return {
    mayGo: ({ dirtyGroups, groups }) => dirtyGroups === 0 && groups.length > 0,
    write: ({ time, groups }, out) => {
      writeValue(time.partition, out);
      writeValue(layout.keyOf(groups[0] as WindowGroup).slice(0, keyWidth), out);
      writeValue(groups.length, out);
      for (const group of groups) {
        writeValue(group.startMs, out);
        writeValue(group.endMs, out);
        writeValue(group.timestampMs, out);
        writeValue(layout.save(group), out);
      }
    },
    read: (from, storeKey) => {
      const windows = new KeyWindows(storeKey, timeOf(from.next() as number));
      const key = from.next() as SqlValue[];
      for (let left = from.next() as number; left > 0; left--) {
        const [startMs, endMs] = [from.next() as number, from.next() as number];
        const group = layout.create(...key, startMs, endMs) as WindowGroup;
        group.windows = windows;
        group.startMs = startMs;
        group.endMs = endMs;
        group.isSaved = true;
        group.timestampMs = from.next() as number;
        layout.load(group, from.next() as SqlValue[]);
        if (!layout.isOfFixedSize) group.stateBytes = layout.stateBytes(group);
        onRead(group);
        windows.groups.push(group);
        windows.groupBytes += groupBytesOf(group);
      }
      return windows;
    },
    bytesOf: (key, { groupBytes }) => KEY_BYTES + bytesOfKey(key) + groupBytes,
  };
}
