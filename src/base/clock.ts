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
