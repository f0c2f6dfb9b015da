import type { SqlValue } from '../../data/types.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { Group } from './group-store.ts';
import { bytesOfKey, FIELD_BYTES, MAP_ENTRY_BYTES, NUMBER_BYTES, OBJECT_BYTES } from './memory-bytes.ts';
import type { Spilling } from './spilling-map.ts';
import { writeValue } from './value-bytes.ts';

/** Fields of every group: see GroupLayout. */
const COMMON_FIELDS = 11;

/**
 * Groups on disk: time, key columns, saved states. What else a group has matters only to the round that changes it, and
 * one that a round is about stays in memory; `onRead` restores what those below were told.
 */
export function groupSpilling(layout: GroupLayout, onRead: (group: Group) => void): Spilling<Group> {
  const fields = COMMON_FIELDS + layout.keyWidth + layout.calls.length;
  // The time is a number of its own, and so are states that have grown.
  const baseBytes =
    MAP_ENTRY_BYTES + OBJECT_BYTES + FIELD_BYTES * fields + NUMBER_BYTES * (1 + layout.calls.length);
  return {
    mayGo: ({ isDirty, committed, next }) => !isDirty && committed === undefined && next === undefined,
    write: (group, out) => {
      writeValue(group.timestampMs, out);
      writeValue(layout.keyOf(group), out);
      writeValue(layout.save(group), out);
    },
    read: (from) => {
      const timestampMs = from.next() as number;
      const group = layout.create(...(from.next() as SqlValue[]));
      layout.load(group, from.next() as SqlValue[]);
      group.timestampMs = timestampMs;
      group.isKnown = true;
      if (!layout.isOfFixedSize) group.stateBytes = layout.stateBytes(group);
      onRead(group);
      return group;
    },
    bytesOf: layout.isOfFixedSize
      ? (key) => baseBytes + bytesOfKey(key)
      : (key, { stateBytes }) => baseBytes + bytesOfKey(key) + (stateBytes as number),
  };
}
