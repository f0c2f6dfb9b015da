import { inputsOf, type Step } from '../../sql/plan.ts';
import type { Position } from '../../topics/topics.ts';
import type { OutputChange, RunningQuery, TransientPlan } from '../running-query.ts';
import type { QueryEngine } from './query-registry.ts';
import type { ResultRow } from './row-stream.ts';

/** Where a push query's changes come from. */
export interface Feed {
  readonly running: RunningQuery;
  /** Nothing more is told; what nobody listens to stops. */
  leave(): Promise<void>;
}

/** What a reader sees of a change; undefined: nothing. */
export type ToRow = (change: OutputChange) => ResultRow | undefined;

/** As a `ChangeListener`, with the row of each change. */
export type RowListener = (
  rows: readonly (ResultRow | undefined)[],
  changes: readonly OutputChange[],
  positions: readonly Position[],
) => void;

/**
 * Push queries that ask for the same from now on are one query with many listeners: a thousand readers cost one scan.
 *
 *   topic --> one running query --changes--> listener, listener, listener ...
 *
 * Invariant: it runs while somebody listens. It waits for no reader: whoever cannot keep up has to leave.
 */
export class SharedPushes {
  readonly #engine: QueryEngine;
  readonly #shared = new Map<string, SharedPush>();

  constructor(engine: QueryEngine) {
    this.#engine = engine;
  }

  /** `toRow`: what a reader sees of a change; it is asked once for all of them. */
  async join(plan: TransientPlan, toRow: ToRow, listener: RowListener): Promise<Feed> {
    const key = keyOf(plan);
    let shared = this.#shared.get(key);
    if (!shared) {
      const made = new SharedPush(this.#engine.startTransient(plan), toRow, () => {
        if (this.#shared.get(key) === made) this.#shared.delete(key);
      });
      this.#shared.set(key, made);
      shared = made;
    }
    return shared.join(listener);
  }

  /**
   * For who has all changes below `from` from elsewhere: told are all changes from there on, and some before it. Undefined
   * where nobody shares such a query, or where it has told more than that already.
   */
  rejoin(plan: TransientPlan, from: readonly Position[], listener: RowListener): Feed | undefined {
    return this.#shared.get(keyOf(plan))?.rejoin(from, listener);
  }
}

function keyOf({ root, properties }: TransientPlan): string {
  return JSON.stringify([root, properties]);
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

class SharedPush {
  readonly #running: Promise<RunningQuery>;
  readonly #listeners = new Set<RowListener>();
  readonly #onEnd: () => void;
  #started: RunningQuery | undefined;
  /** All changes below were told, or made before it began. */
  #told: readonly Position[] = [];

  constructor(starting: Promise<RunningQuery>, toRow: ToRow, onEnd: () => void) {
    this.#onEnd = onEnd;
    // Subscribed before anything else can happen: no change may be told to nobody.
    this.#running = starting.then((running) => {
      this.#started = running;
      this.#told = running.positions();
      running.subscribe((changes, positions) => {
        this.#told = positions;
        const rows = changes.map(toRow);
        for (const listener of [...this.#listeners]) listener(rows, changes, positions);
      });
      void running.failed.then(onEnd);
      return running;
    });
    this.#running.catch(onEnd);
  }

  async join(listener: RowListener): Promise<Feed> {
    this.#listeners.add(listener);
    const running = await this.#running;
    return { running, leave: () => this.#leave(listener, running) };
  }

  rejoin(from: readonly Position[], listener: RowListener): Feed | undefined {
    const running = this.#started;
    if (!running || this.#told.length === 0 || !areBehind(from, this.#told)) return undefined;
    this.#listeners.add(listener);
    return { running, leave: () => this.#leave(listener, running) };
  }

  async #leave(listener: RowListener, running: RunningQuery): Promise<void> {
    if (!this.#listeners.delete(listener) || this.#listeners.size > 0) return;
    this.#onEnd();
    await running.stop();
  }
}

/**
 * Whether a query can go on at any position as if it had read all before it: it keeps no state but, of a table, the rows
 * as they were, which reading the table again gives back. Its changes are then also the same for all who ask for it.
 */
export function isResumable(step: Step): boolean {
  switch (step.step) {
    case 'sourceV1':
      return true;
    case 'filterV1':
    case 'projectV1':
    case 'tableTableJoinV1':
    case 'foreignKeyJoinV1':
      return inputsOf(step).every(isResumable);
    default:
      return false;
  }
}
