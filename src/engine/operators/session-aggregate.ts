import type { Row } from '../../data/schema.ts';
import type { SessionWindowSpec } from '../../sql/plan.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { Group } from '../store/group-store.ts';
import type { StoreKey } from '../store/store-key.ts';
import type { KeyWindows, WindowGroup } from '../store/window-spilling.ts';
import type { WindowStore } from '../store/window-store.ts';
import { type WindowedOptions, WindowKeeper } from './window-keeper.ts';

/**
 * GROUP BY with sessions: rows of a key that are no further apart than the gap share a window, [first row, last row].
 * A row that comes between two sessions makes one of them:
 *
 *   session [0, 4]      session [12, 20]      gap 8
 *             \           /
 *              row at 8      -->  tombstones of [0, 4] and [12, 20], then [0, 20]
 *
 * A session that has merely grown is replaced in the same way, since its bounds are part of its key. The compiled
 * source (compile/window-code.ts) adds the row to the session that is found here.
 */
export class SessionAggregate {
  readonly store: WindowStore;
  readonly layout: GroupLayout;
  readonly keeper: WindowKeeper;
  readonly #options: WindowedOptions;
  readonly #gapMs: number;
  #beforeMs = -1;

  constructor({ gapMs }: SessionWindowSpec, options: WindowedOptions) {
    const { graceMs, retentionMs } = options;
    this.store = options.store;
    this.layout = options.layout;
    this.#options = options;
    this.#gapMs = gapMs;
    // Deletions and rows have an order, so each is told at once. Where ksqlDB loses time windows, it keeps sessions.
    const told = { ...options, tellsEachChange: true, losesOnJump: false };
    this.keeper = new WindowKeeper(told, {
      closedAgeMs: (streamTimeMs) => streamTimeMs - graceMs - gapMs - 1,
      keptAgeMs: (streamTimeMs) => streamTimeMs - retentionMs,
    });
  }

  /** The session to which a row is to be added, made of those that it meets; undefined when it comes too late. */
  begin(
    windows: KeyWindows,
    timestampMs: number,
    key: Row,
    partition: number,
    offset: number,
  ): WindowGroup | undefined {
    const { time } = windows;
    this.#beforeMs = time.streamTimeMs;
    if (timestampMs > time.streamTimeMs) time.streamTimeMs = timestampMs;
    const met = this.#sessionsNear(windows.groups, timestampMs);
    const startMs = Math.min(timestampMs, met[0]?.startMs ?? timestampMs);
    const endMs = Math.max(timestampMs, met.at(-1)?.endMs ?? timestampMs);
    if (endMs < time.streamTimeMs - this.#options.graceMs - this.#gapMs) {
      this.#options.context.late();
      this.store.close(windows);
      return undefined;
    }
    // ksqlDB deletes a session that a row falls into even when its bounds stay; not when it is that one moment.
    if (startMs !== endMs && !this.keeper.isFinal)
      for (const session of met) this.keeper.deleted(session, partition, offset);
    const [only] = met;
    if (met.length === 1 && only?.startMs === startMs && only.endMs === endMs) {
      if (startMs !== endMs) only.told = null;
      return only;
    }
    return this.#replace(windows, met, startMs, endMs, key);
  }

  /** The row has been added. */
  end({ time }: KeyWindows, partition: number, offset: number): void {
    if (time.streamTimeMs > this.#beforeMs) this.keeper.advance(time, this.#beforeMs, partition, offset);
  }

  toTell(): readonly WindowGroup[] {
    return this.keeper.toTell();
  }

  tell(groups: readonly Group[]): void {
    this.keeper.tell(groups);
  }

  /** A crash may have left a session in its snapshot beside the one it has become a part of. */
  *replay(): Iterable<void> {
    const torn: StoreKey[] = [];
    for (const { storeKey, groups } of this.store.keys()) if (partsOf(groups).length > 0) torn.push(storeKey);
    for (const storeKey of torn) {
      const groups = this.store.find(storeKey)?.groups ?? [];
      for (const part of partsOf(groups)) this.store.remove(part);
    }
    yield* this.keeper.replay();
  }

  /** In the order of time. Sessions of a key lie apart, so these are neighbours. */
  #sessionsNear(groups: readonly WindowGroup[], timestampMs: number): WindowGroup[] {
    const near: WindowGroup[] = [];
    for (let index = groups.length - 1; index >= 0; index--) {
      const group = groups[index] as WindowGroup;
      if (group.endMs < timestampMs - this.#gapMs) break;
      if (group.startMs <= timestampMs + this.#gapMs) near.push(group);
    }
    return near.reverse();
  }

  #replace(
    windows: KeyWindows,
    met: readonly WindowGroup[],
    startMs: number,
    endMs: number,
    key: Row,
  ): WindowGroup {
    const { store, layout } = this;
    const whole = layout.create(...key, startMs, endMs);
    whole.timestampMs = endMs;
    for (const session of met) {
      layout.merge(whole, session);
      store.remove(session);
    }
    return store.add(windows, startMs, endMs, whole);
  }
}

/** Sessions that lie in others; `groups` by their start. */
function partsOf(groups: readonly WindowGroup[]): WindowGroup[] {
  const parts: WindowGroup[] = [];
  let whole: WindowGroup | undefined;
  for (const group of groups) {
    const part = whole && (contains(whole, group) ? group : contains(group, whole) ? whole : undefined);
    if (part !== undefined) parts.push(part);
    if (part !== group) whole = group;
  }
  return parts;
}

function contains(whole: WindowGroup, part: WindowGroup): boolean {
  return whole.startMs <= part.startMs && whole.endMs >= part.endMs;
}
