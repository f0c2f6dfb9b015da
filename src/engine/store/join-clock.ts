import { LEFT, RIGHT } from './join-key.ts';
import type { StoreKey } from './store-key.ts';
import { WindowQueue } from './window-queue.ts';

/** The clock of one partition. */
export class JoinClock {
  readonly partition: number;
  /** The latest record of both sides, with or without a key or value. */
  streamTimeMs = -1;
  /** Stream time when rows that wait were last looked at: by then those were told of whose time had come. */
  lookedMs = -1;
  /** A record that is in no store has set stream time since. */
  isAhead = false;
  isDirty = false;
  readonly sides: readonly [SideClock, SideClock] = [new SideClock(), new SideClock()];

  constructor(partition: number) {
    this.partition = partition;
  }

  /** After all rows are loaded: the latest of them set stream time, unless what was written says otherwise. */
  settle(): void {
    const rowsMs = Math.max(this.sides[LEFT].latestMs, this.sides[RIGHT].latestMs);
    if (rowsMs > this.streamTimeMs) {
      this.streamTimeMs = rowsMs;
      this.lookedMs = rowsMs;
    }
    this.isAhead = this.lookedMs < this.streamTimeMs;
  }
}

export class SideClock {
  /** The latest row that was stored. */
  latestMs = -1;
  /** Keys that have rows, by spans of time: the unit in which rows are dropped. */
  readonly spans = new Map<number, StoreKey[]>();
  /** Not before this time has a whole span become too old. */
  nextDropMs = 0;
  /** Keys with rows that wait for a partner, by the rows' times. */
  readonly waiting = new WindowQueue<StoreKey>();
}
