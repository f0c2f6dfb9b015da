import { type Caller, plainError } from '../../base/calls.ts';
import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import type { Position } from '../../topics/topics.ts';
import type { QueryCounters } from '../query-session.ts';
import type {
  ChangeListener,
  OutputChange,
  Pace,
  PersistentQuery,
  PulledRows,
  RunningQuery,
  TransientPlan,
} from '../running-query.ts';
import type { QueryError } from '../setbacks.ts';
import { WatchedQuery } from '../watched-query.ts';
import type { EngineCalls, QuerySnapshot } from './engine-calls.ts';
import { type EngineThread, type QueryWatcher, ThreadEnded } from './engine-thread.ts';

export interface ThreadQueryOptions {
  readonly pick: () => EngineThread;
  readonly clock: Clock;
  readonly logger: Logger;
}

const FIRST_BACKOFF_MS = 100;
/** Ends of threads in a row that this query may have caused, without any progress between them. */
const MOST_ENDS = 3;

/** Where a query is at present. */
interface Place {
  readonly thread: EngineThread;
  readonly handle: number;
}

/**
 * A query in another thread, as the main thread knows it: what it told at its last commit. When its thread ends, it is
 * started in another from its last commit; if it may have been the cause too often, it stops in ERROR.
 *
 *   RUNNING --thread ended--> (RUNNING, positions unknown) --started elsewhere--> RUNNING
 *                                        |
 *                                        +-- its third time without progress, or a push query --> ERROR
 */
abstract class ThreadQuery extends WatchedQuery implements RunningQuery, QueryWatcher {
  abstract readonly keepsTable: boolean;
  readonly #pick: () => EngineThread;
  /** Of the query itself, as its thread tells; `setbacks` are its threads' ends. */
  #errors: readonly QueryError[] = [];
  #place: Place | undefined;
  /** Settles when it has a place again. */
  #moving: Promise<void> | undefined;
  #ends = 0;
  /** Of its lives in earlier threads. */
  #countedBefore: QueryCounters = { consumed: 0, produced: 0, errors: 0, late: 0 };
  #counters: QueryCounters = { consumed: 0, produced: 0, errors: 0, late: 0 };

  constructor(id: string, options: ThreadQueryOptions) {
    super(id, options);
    this.#pick = options.pick;
  }

  /** Asks a thread to start it. */
  protected abstract begin(calls: Caller<EngineCalls>, handle: number): Promise<QuerySnapshot>;
  protected abstract readonly canMove: boolean;

  override get errors(): readonly QueryError[] {
    return [...super.errors, ...this.#errors].toSorted((a, b) => a.timestampMs - b.timestampMs);
  }

  get counters(): Readonly<QueryCounters> {
    return this.#counters;
  }

  protected get place(): Place | undefined {
    return this.#place;
  }

  /** Resolves when it runs; rejects when its plan cannot be run at all. */
  async start(): Promise<void> {
    await this.#open();
    if (this.state === 'STARTING') this.setState('RUNNING');
  }

  async pull(planned: PlannedOf<'pull'>): Promise<PulledRows> {
    await this.#moving;
    if (!this.#place) throw this.notRunning();
    const { thread, handle } = this.#place;
    return thread.pull(handle, planned);
  }

  async stop(): Promise<void> {
    this.beginStop();
    await this.#moving;
    if (this.#place) await this.#place.thread.stopQuery(this.#place.handle);
    this.endWaiting();
  }

  release(): void {
    this.#place?.thread.release(this.#place.handle);
    this.#place = undefined;
  }

  onProgress({ state, error, errors, retry, positions, counters }: QuerySnapshot): void {
    this.#counters = sum(this.#countedBefore, counters);
    this.#errors = errors;
    this.setRetry(retry);
    this.setback = retry && errors.at(-1);
    this.#ends = 0;
    this.moveTo(positions);
    if (state === 'ERROR' && error) this.fail(plainError(error));
  }

  onChanges(changes: readonly OutputChange[], positions: readonly Position[]): void {
    this.tell(changes, positions);
    this.moveTo(positions);
  }

  onThreadEnd(error: ThreadEnded): void {
    if (!this.#place) return;
    const { handle } = this.#place;
    this.#place = undefined;
    this.#countedBefore = { ...this.#counters };
    if (this.state !== 'RUNNING') return;
    // Until it runs again nobody can say how far it is.
    this.moveTo([]);
    this.#moving = this.#move(error, handle).finally(() => {
      this.#moving = undefined;
    });
  }

  async #move(error: ThreadEnded, handle: number): Promise<void> {
    try {
      await this.#afterEnd(error, handle);
      await this.#open();
    } catch (failure) {
      this.fail(failure as Error);
    }
  }

  async #open(): Promise<void> {
    while (this.state !== 'STOPPED') {
      const thread = this.#pick();
      let own = 0;
      try {
        const snapshot = await thread.start(this, async (calls, handle) => {
          own = handle;
          const begun = await this.begin(calls, handle);
          this.#place = { thread, handle };
          return begun;
        });
        this.#counters = sum(this.#countedBefore, snapshot.counters);
        this.moveTo(snapshot.positions);
        this.onPlaced();
        return;
      } catch (error) {
        if (!(error instanceof ThreadEnded)) throw error;
        await this.#afterEnd(error, own);
      }
    }
  }

