import type { ErrorName } from '../../protocol/errors.ts';

/** One partition of a topic, by the topic's id. */
export interface SharePlace {
  readonly topicId: string;
  readonly partition: number;
}

/** What one member reads over one connection; its requests name only what changed. */
export interface ShareSession {
  readonly groupId: string;
  readonly memberId: string;
  /** By `placeKey`, in the order they are asked: those that gave something go to the end. */
  readonly places: Map<string, SharePlace>;
  epoch: number;
  readonly end: () => void;
}

export const FINAL_EPOCH = -1;
export const INITIAL_EPOCH = 0;

export interface ShareSessionsOptions {
  readonly maxSessions: () => number;
  /** Called for a session that is over: what its member holds is to be given back. */
  readonly onEnd: (session: ShareSession) => void;
}

/**
 * The share sessions of all members (KIP-932): at most one a member, at most `maxSessions`, none that outlives its
 * connection. An epoch rises with each request, so that one that was lost or sent twice is noticed.
 */
export class ShareSessions {
  readonly #options: ShareSessionsOptions;
  readonly #sessions = new Map<string, ShareSession>();

  constructor(options: ShareSessionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** Takes the place of the member's earlier one, whose records stay with the member. */
  begin(
    groupId: string,
    memberId: string,
    places: readonly SharePlace[],
    ended: AbortSignal,
  ): ShareSession | ErrorName {
    const key = sessionKey(groupId, memberId);
    const before = this.#sessions.get(key);
    before?.end();
    this.#sessions.delete(key);
    if (this.#sessions.size >= this.#options.maxSessions()) return 'SHARE_SESSION_LIMIT_REACHED';
    const over = () => this.finish(groupId, memberId);
    const session: ShareSession = {
      ...{ groupId, memberId },
      places: new Map(places.map((place) => [placeKey(place), place])),
      epoch: 1,
      end: () => ended.removeEventListener('abort', over),
    };
    this.#sessions.set(key, session);
    if (ended.aborted) over();
    else ended.addEventListener('abort', over, { once: true });
    return session;
  }

  /** The session of a further request, whose epoch this uses up; the final one need not match. */
  use(groupId: string, memberId: string, epoch: number): ShareSession | ErrorName {
    const session = this.#sessions.get(sessionKey(groupId, memberId));
    if (session === undefined) return 'SHARE_SESSION_NOT_FOUND';
    if (epoch === FINAL_EPOCH) return session;
    if (epoch !== session.epoch) return 'INVALID_SHARE_SESSION_EPOCH';
    // 0 and -1 have their own meaning.
    session.epoch = epoch === 0x7fff_ffff ? 1 : epoch + 1;
    return session;
  }

  finish(groupId: string, memberId: string): void {
    const key = sessionKey(groupId, memberId);
    const session = this.#sessions.get(key);
    if (session === undefined) return;
    this.#sessions.delete(key);
    session.end();
    this.#options.onEnd(session);
  }
}

export function placeKey({ topicId, partition }: SharePlace): string {
  return `${topicId}:${partition}`;
}

function sessionKey(groupId: string, memberId: string): string {
  return JSON.stringify([groupId, memberId]);
}
