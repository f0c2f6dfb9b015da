import { Deferred } from '../../base/async.ts';
import { type Caller, plainError } from '../../base/calls.ts';
import { type Clock, sleep } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import type { Position } from '../../topics/topics.ts';
import { PositionWaiters } from '../position-waiters.ts';
import type { QueryCounters } from '../query-session.ts';
import type {
  ChangeListener,
  OutputChange,
  Pace,
  PersistentQuery,
  PulledRows,
  QueryState,
  RunningQuery,
  TransientPlan,
} from '../running-query.ts';
import { type QueryError, type Retry, Setbacks } from '../setbacks.ts';
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
abstract class ThreadQuery implements RunningQuery, QueryWatcher {
  readonly id: string;
  abstract readonly keepsTable: boolean;
  readonly #options: ThreadQueryOptions;
  readonly #waiters: PositionWaiters;
  readonly #failed = new Deferred<Error>();
  readonly #stopped = new Deferred();
  readonly #listeners = new Set<ChangeListener>();
  #state: QueryState = 'STARTING';
  #error: Error | undefined;
  #setback: Error | undefined;
  /** Of its threads' ends; those of the query itself its thread tells. */
  readonly #setbacks = new Setbacks();
  #errors: readonly QueryError[] = [];
  #retry: Retry | undefined;
  #place: Place | undefined;
  /** Settles when it has a place again. */
  #moving: Promise<void> | undefined;
  #ends = 0;
  /** Of its lives in earlier threads. */
  #countedBefore: QueryCounters = { consumed: 0, produced: 0, errors: 0, late: 0 };
  #counters: QueryCounters = { consumed: 0, produced: 0, errors: 0, late: 0 };

  constructor(id: string, options: ThreadQueryOptions) {
    this.id = id;
    this.#options = options;
    this.#waiters = new PositionWaiters(options.clock);
  }

  /** Asks a thread to start it. */
  protected abstract begin(calls: Caller<EngineCalls>, handle: number): Promise<QuerySnapshot>;
  protected abstract readonly canMove: boolean;

  get state(): QueryState {
    return this.#state;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  get errors(): readonly QueryError[] {
    return [...this.#setbacks.errors, ...this.#errors].toSorted((a, b) => a.timestampMs - b.timestampMs);
  }

  get retry(): Retry | undefined {
    return this.#retry;
  }

  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  get counters(): Readonly<QueryCounters> {
    return this.#counters;
  }

  positions(): readonly Position[] {
    return this.#waiters.positions;
  }

  protected get place(): Place | undefined {
    return this.#place;
  }

  /** Resolves when it runs; rejects when its plan cannot be run at all. */
  async start(): Promise<void> {
    await this.#open();
    if (this.#state === 'STARTING') this.#state = 'RUNNING';
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async reached(positions: readonly Position[], timeoutMs: number): Promise<void> {
    if (this.#waiters.hasReached(positions)) return;
    if (this.#state === 'ERROR' || this.#state === 'STOPPED') throw this.#notRunning();
    await this.#waiters.reached(positions, timeoutMs, () =>
      this.#setback ? `; it failed last with: ${this.#setback.message}` : '',
    );
  }

  async pull(planned: PlannedOf<'pull'>): Promise<PulledRows> {
    await this.#moving;
    if (!this.#place) throw this.#notRunning();
    const { thread, handle } = this.#place;
    return thread.pull(handle, planned);
  }

  async stop(): Promise<void> {
    if (this.#state !== 'ERROR') this.#state = 'STOPPED';
    this.#stopped.resolve();
    await this.#moving;
    if (this.#place) await this.#place.thread.stopQuery(this.#place.handle);
    this.#waiters.reject(this.#notRunning());
  }

  release(): void {
    this.#place?.thread.release(this.#place.handle);
    this.#place = undefined;
  }

  onProgress({ state, error, errors, retry, positions, counters }: QuerySnapshot): void {
    this.#counters = sum(this.#countedBefore, counters);
    this.#errors = errors;
    this.#retry = retry;
    this.#setback = undefined;
    this.#ends = 0;
    this.#waiters.positions = positions;
    if (state === 'ERROR' && error) this.#fail(plainError(error));
  }

  onChanges(changes: readonly OutputChange[], positions: readonly Position[]): void {
    for (const listener of this.#listeners) this.#tell(listener, changes, positions);
    // Whoever subscribes from now on gets what comes behind these.
    this.#waiters.positions = positions;
  }

  onThreadEnd(error: ThreadEnded): void {
    if (!this.#place) return;
    const { handle } = this.#place;
    this.#place = undefined;
    this.#countedBefore = { ...this.#counters };
    if (this.#state !== 'RUNNING') return;
    // Until it runs again nobody can say how far it is.
    this.#waiters.positions = [];
    this.#moving = this.#move(error, handle).finally(() => {
      this.#moving = undefined;
    });
  }

  async #move(error: ThreadEnded, handle: number): Promise<void> {
    try {
      await this.#afterEnd(error, handle);
      await this.#open();
    } catch (failure) {
      this.#fail(failure as Error);
    }
  }

  async #open(): Promise<void> {
    while (this.#state !== 'STOPPED') {
      const thread = this.#options.pick();
      let own = 0;
      try {
        const snapshot = await thread.start(this, async (calls, handle) => {
          own = handle;
          const begun = await this.begin(calls, handle);
          this.#place = { thread, handle };
          return begun;
        });
        this.#counters = sum(this.#countedBefore, snapshot.counters);
        this.#waiters.positions = snapshot.positions;
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
    this.#setback = error;
    this.#setbacks.add(error, this.#options.clock.nowMs());
    if (!this.canMove || this.#ends >= MOST_ENDS) throw error;
    const delayMs = FIRST_BACKOFF_MS * 2 ** this.#ends;
    this.#options.logger.warn('a query goes on in another thread from its last commit', {
      query: this.id,
      reason: error.message,
      isSuspect,
      delayMs,
    });
    this.#retry = { attempt: this.#ends, atMs: this.#options.clock.nowMs() + delayMs };
    await Promise.race([sleep(this.#options.clock, delayMs), this.#stopped.promise]);
    this.#retry = undefined;
  }

  #tell(listener: ChangeListener, changes: readonly OutputChange[], positions: readonly Position[]): void {
    try {
      listener(changes, positions);
    } catch (error) {
      this.#options.logger.error('a subscriber failed', {
        query: this.id,
        reason: (error as Error).message,
      });
    }
  }

  #fail(failure: Error): void {
    if (this.#state === 'STOPPED') return;
    this.#error = failure;
    this.#state = 'ERROR';
    this.#failed.resolve(failure);
    this.#waiters.reject(this.#notRunning());
  }

  #notRunning(): Error {
    const reason = this.#error ? `: ${this.#error.message}` : '';
    return new Error(`query ${this.id} is in state ${this.#state}${reason}`);
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
