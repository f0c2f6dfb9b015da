/** Shares one thread among tasks: each does a slice of its work, then waits here for its next turn. */
export interface Turns {
  next(queryId: string): Promise<void>;
}

const DONE = Promise.resolve();

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
  #isTaken = false;

  /** `onTurn` hears whose turn it is; undefined: nobody's. */
  constructor(onTurn: (queryId: string | undefined) => void = () => {}) {
    this.#onTurn = onTurn;
  }

  next(queryId: string): Promise<void> {
    if (this.#isTaken) return new Promise((begin) => this.#waiting.push({ queryId, begin }));
    this.#begin(queryId);
    return DONE;
  }

  /** Ends with the present turn of the event loop. */
  #begin(queryId: string): void {
    this.#isTaken = true;
    this.#onTurn(queryId);
    setImmediate(() => this.#end());
  }

  #end(): void {
    const next = this.#waiting.shift();
    if (next) {
      this.#begin(next.queryId);
      next.begin();
    } else {
      this.#isTaken = false;
      this.#onTurn(undefined);
    }
  }
}
