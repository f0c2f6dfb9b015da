/**
 * Bytes that all connections hold together, of requests or of unsent responses. Over the limit of requests,
 * connections stop reading at the next frame boundary; a frame already begun may go on, else nobody could finish
 * and give memory back, but only up to twice the limit. The room left for responses bounds what a fetch returns.
 */
export class MemoryBudget {
  readonly limitBytes: number;
  #usedBytes = 0;
  readonly #waiting = new Set<() => void>();

  constructor(limitBytes: number) {
    this.limitBytes = limitBytes;
  }

  get freeBytes(): number {
    return Math.max(0, this.limitBytes - this.#usedBytes);
  }

  get isFull(): boolean {
    return this.#usedBytes >= this.limitBytes;
  }

  get isOverrun(): boolean {
    return this.#usedBytes >= 2 * this.limitBytes;
  }

  take(bytes: number): void {
    this.#usedBytes += bytes;
  }

  give(bytes: number): void {
    this.#usedBytes -= bytes;
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
