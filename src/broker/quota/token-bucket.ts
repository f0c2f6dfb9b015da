/**
 * Allowance for changes of topics (KIP-599): it fills at the rate of the quota, up to what all windows together allow.
 * A change may overdraw it, since one request may ask for more than it ever holds; the next one then has to wait.
 */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #most: number;
  #tokens: number;
  #atMs: number;

  constructor(perSecond: number, windowsSeconds: number, nowMs: number) {
    this.#perSecond = perSecond;
    this.#most = perSecond * windowsSeconds;
    this.#tokens = this.#most;
    this.#atMs = nowMs;
  }

  /** Until it is no longer overdrawn. */
  waitMs(nowMs: number): number {
    this.#fill(nowMs);
    return this.#tokens >= 0 ? 0 : Math.ceil((-this.#tokens / this.#perSecond) * 1000);
  }

  take(count: number, nowMs: number): void {
    this.#fill(nowMs);
    this.#tokens -= count;
  }

  #fill(nowMs: number): void {
    const gained = ((nowMs - this.#atMs) / 1000) * this.#perSecond;
    this.#tokens = Math.min(this.#most, this.#tokens + gained);
    this.#atMs = nowMs;
  }
}
