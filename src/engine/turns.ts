/** Shares one thread among tasks: each does a slice of its work, then waits here for its next turn. */
export interface Turns {
  next(queryId: string): Promise<void>;
}

interface Waiting {
  readonly queryId: string;
  readonly begin: () => void;
}

/**
 * One slice, then the event loop, then the slice of the task that has waited longest. Sockets, messages and timers so
 * wait for one slice at most, however many tasks are busy.
 */
export class RoundRobin implements Turns {
  readonly #onTurn: (queryId: string | undefined) => void;
  #waiting: Waiting[] = [];
  #isScheduled = false;

  /** `onTurn` hears whose turn it is; undefined: nobody's. */
  constructor(onTurn: (queryId: string | undefined) => void = () => {}) {
    this.#onTurn = onTurn;
  }

  next(queryId: string): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ queryId, begin: resolve });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      const next = this.#waiting.shift();
      this.#onTurn(next?.queryId);
      if (next === undefined) return;
      next.begin();
      this.#schedule();
    });
  }
}
