import type { Row } from '../../data/schema.ts';
import type { TimeWindowSpec } from '../../sql/plan.ts';
import type { GroupLayout } from '../group-layout.ts';
import type { Group } from '../store/group-store.ts';
import type { KeyWindows, WindowGroup } from '../store/window-spilling.ts';
import { groupAt, type WindowStore } from '../store/window-store.ts';
import { type WindowedOptions, WindowKeeper } from './window-keeper.ts';

/**
 * GROUP BY with tumbling or hopping windows: a row updates every window [start, start + size) it lies in, starts being
 * multiples of the advance. The compiled source (compile/window-code.ts) goes through them and adds the row.
 *
 *   row at 12 --> [0, 10)  no            closed (end + grace <= stream time): the row is late for it
 *                 [5, 15)  update --> output
 *                 [10, 20) update --> output
 */
export class WindowAggregate {
  readonly store: WindowStore;
  readonly layout: GroupLayout;
  readonly keeper: WindowKeeper;
  readonly advanceMs: number;
  readonly #options: WindowedOptions;
  readonly #sizeMs: number;
  /** Stream time before the row that is being added, and the start of the youngest closed window with it. */
  #beforeMs = -1;
  #closedStartMs = -1;
  #isLate = false;

  constructor({ sizeMs, advanceMs }: TimeWindowSpec, options: WindowedOptions) {
    const { graceMs, retentionMs } = options;
    this.store = options.store;
    this.layout = options.layout;
    this.advanceMs = advanceMs;
    this.#options = options;
    this.#sizeMs = sizeMs;
    this.keeper = new WindowKeeper(options, {
      closedAgeMs: (streamTimeMs) => streamTimeMs - graceMs - sizeMs,
      keptAgeMs: (streamTimeMs) => streamTimeMs - (streamTimeMs % advanceMs) - retentionMs,
    });
  }

  /** A row of the key comes in. The start of the earliest window it lies in. */
  begin({ time }: KeyWindows, timestampMs: number): number {
    this.#beforeMs = time.streamTimeMs;
    if (timestampMs > time.streamTimeMs) time.streamTimeMs = timestampMs;
    this.#closedStartMs = time.streamTimeMs - this.#options.graceMs - this.#sizeMs;
    this.#isLate = false;
    const earliestMs = Math.max(0, timestampMs - this.#sizeMs + this.advanceMs);
    return earliestMs - (earliestMs % this.advanceMs);
  }

  /** The group to which the row is to be added; null when its window is closed, undefined when it is yet to be made. */
  find(windows: KeyWindows, startMs: number): WindowGroup | null | undefined {
    if (startMs <= this.#closedStartMs) {
      this.#isLate = true;
      return null;
    }
    return groupAt(windows.groups, startMs);
  }

  create(windows: KeyWindows, startMs: number, key: Row): WindowGroup {
    const endMs = startMs + this.#sizeMs;
    return this.store.add(windows, startMs, endMs, this.layout.create(...key, startMs, endMs));
  }

  /** The row has been added to all its windows. */
  end(windows: KeyWindows, partition: number, offset: number): void {
    if (this.#isLate) {
      this.#options.context.late();
      this.store.close(windows);
    }
    const { time } = windows;
    if (time.streamTimeMs > this.#beforeMs) this.keeper.advance(time, this.#beforeMs, partition, offset);
  }

  toTell(): readonly WindowGroup[] {
    return this.keeper.toTell();
  }

  tell(groups: readonly Group[]): void {
    this.keeper.tell(groups);
  }

  replay(): Iterable<void> {
    return this.keeper.replay();
  }
}
