import type { Clock, Timer } from '../base/clock.ts';
import type { Overview, OverviewReader } from './overview.ts';

const INTERVAL_MS = 250;
/** Proxies cut connections on which nothing moves; a comment line moves. */
const QUIET_MS = 15_000;

type Listener = (event: string) => void;

/** One look at the server for all who watch, at most every 250 ms, told only when something has changed. */
export class OverviewFeed {
  readonly #reader: OverviewReader;
  readonly #clock: Clock;
  readonly #listeners = new Set<Listener>();
  #timer: Timer | undefined;
  #last = '';
  #lastSentMs = 0;

  constructor(reader: OverviewReader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** The listener gets Server-Sent Events, the present state first. */
  async subscribe(listener: Listener): Promise<() => void> {
    listener(asEvent(await this.#reader.read()));
    this.#listeners.add(listener);
    this.#timer ??= this.#clock.after(INTERVAL_MS, () => void this.#tick());
    return () => this.#listeners.delete(listener);
  }

  async #tick(): Promise<void> {
    // A look that fails shows nothing; the next is a quarter of a second away.
    const overview = await this.#reader.read().catch(() => undefined);
    const nowMs = this.#clock.monotonicMs();
    if (overview) {
      const state = JSON.stringify({ ...overview, uptimeMs: 0 });
      if (state !== this.#last) this.#send(asEvent(overview), nowMs);
      else if (nowMs - this.#lastSentMs >= QUIET_MS) this.#send(':\n\n', nowMs);
      this.#last = state;
    }
    const watched = this.#listeners.size > 0;
    this.#timer = watched ? this.#clock.after(INTERVAL_MS, () => void this.#tick()) : undefined;
  }

  #send(event: string, nowMs: number): void {
    this.#lastSentMs = nowMs;
    for (const listener of this.#listeners) listener(event);
  }
}

function asEvent(overview: Overview): string {
  return `event: overview\ndata: ${JSON.stringify(overview)}\n\n`;
}
