import type { Clock, Timer } from '../base/clock.ts';
import type { SqlAccess } from '../engine/service/access.ts';
import type { Overview, OverviewReader } from './overview.ts';
import { visibleTo } from './overview-access.ts';

const INTERVAL_MS = 250;
/** Proxies cut connections on which nothing moves; a comment line moves. */
const QUIET_MS = 15_000;

type Listener = (event: string) => void;

interface Watcher {
  readonly access: SqlAccess;
  readonly listener: Listener;
}

/** One look at the server for all who watch, each told what it may see; at most every 250 ms, told only when something has changed. */
export class OverviewFeed {
  readonly #reader: OverviewReader;
  readonly #clock: Clock;
  readonly #watchers = new Set<Watcher>();
  #timer: Timer | undefined;
  #last = '';
  #lastSentMs = 0;

  constructor(reader: OverviewReader, clock: Clock) {
    this.#reader = reader;
    this.#clock = clock;
  }

  /** The listener gets Server-Sent Events, the present state first. */
  async subscribe(access: SqlAccess, listener: Listener): Promise<() => void> {
    listener(asEvent(visibleTo(access, await this.#reader.read())));
    const watcher = { access, listener };
    this.#watchers.add(watcher);
    this.#timer ??= this.#clock.after(INTERVAL_MS, () => void this.#tick());
    return () => this.#watchers.delete(watcher);
  }

  async #tick(): Promise<void> {
    // A look that fails shows nothing; the next is a quarter of a second away.
    const overview = await this.#reader.read().catch(() => undefined);
    const nowMs = this.#clock.monotonicMs();
    if (overview) {
      const state = JSON.stringify({ ...overview, uptimeMs: 0 });
      if (state !== this.#last) this.#send(eventsOf(overview), nowMs);
      else if (nowMs - this.#lastSentMs >= QUIET_MS) this.#send(() => ':\n\n', nowMs);
      this.#last = state;
    }
    const watched = this.#watchers.size > 0;
    this.#timer = watched ? this.#clock.after(INTERVAL_MS, () => void this.#tick()) : undefined;
  }

  #send(eventFor: (access: SqlAccess) => string, nowMs: number): void {
    this.#lastSentMs = nowMs;
    for (const { access, listener } of this.#watchers) listener(eventFor(access));
  }
}

/** Written once for all who may see everything. */
function eventsOf(overview: Overview): (access: SqlAccess) => string {
  let whole: string | undefined;
  return (access) => {
    const visible = visibleTo(access, overview);
    if (visible !== overview) return asEvent(visible);
    whole ??= asEvent(overview);
    return whole;
  };
}

function asEvent(overview: Overview): string {
  return `event: overview\ndata: ${JSON.stringify(overview)}\n\n`;
}
