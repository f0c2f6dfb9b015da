import { Deferred } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { Position } from '../topics/topics.ts';

interface Waiter {
  readonly positions: readonly Position[];
  readonly done: Deferred;
}

/** How far a query has committed, and who waits for it to get somewhere. */
export class PositionWaiters {
  readonly #clock: Clock;
  readonly #waiters = new Set<Waiter>();
  #positions: readonly Position[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get positions(): readonly Position[] {
    return this.#positions;
  }

  set positions(positions: readonly Position[]) {
    this.#positions = positions;
    for (const waiter of this.#waiters) if (this.hasReached(waiter.positions)) waiter.done.resolve();
  }

  /** Positions of topics the query does not read are none of its business. */
  hasReached(wanted: readonly Position[]): boolean {
    return wanted.every(({ topic, partition, offset }) => {
      if (offset === 0) return true;
      const reached = this.#positions.find((p) => p.topic === topic && p.partition === partition);
      return reached !== undefined && reached.offset >= offset;
    });
  }

  /** Rejects after `timeoutMs`; `whyNot` may say more then. */
  async reached(positions: readonly Position[], timeoutMs: number, whyNot: () => string): Promise<void> {
    const waiter = { positions, done: new Deferred() };
    this.#waiters.add(waiter);
    const timer = this.#clock.after(timeoutMs, () =>
      waiter.done.reject(new Error(`not within ${timeoutMs} ms${whyNot()}`)),
    );
    try {
      await waiter.done.promise;
    } finally {
      timer.cancel();
      this.#waiters.delete(waiter);
    }
  }

  /** The query goes nowhere any more. */
  reject(error: Error): void {
    for (const { done } of this.#waiters) done.reject(error);
  }
}
