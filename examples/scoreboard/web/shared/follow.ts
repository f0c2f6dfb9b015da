import type { KsqlClient, Row } from './ksql-client.ts';

/** `waiting`: the last try failed, the next one comes by itself. */
export type LinkState = 'connecting' | 'live' | 'waiting' | 'hidden';

export interface Follower {
  readonly onRow: (row: Row) => void;
  readonly onState: (state: LinkState) => void;
}

const firstDelayMs = 250;
const longestDelayMs = 5_000;

/**
 * Keeps a connection up for as long as the page is seen: connect, and again with growing pauses when it
 * breaks. A page nobody sees gives its connection back, because a browser opens only six to one server
 * over HTTP/1.1 and the game in the next tab needs one of them.
 */
export async function keepConnected(
  connect: (signal: AbortSignal, opened: () => void) => Promise<void>,
  onState: (state: LinkState) => void,
): Promise<never> {
  let delayMs = firstDelayMs;
  for (;;) {
    if (document.hidden) {
      onState('hidden');
      await once(document, 'visibilitychange');
      continue;
    }
    onState('connecting');
    const attempt = new AbortController();
    const hide = (): void => (document.hidden ? attempt.abort() : undefined);
    document.addEventListener('visibilitychange', hide);
    try {
      await connect(attempt.signal, () => {
        delayMs = firstDelayMs;
        onState('live');
      });
    } catch {
      // Whatever broke it, the answer is the same: show it and try again.
    } finally {
      document.removeEventListener('visibilitychange', hide);
      attempt.abort();
    }
    if (document.hidden) continue;
    onState('waiting');
    await pause(delayMs * (0.75 + Math.random() / 2));
    delayMs = Math.min(delayMs * 2, longestDelayMs);
  }
}

/** New rows of a stream, from now on. */
export function followStream(client: KsqlClient, sql: string, follower: Follower): Promise<never> {
  return keepConnected(
    (signal, onOpen) => client.push(sql, { signal, onOpen, onRow: follower.onRow }),
    follower.onState,
  );
}

/**
 * A table: its rows as they are, then every change. `select` is the query without `EMIT CHANGES`; its
 * first column is the key.
 *
 *   push (from now on) ---- row ---- row ---------- row --->  always newest
 *        \-- open --> pull (as it is) --- rows --->  used only for keys not pushed yet
 *
 * The push is open before the pull starts, so no change falls between the two; and a change the pull
 * already shows is pushed as well, so nothing old can win.
 */
export function followTable(client: KsqlClient, select: string, follower: Follower): Promise<never> {
  return keepConnected((signal, opened) => {
    const pushed = new Set<unknown>();
    return new Promise<void>((resolve, reject) => {
      const pull = async (): Promise<void> => {
        const rows = await client.pull(`${select};`, signal);
        for (const row of rows) if (!pushed.has(row[0])) follower.onRow(row);
        opened();
      };
      const push = client.push(`${select} EMIT CHANGES;`, {
        signal,
        onOpen: () => void pull().catch(reject),
        onRow: (row) => {
          pushed.add(row[0]);
          follower.onRow(row);
        },
      });
      push.then(resolve, reject);
    });
  }, follower.onState);
}

export function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

function once(target: EventTarget, type: string): Promise<void> {
  return new Promise((resolve) => target.addEventListener(type, () => resolve(), { once: true }));
}
