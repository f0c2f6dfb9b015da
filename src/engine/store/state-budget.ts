import type { Clock } from '../../base/clock.ts';

/** Something that can put a part of itself on disk. */
export interface Evictable {
  readonly hotBytes: number;
  /** Goes on around its entries; gives what it did. */
  evict(limits: EvictionLimits): Eviction;
}

export interface EvictionLimits {
  readonly bytes: number;
  readonly looks: number;
  readonly writes: number;
}

export interface Eviction {
  readonly looked: number;
  readonly written: number;
  /** It has come to its end and will begin anew. */
  readonly isRound: boolean;
}

export interface StateBudgetOptions {
  readonly limitBytes: number;
  readonly clock: Clock;
  /** The disk could not be written; state stays in memory for now. */
  readonly onFailure: (error: Error) => void;
}

/** Evicting a little more than needed makes writes of several hundred entries of it. */
const LARGEST_SLACK_BYTES = 256 * 1024;
/** About a millisecond. */
const MOST_LOOKS = 4096;
const MOST_WRITES = 256;
/** Below this part of the limit a map is not worth a file. */
const SMALL_PART = 4096;
const PAUSE_AFTER_FAILURE_MS = 10_000;

/**
 * The memory that all queries of a thread may use for their state, and who has to give some back: a hand goes round over
 * the entries of all maps, as over one clock, so that what was not used for longest goes first, whoever's it is.
 *
 * Entries leave only in `trim`, which is called where no operator holds one.
 */
export class StateBudget {
  usedBytes = 0;
  readonly limitBytes: number;
  readonly #options: StateBudgetOptions;
  readonly #maps: Evictable[] = [];
  #turn = 0;
  #pausedUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: StateBudgetOptions) {
    this.limitBytes = options.limitBytes;
    this.#options = options;
  }

  join(map: Evictable): void {
    this.#maps.push(map);
  }

  leave(map: Evictable): void {
    const index = this.#maps.indexOf(map);
    if (index >= 0) this.#maps.splice(index, 1);
  }

  /** Does a bounded part of what has to be done; the next call goes on. */
  trim(): void {
    if (this.usedBytes > this.limitBytes) this.#trim();
  }

  #trim(): void {
    const { clock, onFailure } = this.#options;
    if (clock.monotonicMs() < this.#pausedUntilMs) return;
    try {
      this.#evict(this.limitBytes - Math.min(this.limitBytes / 16, LARGEST_SLACK_BYTES));
    } catch (error) {
      this.#pausedUntilMs = clock.monotonicMs() + PAUSE_AFTER_FAILURE_MS;
      onFailure(error as Error);
    }
  }

  #evict(targetBytes: number): void {
    let [looks, writes] = [MOST_LOOKS, MOST_WRITES];
    // To the end of this round, then a whole one that may only find marks, then one without marks.
    for (let rounds = this.#maps.length * 3; rounds > 0 && looks > 0 && writes > 0; ) {
      if (this.usedBytes <= targetBytes) return;
      const map = this.#maps[this.#turn % this.#maps.length] as Evictable;
      const isSmall = map.hotBytes < this.limitBytes / SMALL_PART;
      const done = isSmall
        ? { looked: 0, written: 0, isRound: true }
        : map.evict({ bytes: this.usedBytes - targetBytes, looks, writes });
      looks -= done.looked;
      writes -= done.written;
      if (!done.isRound) continue;
      this.#turn++;
      rounds--;
    }
  }
}
