import type { Position } from '../../topics/topics.ts';
import type { OutputChange, Pace, RunningQuery } from '../running-query.ts';
import type { ToRow } from './result-rows.ts';
import type { ResultRow } from './row-stream.ts';

/** Who is told of a query's rows. */
export interface RowListener {
  /** As a `ChangeListener`, with the row of each change. One that throws is told why by `failed`. */
  readonly told: (
    rows: readonly (ResultRow | undefined)[],
    changes: readonly OutputChange[],
    positions: readonly Position[],
  ) => void;
  /** The query has failed, or telling this listener of its rows has: it is told nothing more. */
  readonly failed: (error: Error) => void;
}

/** A listener's place. */
export interface Subscription {
  readonly fanout: Fanout;
  readonly running: RunningQuery;
  /** Nothing more is told; what nobody listens to stops. */
  leave(): Promise<void>;
}

/**
 * A push query and those who are told of its rows, which are made once for all of them.
 *
 *   running query --changes--> rows --+--> listener
 *         ^                           +--> listener that throws: `failed`, the others go on
 *         +-- waits for one reader's pace, or for nobody's
 *
 * Invariant: it runs while somebody listens.
 */
export class Fanout {
  readonly #running: Promise<RunningQuery>;
  readonly #toRow: ToRow;
  readonly #onEnd: (fanout: Fanout) => void;
  readonly #listeners = new Set<RowListener>();
  #pace: Pace | undefined;
  #started: RunningQuery | undefined;
  #hasEnded = false;
  /** All changes below were told, or made before it began. */
  #told: readonly Position[] = [];

  constructor(options: {
    readonly start: (pace: Pace | undefined) => Promise<RunningQuery>;
    readonly toRow: ToRow;
    readonly pace?: Pace;
    readonly onEnd: (fanout: Fanout) => void;
  }) {
    this.#toRow = options.toRow;
    this.#onEnd = options.onEnd;
    this.#pace = options.pace;
    // Subscribed before anything else can happen: no change may be told to nobody.
    this.#running = options
      .start(options.pace && { hold: () => this.#pace?.hold() })
      .then((running) => this.#begin(running));
    this.#running.catch(() => this.#onEnd(this));
  }

  async join(listener: RowListener): Promise<Subscription> {
    this.#listeners.add(listener);
    return this.#subscription(listener, await this.#running);
  }

  /**
   * For who has all changes below `from` from elsewhere: told are all changes from there on, and some before it. Undefined
   * where more than that was told already.
   */
  rejoin(from: readonly Position[], listener: RowListener): Subscription | undefined {
    const running = this.#started;
    if (!running || this.#told.length === 0 || !areBehind(from, this.#told)) return undefined;
    this.#listeners.add(listener);
    return this.#subscription(listener, running);
  }

  /** From now on it waits for nobody. */
  unpace(): void {
    this.#pace = undefined;
  }

  #subscription(listener: RowListener, running: RunningQuery): Subscription {
    return { fanout: this, running, leave: () => this.#leave(listener, running) };
  }

  #begin(running: RunningQuery): RunningQuery {
    this.#started = running;
    this.#told = running.positions();
    running.subscribe((changes, positions) => this.#tell(changes, positions));
    void running.failed.then((error) => this.#fail(error));
    return running;
  }

  #tell(changes: readonly OutputChange[], positions: readonly Position[]): void {
    this.#told = positions;
    let rows: readonly (ResultRow | undefined)[];
    try {
      rows = changes.map(this.#toRow);
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener.told(rows, changes, positions);
      } catch (error) {
        this.#listeners.delete(listener);
        listener.failed(error as Error);
      }
    }
  }

  #fail(error: Error): void {
    this.#onEnd(this);
    const listeners = [...this.#listeners];
    this.#listeners.clear();
    for (const listener of listeners) listener.failed(error);
  }

  async #leave(listener: RowListener, running: RunningQuery): Promise<void> {
    this.#listeners.delete(listener);
    if (this.#listeners.size > 0 || this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onEnd(this);
    await running.stop();
  }
}

/** Whether `positions` are nowhere before `others`. */
export function areBehind(positions: readonly Position[], others: readonly Position[]): boolean {
  return others.every((other) => {
    const same = positions.find(
      ({ topic, partition }) => topic === other.topic && partition === other.partition,
    );
    return same !== undefined && same.offset >= other.offset;
  });
}

/** Of each partition the later of both. */
export function later(positions: readonly Position[], others: readonly Position[]): readonly Position[] {
  return positions.map((position) => {
    const { topic, partition, offset } = position;
    const other = others.find((one) => one.topic === topic && one.partition === partition);
    return other && other.offset > offset ? other : position;
  });
}
