/**
 * How much happened a second, over the last windows (quota.window.num of quota.window.size.seconds): a burst counts until
 * it leaves them. While fewer windows have passed, the missing ones count as empty, so that the first request of a
 * client is not taken for its rate.
 *
 *     oldest window   ...   newest window, still open
 *     [ 4096 ]  [  0 ]  [ 512 ]  [ 96 |    ]
 */
export class WindowedRate {
  readonly #windowCount: number;
  readonly #windowMs: number;
  readonly #windows: { readonly startMs: number; amount: number }[] = [];

  constructor(windowCount: number, windowMs: number) {
    this.#windowCount = windowCount;
    this.#windowMs = windowMs;
  }

  get isIdle(): boolean {
    return this.#windows.length === 0;
  }

  record(amount: number, nowMs: number): void {
    const newest = this.#windows.at(-1);
    if (newest !== undefined && nowMs - newest.startMs < this.#windowMs) newest.amount += amount;
    else this.#windows.push({ startMs: nowMs, amount });
  }

  /** How long to stay silent, so that the rate falls to `perSecond`; 0 when it is not above. */
  excessMs(perSecond: number, nowMs: number): number {
    this.forget(nowMs);
    const total = this.#windows.reduce((sum, { amount }) => sum + amount, 0);
    const spanMs = this.#spanMs(nowMs);
    const rate = (total * 1000) / spanMs;
    if (rate <= perSecond) return 0;
    return Math.round(((rate - perSecond) / perSecond) * spanMs);
  }

  /** Drops windows that no longer count. */
  forget(nowMs: number): void {
    const oldestMs = nowMs - this.#windowCount * this.#windowMs;
    while (this.#windows[0] !== undefined && this.#windows[0].startMs <= oldestMs) this.#windows.shift();
  }

  #spanMs(nowMs: number): number {
    const elapsedMs = nowMs - (this.#windows[0]?.startMs ?? nowMs);
    const missing = Math.max(0, this.#windowCount - 1 - Math.floor(elapsedMs / this.#windowMs));
    return Math.max(elapsedMs + missing * this.#windowMs, this.#windowMs);
  }
}
