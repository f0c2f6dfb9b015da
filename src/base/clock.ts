/** A pending call made with {@link Clock.after}. */
export interface Timer {
  cancel(): void;
}

/**
 * The only source of time. Wall time stamps records; monotonic time measures; timers wake.
 * Nothing outside `base/` may call `Date.now`, `performance.now` or `setTimeout`.
 */
export interface Clock {
  /** Wall clock in milliseconds since 1970, an integer. */
  nowMs(): number;
  /** Milliseconds since an arbitrary start, never running backwards; may have a fraction. */
  monotonicMs(): number;
  /** Calls back once after at least `delayMs`; a pending timer never keeps the process alive. */
  after(delayMs: number, callback: () => void): Timer;
}

// setTimeout takes an int32 and fires at once beyond it: a retention of 30 days would spin.
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

class SystemTimer implements Timer {
  readonly #deadlineMs: number;
  readonly #callback: () => void;
  #handle: NodeJS.Timeout | undefined;

  constructor(delayMs: number, callback: () => void) {
    this.#deadlineMs = performance.now() + delayMs;
    this.#callback = callback;
    this.#arm(delayMs);
  }

  cancel(): void {
    clearTimeout(this.#handle);
  }

  #arm(delayMs: number): void {
    // A moment that has passed is now; node would warn of a negative time.
    const timeoutMs = Math.min(Math.max(0, Math.ceil(delayMs)), LONGEST_TIMEOUT_MS);
    this.#handle = setTimeout(() => this.#fire(), timeoutMs);
    this.#handle.unref();
  }

  // Node's timers run on a rounded clock and may fire up to a millisecond early.
  #fire(): void {
    const remainingMs = this.#deadlineMs - performance.now();
    if (remainingMs > 0) this.#arm(remainingMs);
    else this.#callback();
  }
}

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  after: (delayMs, callback) => new SystemTimer(delayMs, callback),
};

/** Resolves after at least `delayMs`. */
export function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.after(delayMs, resolve));
}

/** Runs `work` again and again, each time `pauseMs()` after its last end, until cancelled. A failure ends one run only. */
export function repeat(
  clock: Clock,
  pauseMs: () => number,
  work: () => Promise<void>,
  onError: (error: unknown) => void,
): Timer {
  let isOver = false;
  let timer: Timer | undefined;
  const next = (): void => {
    if (isOver) return;
    timer = clock.after(pauseMs(), () => {
      work().catch(onError).finally(next);
    });
  };
  next();
  return {
    cancel: () => {
      isOver = true;
      timer?.cancel();
    },
  };
}
