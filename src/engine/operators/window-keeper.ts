import { compareBytes } from '../../data/compare.ts';
import type { Row } from '../../data/schema.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { Group } from '../store/group-store.ts';
import type { StoreKey } from '../store/store-key.ts';
import type { KeyWindows, PartitionTime, WindowGroup } from '../store/window-spilling.ts';
import type { WindowStore } from '../store/window-store.ts';
import { Change, type Output, type QueryContext } from './change.ts';

/** What both kinds of windowed aggregation are made with. */
export interface WindowedOptions {
  readonly store: WindowStore;
  readonly layout: GroupLayout;
  readonly keyWidth: number;
  /** The group's key as bytes: the order of windows that close together. */
  readonly keyBytesOf: (key: Row) => Uint8Array;
  /** Of the (virtual) re-keyed input; `partition` is that of the record. */
  readonly partitionOf: (key: Row, partition: number) => number;
  readonly graceMs: number;
  readonly retentionMs: number;
  readonly emit: 'CHANGES' | 'FINAL';
  /** As in ksqlDB, windows too old to be kept are dropped before those that are closed are given out. */
  readonly losesOnJump: boolean;
  /** Whether those below look at old rows. */
  readonly tellsOld: boolean;
  /** False: only what a window holds at the end of a round counts. */
  readonly tellsEachChange: boolean;
  /** The window is kept no longer. What is derived from it is to be forgotten, which is no deletion. */
  readonly onExpired: (key: Row) => void;
  readonly context: QueryContext;
  readonly output: Output;
}

/** What stream time means for windows of one kind. */
export interface WindowAges {
  /** Of the youngest windows that are closed at that time. */
  closedAgeMs(streamTimeMs: number): number;
  /** Of the oldest windows that are still kept. */
  keptAgeMs(streamTimeMs: number): number;
}

/**
 * What happens to windows as time goes on, whatever their kind:
 *
 *   stream time --+--> closed:  EMIT FINAL gives them out, each once
 *                 +--> expired: dropped from the store and from what is derived
 *
 * A window is closed before it expires, since retention is at least its length and grace together. So what was given
 * out follows from stream time alone, also after a restart.
 */
export class WindowKeeper {
  readonly isFinal: boolean;
  readonly #options: WindowedOptions;
  readonly #ages: WindowAges;

  constructor(options: WindowedOptions, ages: WindowAges) {
    this.#options = options;
    this.#ages = ages;
    this.isFinal = options.emit === 'FINAL';
  }

  /** A key that has no windows. */
  open(storeKey: StoreKey, key: Row, partition: number): KeyWindows {
    const { store, partitionOf } = this.#options;
    return store.open(storeKey, partitionOf(key, partition));
  }

  /** The group holds another row. */
  changed(group: WindowGroup): void {
    if (this.isFinal) return;
    if (this.#options.tellsEachChange) this.#tell(group);
    else group.isUntold = true;
  }

  /** The session has become part of another. */
  deleted(group: WindowGroup, partition: number, offset: number): void {
    const { layout, tellsOld, output } = this.#options;
    const old = tellsOld ? group.told : null;
    output.push(new Change(layout.keyOf(group), null, old, group.endMs, partition, offset));
  }

  /** After the row that has moved stream time on from `beforeMs`. */
  advance(time: PartitionTime, beforeMs: number, partition: number, offset: number): void {
    const closesFirst = this.isFinal && !this.#options.losesOnJump;
    if (closesFirst) this.#emitClosed(time, beforeMs, partition, offset);
    this.#expire(time);
    if (this.isFinal && !closesFirst) this.#emitClosed(time, beforeMs, partition, offset);
  }

  /** At the end of a round. */
  toTell(): readonly WindowGroup[] {
    return this.#options.tellsEachChange ? [] : this.#options.store.dirty();
  }

  tell(groups: readonly Group[]): void {
    for (const group of groups as readonly WindowGroup[]) if (group.isUntold) this.#tellLate(group);
  }

  /** Everything that has been given out and is still kept, told anew: refills what is derived. */
  *replay(): Iterable<void> {
    const { store } = this.#options;
    for (const time of store.times()) this.#expire(time);
    for (const group of store.entries()) {
      const closedAgeMs = this.#ages.closedAgeMs(group.windows.time.streamTimeMs);
      if (this.isFinal && store.ageOf(group) > closedAgeMs) continue;
      // Where one has come back from disk it has been told already.
      group.told = null;
      yield this.#tell(group);
    }
  }

  #emitClosed(time: PartitionTime, beforeMs: number, partition: number, offset: number): void {
    const { store, layout, keyWidth, keyBytesOf } = this.#options;
    const closed = store.between(
      time,
      this.#ages.closedAgeMs(beforeMs),
      this.#ages.closedAgeMs(time.streamTimeMs),
    );
    if (closed.length === 0) return;
    for (const group of closed) group.windows.bytes ??= keyBytesOf(layout.keyOf(group).slice(0, keyWidth));
    for (const group of closed.sort(byAgeAndKey)) {
      group.partition = partition;
      group.offset = offset;
      this.#tell(group);
    }
  }

  #expire(time: PartitionTime): void {
    const { store, layout, onExpired } = this.#options;
    for (const group of store.expire(time, this.#ages.keptAgeMs(time.streamTimeMs))) {
      if (group.isUntold) this.#tellLate(group);
      onExpired(layout.keyOf(group));
    }
  }

  /** With the headers of the row that changed it. */
  #tellLate(group: WindowGroup): void {
    this.#options.context.withHeaders(group.headers, () => this.#tell(group));
  }

  #tell(group: WindowGroup): void {
    const { layout, tellsOld, output } = this.#options;
    const row = layout.result(group);
    const old = tellsOld ? group.told : null;
    if (tellsOld) group.told = row;
    group.isUntold = false;
    output.push(new Change(row, row, old, group.timestampMs, group.partition, group.offset));
  }
}

/** As Kafka Streams' stores have them: by the bytes of the key where the windows are the same. */
function byAgeAndKey(a: WindowGroup, b: WindowGroup): number {
  // Time windows have one length, so their ends are in the order of their starts.
  if (a.endMs !== b.endMs) return a.endMs - b.endMs;
  if (a.startMs !== b.startMs) return a.startMs - b.startMs;
  return compareBytes(a.windows.bytes as Uint8Array, b.windows.bytes as Uint8Array);
}
