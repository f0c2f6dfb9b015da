import type { Clock, Timer } from './clock.ts';

interface PendingTimer {
  readonly dueMs: number;
  readonly sequence: number;
  readonly callback: () => void;
}

/**
 * Time that moves only when a test says so. Timers fire in order of their due time, those due together
 * in the order they were made, each seeing the clock at its own due time.
 */
export class VirtualClock implements Clock {
  #wallOffsetMs: number;
  #elapsedMs = 0;
  #sequence = 0;
  /** Sorted by due time, then by sequence. */
  readonly #timers: PendingTimer[] = [];

  constructor(startMs = Date.UTC(2024, 0, 1)) {
    this.#wallOffsetMs = startMs;
  }

  nowMs(): number {
    return Math.floor(this.#wallOffsetMs + this.#elapsedMs);
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  after(delayMs: number, callback: () => void): Timer {
    const timer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), sequence: this.#sequence++, callback };
    const position = this.#timers.findIndex((other) => other.dueMs > timer.dueMs);
    this.#timers.splice(position < 0 ? this.#timers.length : position, 0, timer);
    return {
      cancel: () => {
        const index = this.#timers.indexOf(timer);
        if (index >= 0) this.#timers.splice(index, 1);
      },
    };
  }

  get pendingTimers(): number {
    return this.#timers.length;
  }

  /** Moves the wall clock alone, as an administrator or NTP does; monotonic time and timers do not notice. */
  setWallMs(wallMs: number): void {
    this.#wallOffsetMs = wallMs - this.#elapsedMs;
  }

  /**
   * Lets `durationMs` pass. Between two timers everything that is ready to run runs to the end (promise chains,
   * also timers they make within the duration), as it would on a machine that is fast enough.
   */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#elapsedMs + durationMs;
    await settle();
    for (let next = this.#timers[0]; next && next.dueMs <= endMs; next = this.#timers[0]) {
      this.#timers.shift();
      this.#elapsedMs = Math.max(this.#elapsedMs, next.dueMs);
      next.callback();
      await settle();
    }
    this.#elapsedMs = Math.max(this.#elapsedMs, endMs);
  }
}

/** One turn of the event loop: all microtasks have run when it resolves. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
