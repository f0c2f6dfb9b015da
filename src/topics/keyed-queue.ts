/** Runs work that touches the same keys one after another, and all other work at the same time. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  run<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result> {
    const earlier = keys.map((key) => this.#last.get(key)).filter((promise) => promise !== undefined);
    const result = earlier.length === 0 ? work() : Promise.allSettled(earlier).then(work);
    // A failure is its caller's; who comes next only waits for the end.
    const ended = result.catch(() => {});
    for (const key of keys) this.#last.set(key, ended);
    ended.then(() => {
      for (const key of keys) if (this.#last.get(key) === ended) this.#last.delete(key);
    });
    return result;
  }
}
