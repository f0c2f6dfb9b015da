import { Deferred } from '../base/async.ts';
import { type Clock, sleep } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Position } from '../topics/topics.ts';
import { PositionWaiters } from './position-waiters.ts';
import type { ChangeListener, OutputChange, QueryState } from './running-query.ts';
import { type QueryError, type Retry, Setbacks } from './setbacks.ts';

/**
 * What others see of a query, wherever it runs: its state, how far it has committed, who hears of its changes, and the
 * failures it went through.
 */
export abstract class WatchedQuery {
  readonly id: string;
  protected readonly clock: Clock;
  protected readonly logger: Logger;
  protected readonly setbacks = new Setbacks();
  /** Of the attempt before the present one, until something is committed. */
  protected setback: { readonly message: string } | undefined;
  readonly #listeners = new Set<ChangeListener>();
  readonly #waiters: PositionWaiters;
  readonly #failed = new Deferred<Error>();
  readonly #stopped = new Deferred();
  #state: QueryState = 'STARTING';
  #error: Error | undefined;
  #retry: Retry | undefined;

  constructor(id: string, { clock, logger }: { readonly clock: Clock; readonly logger: Logger }) {
    this.id = id;
    this.clock = clock;
    this.logger = logger;
    this.#waiters = new PositionWaiters(clock);
  }

  get state(): QueryState {
    return this.#state;
  }

  get error(): Error | undefined {
    return this.#error;
  }

  get errors(): readonly QueryError[] {
    return this.setbacks.errors;
  }

  get retry(): Retry | undefined {
    return this.#retry;
  }

  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  get hasListeners(): boolean {
    return this.#listeners.size > 0;
  }

  positions(): readonly Position[] {
    return this.#waiters.positions;
  }

  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async reached(positions: readonly Position[], timeoutMs: number): Promise<void> {
    if (this.#waiters.hasReached(positions)) return;
    if (this.#state === 'ERROR' || this.#state === 'STOPPED') throw this.notRunning();
    await this.#waiters.reached(positions, timeoutMs, () => this.lastFailure());
  }

  protected setState(state: QueryState): void {
    this.#state = state;
  }

  protected setRetry(retry: Retry | undefined): void {
    this.#retry = retry;
  }

  /** To be followed by `moveTo`: whoever subscribes from then on gets what comes behind these. */
  protected tell(changes: readonly OutputChange[], positions: readonly Position[]): void {
    for (const listener of this.#listeners) {
      try {
        listener(changes, positions);
      } catch (error) {
        this.logger.error('a subscriber failed', { query: this.id, reason: (error as Error).message });
      }
    }
  }

  protected moveTo(positions: readonly Position[]): void {
    this.#waiters.positions = positions;
  }

  /** Until it is to be tried again, or stopped. */
  protected async pause(attempt: number, delayMs: number): Promise<void> {
    this.setRetry({ attempt, atMs: this.clock.nowMs() + delayMs });
    await Promise.race([sleep(this.clock, delayMs), this.#stopped.promise]);
    this.setRetry(undefined);
  }

  protected fail(failure: Error): void {
    this.#error = failure;
    this.#failed.resolve(failure);
    this.setState('ERROR');
    this.#waiters.reject(this.notRunning());
  }

  /** No pause lasts any longer; those that wait for positions do so until `endWaiting`. */
  protected beginStop(): void {
    this.setState(this.#state === 'ERROR' ? 'ERROR' : 'STOPPED');
    this.#stopped.resolve();
  }

  protected endWaiting(): void {
    this.#waiters.reject(this.notRunning());
  }

  protected lastFailure(): string {
    return this.setback ? `; it failed last with: ${this.setback.message}` : '';
  }

  protected notRunning(): Error {
    const reason = this.#error ? `: ${this.#error.message}` : '';
    return new Error(`query ${this.id} is in state ${this.#state}${reason}`);
  }
}
