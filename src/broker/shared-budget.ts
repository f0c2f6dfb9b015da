/**
 * What all connections hold together: bytes of requests, bytes of unsent responses, or requests that wait. Over the limit
 * of requests, connections stop reading at the next frame boundary; a frame already begun may go on, else nobody could
 * finish and give memory back, but only up to twice the limit. The room left for responses bounds what a fetch returns.
 */
export class SharedBudget {
  readonly limit: number;
  #used = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limit: number) {
    this.limit = limit;
  }

  get free(): number {
    return Math.max(0, this.limit - this.#used);
  }

  get isFull(): boolean {
    return this.#used >= this.limit;
  }

  get isOverrun(): boolean {
    return this.#used >= 2 * this.limit;
  }

  take(amount: number): void {
    this.#used += amount;
  }

  give(amount: number): void {
    this.#used -= amount;
    if (this.isFull || this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resume of waiting) resume();
  }

  /** Calls `resume` once when there is room again. */
  whenFree(resume: () => void): void {
    this.#waiting.add(resume);
  }

  forget(resume: () => void): void {
    this.#waiting.delete(resume);
  }
}
