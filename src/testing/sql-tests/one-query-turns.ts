import type { Turns } from '../../engine/turns.ts';

/** Lets one query work at a time, the one that is named; the others wait with what they have to read. */
export class OneQueryTurns implements Turns {
  readonly #waiting = new Map<string, () => void>();
  #queryId: string | undefined;
  #isOver = false;

  next(queryId: string): Promise<void> {
    if (queryId === this.#queryId || this.#isOver) return Promise.resolve();
    return new Promise((begin) => this.#waiting.set(queryId, begin));
  }

  /** While `work` runs it is this query's turn. */
  async of<T>(queryId: string, work: () => Promise<T>): Promise<T> {
    this.#queryId = queryId;
    this.#begin(queryId);
    try {
      return await work();
    } finally {
      this.#queryId = undefined;
    }
  }

  /** Nobody waits any more: all come to an end. */
  end(): void {
    this.#isOver = true;
    for (const queryId of [...this.#waiting.keys()]) this.#begin(queryId);
  }

  #begin(queryId: string): void {
    const begin = this.#waiting.get(queryId);
    this.#waiting.delete(queryId);
    begin?.();
  }
}