  protected onPlaced(): void {}

  /** Rejects when it is not to be tried again. */
  async #afterEnd(error: ThreadEnded, handle: number): Promise<void> {
    const isSuspect = error.suspects === undefined || error.suspects.has(handle);
    if (isSuspect) this.#ends++;
    this.setback = error;
    this.setbacks.add(error, this.clock.nowMs());
    if (!this.canMove || this.#ends >= MOST_ENDS) throw error;
    const delayMs = FIRST_BACKOFF_MS * 2 ** this.#ends;
    this.logger.warn('a query goes on in another thread from its last commit', {
      query: this.id,
      reason: error.message,
      isSuspect,
      delayMs,
    });
    await this.pause(this.#ends, delayMs);
  }

  protected override fail(failure: Error): void {
    if (this.state !== 'STOPPED') super.fail(failure);
  }
}

function sum(a: Readonly<QueryCounters>, b: Readonly<QueryCounters>): QueryCounters {
  return {
    consumed: a.consumed + b.consumed,
    produced: a.produced + b.produced,
    errors: a.errors + b.errors,
    late: a.late + b.late,
  };
}

export class PersistentThreadQuery extends ThreadQuery implements PersistentQuery {
  readonly plan: QueryPlan;
  protected override readonly canMove = true;
  #isHeard = false;

  constructor(plan: QueryPlan, options: ThreadQueryOptions) {
    super(plan.queryId, options);
    this.plan = plan;
  }

  get keepsTable(): boolean {
    return this.plan.sink.relation === 'TABLE' && (this.place !== undefined || this.state === 'RUNNING');
  }

  override subscribe(listener: ChangeListener): () => void {
    if (!this.#isHeard) {
      this.#isHeard = true;
      this.onPlaced();
    }
    return super.subscribe(listener);
  }

  protected override begin(calls: Caller<EngineCalls>, handle: number): Promise<QuerySnapshot> {
    return calls.call('start', { handle, plan: this.plan });
  }

  protected override onPlaced(): void {
    if (this.#isHeard && this.place) this.place.thread.calls.tell('listen', this.place.handle);
  }
}

/** A push query: its changes wait for the first subscriber, and for its reader's pace. */
export class TransientThreadQuery extends ThreadQuery {
  readonly keepsTable = false;
  protected override readonly canMove = false;
  readonly #plan: TransientPlan;
  readonly #pace: Pace | undefined;
  #waiting: Parameters<ChangeListener>[] | undefined = [];

  constructor(plan: TransientPlan, pace: Pace | undefined, options: ThreadQueryOptions) {
    super(plan.queryId, options);
    this.#plan = plan;
    this.#pace = pace;
  }

  override subscribe(listener: ChangeListener): () => void {
    const stop = super.subscribe(listener);
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    for (const [changes, positions] of waiting) this.onChanges(changes, positions);
    return stop;
  }

  override async stop(): Promise<void> {
    await super.stop();
    this.release();
  }

  override onChanges(changes: readonly OutputChange[], positions: readonly Position[]): void {
    if (this.#waiting) {
      this.#waiting.push([changes, positions]);
      return;
    }
    super.onChanges(changes, positions);
    if (!this.#pace) return;
    const hold = this.#pace.hold();
    if (hold) void hold.then(() => this.#taken());
    else this.#taken();
  }

  protected override begin(calls: Caller<EngineCalls>, handle: number): Promise<QuerySnapshot> {
    return calls.call('startTransient', { handle, plan: this.#plan, isPaced: this.#pace !== undefined });
  }

  #taken(): void {
    if (this.place) this.place.thread.calls.tell('taken', this.place.handle);
  }
}
