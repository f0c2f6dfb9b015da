import { Deferred } from '../base/async.ts';

/** Readers pass together; while files change places under their names, nobody does. */
export class ReadGate {
  #readers = 0;
  #closed: Deferred | undefined;
  #empty: Deferred | undefined;

  async pass<T>(read: () => Promise<T>): Promise<T> {
    while (this.#closed !== undefined) await this.#closed.promise;
    this.#readers++;
    try {
      return await read();
    } finally {
      this.#readers--;
      if (this.#readers === 0) this.#empty?.resolve();
    }
  }

  /** Waits for the readers inside, holds up new ones, and lets them in when `work` has ended. One caller at a time. */
  async close<T>(work: () => Promise<T>): Promise<T> {
    this.#closed = new Deferred();
    try {
      this.#empty = new Deferred();
      if (this.#readers > 0) await this.#empty.promise;
      return await work();
    } finally {
      const closed = this.#closed;
      this.#closed = undefined;
      this.#empty = undefined;
      closed.resolve();
    }
  }
}
