import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { isRegistryOutage } from '../serde/schema-registry.ts';
import type { PlannedOf } from '../sql/planned.ts';
import type { Position } from '../topics/topics.ts';
import { TopicError } from '../topics/topics.ts';
import { LastingError } from './lasting-error.ts';
import type { RoundResult } from './operators/outlet.ts';
import { Pull } from './pull.ts';
import type { QueryCounters } from './query-session.ts';
import type { MaterializedTable, QueryState, RunningQuery } from './running-query.ts';
import type { Backoff, Retry } from './setbacks.ts';
import { RecordFailure, type Task } from './task.ts';
import { TopicsChanged } from './topic-shapes.ts';
import { WatchedQuery } from './watched-query.ts';

/** Makes a task from what is durable; `onCommitted` is to be called with each round that has become visible. */
export type OpenTask = (
  onCommitted: (result: RoundResult, positions: readonly Position[]) => void,
) => Promise<Task>;

/** At one record or of one log, which seldom mend themselves, or in a row without any progress. */
const MOST_FAILURES_AT_RECORD = 3;
const MOST_FAILURES_OF_STORAGE = 3;
const MOST_FAILURES = 10;

/**
 * A query from start to stop, across failures: a task that fails is thrown away with its state, and after a pause a new
 * one goes on from the last commit.
 *
 *   STARTING --restored--> RUNNING --stop--> STOPPED
 *                            |  ^
 *                     failure|  |back-off, restored again
 *                            v  |
 *                        (attempts) --too many, or another owner took over--> ERROR
 *
 * Attempts that failed because the schema registry could not be asked are never too many: the query waits for it, from its
 * first attempt on.
 */
export class Query extends WatchedQuery implements RunningQuery {
  readonly counters: QueryCounters;
  readonly table: MaterializedTable | undefined;
  readonly #open: OpenTask;
  readonly #onRelease: () => void;
  readonly #canRestart: boolean;
  readonly #backoff: Backoff;
  readonly #observers = new Set<() => void>();
  #task: Task | undefined;
  #ended: Promise<void> = Promise.resolve();

  constructor(options: {
    readonly id: string;
    readonly counters: QueryCounters;
    readonly table: MaterializedTable | undefined;
    readonly open: OpenTask;
    /** Nobody reads its table any more. */
    readonly onRelease: () => void;
    /** Whether a failed task may be replaced by one that goes on from what is durable. */
    readonly canRestart: boolean;
    readonly backoff: Backoff;
    readonly clock: Clock;
    readonly logger: Logger;
  }) {
    super(options.id, options);
    this.counters = options.counters;
    this.table = options.table;
    this.#open = options.open;
    this.#onRelease = options.onRelease;
    this.#canRestart = options.canRestart;
    this.#backoff = options.backoff;
  }

  /** Resolves when it reads no more, whatever the reason. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  get keepsTable(): boolean {
    return this.table !== undefined;
  }

  async pull(planned: PlannedOf<'pull'>): Promise<Pull> {
    if (!this.table) throw new Error(`query ${this.id} keeps no table`);
    if (!this.#task) throw new Error(`the table of query ${this.id} is not loaded${this.lastFailure()}`);
    return new Pull(planned, this.table);
  }

  release(): void {
    this.#onRelease();
  }

  /** Calls back after each commit, when its changes have been told, and at each change of state. */
  observe(observer: () => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** Resolves when it runs, or waits for the schema registry; rejects when its plan cannot be run at all. */
  async start(): Promise<void> {
    const first = this.#openTask();
    try {
      this.#task = await first;
    } catch (error) {
      if (!this.#canRestart || !isRegistryOutage(error as Error)) throw error;
    }
    this.setState('RUNNING');
    // Not before the caller has had the chance to subscribe: no change may be told to nobody.
    this.#ended = new Promise((resolve) => setImmediate(() => resolve(this.#supervise(first))));
  }

  async stop(): Promise<void> {
    this.beginStop();
    this.#task?.stop();
    await this.#ended;
    this.endWaiting();
  }

  async #supervise(first: Promise<Task>): Promise<void> {
    let opening: Promise<Task> | undefined = first;
    let attempt = 0;
    let failures = 0;
    let last: Error | undefined;
    for (;;) {
      const { consumed } = this.counters;
      let positionsBefore = this.positions();
      try {
        const task = await (opening ?? this.#openTask());
        // Opening a task reports where it begins, which is no progress.
        positionsBefore = this.positions();
        this.#task = task;
        if (this.state === 'STOPPED') task.stop();
        await task.run();
        return;
      } catch (error) {
        opening = undefined;
        const failure = error as Error;
        const hasMoved = this.positions() !== positionsBefore;
        const isOutage = isRegistryOutage(failure);
        if (hasMoved && !isSameRecord(last, failure)) {
          attempt = 0;
          failures = 0;
        }
        attempt++;
        if (!isOutage) {
          failures++;
          last = failure;
        }
        this.setback = failure;
        if (this.state === 'STOPPED') return;
        if (this.#canRestart && failure instanceof TopicsChanged) {
          this.logger.info('query goes on with its topics as they are now', {
            query: this.id,
            reason: failure.message,
          });
          continue;
        }
        this.setbacks.add(failure, this.clock.nowMs());
        if (this.#isFinal(failure, isOutage ? 0 : failures)) {
          this.fail(failure);
          return;
        }
        const delayMs = Math.min(this.#backoff.firstMs * 2 ** (attempt - 1), this.#backoff.longestMs);
        this.logger.warn('query failed and will go on from its last commit', {
          query: this.id,
          reason: failure.message,
          consumed: this.counters.consumed - consumed,
          delayMs,
        });
        await this.pause(attempt, delayMs);
        if (this.state !== 'RUNNING') return;
      }
    }
  }

  #isFinal(failure: Error, failures: number): boolean {
    const isLasting = [failure, failure.cause].some((error) => error instanceof LastingError);
    if (!this.#canRestart || isLasting) return true;
    if (failure instanceof TopicError && failure.code === 'PRODUCER_FENCED') return true;
    return failures >= mostFailures(failure);
  }

  protected override fail(failure: Error): void {
    super.fail(failure);
    this.logger.error('query stopped', { query: this.id, reason: failure.message });
  }

  async #openTask(): Promise<Task> {
    const setback = this.setback;
    const task = await this.#open((result, positions) => this.#committed(result, positions));
    this.setback = setback;
    return task;
  }

  #committed({ changes, written }: RoundResult, positions: readonly Position[]): void {
    this.setback = undefined;
    this.counters.produced += written;
    if (changes.length > 0) this.tell(changes, positions);
    this.moveTo(positions);
    this.#notify();
  }

  protected override setState(state: QueryState): void {
    super.setState(state);
    this.#notify();
  }

  protected override setRetry(retry: Retry | undefined): void {
    super.setRetry(retry);
    this.#notify();
  }

  #notify(): void {
    for (const observer of this.#observers) observer();
  }
}

function mostFailures(failure: Error): number {
  if (failure instanceof RecordFailure) return MOST_FAILURES_AT_RECORD;
  const isOfStorage = failure instanceof TopicError && failure.code === 'KAFKA_STORAGE_ERROR';
  return isOfStorage ? MOST_FAILURES_OF_STORAGE : MOST_FAILURES;
}

function isSameRecord(a: Error | undefined, b: Error): boolean {
  return a instanceof RecordFailure && b instanceof RecordFailure && a.message === b.message;
}
