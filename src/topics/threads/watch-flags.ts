const FIRST_BYTES = 1024;
const MOST_BYTES = 4 * 1024 * 1024;

/**
 * One flag for each watch of a thread: raised by the log's thread when it sends word, lowered by the other when it has
 * read it. A thread that is busy so has at most one message waiting for each watch, however fast the log grows.
 */
export class WatchFlags {
  readonly memory: SharedArrayBuffer;
  readonly #flags: Int32Array;

  constructor(memory?: SharedArrayBuffer) {
    this.memory = memory ?? new SharedArrayBuffer(FIRST_BYTES, { maxByteLength: MOST_BYTES });
    this.#flags = new Int32Array(this.memory);
  }

  /** Makes room for the watch; false when there are too many. */
  reserve(watch: number): boolean {
    const neededBytes = (watch + 1) * 4;
    if (neededBytes > MOST_BYTES) return false;
    if (neededBytes > this.memory.byteLength) this.memory.grow(Math.min(neededBytes * 2, MOST_BYTES));
    return true;
  }

  /** True when it was down. */
  raise(watch: number): boolean {
    return Atomics.exchange(this.#flags, watch, 1) === 0;
  }

  lower(watch: number): void {
    Atomics.store(this.#flags, watch, 0);
  }
}
