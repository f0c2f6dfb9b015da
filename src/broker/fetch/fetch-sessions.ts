import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/random.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { type FetchContext, FetchSession, sessionless } from './fetch-session.ts';
import type { FetchTarget } from './fetch-target.ts';

/** Of a fetch request, what concerns sessions. */
export interface SessionRequest {
  readonly sessionId: number;
  readonly sessionEpoch: number;
  readonly byId: boolean;
  readonly targets: readonly FetchTarget[];
  /** `targetKey`s. */
  readonly forgotten: readonly string[];
}

const NO_SESSION = 0;
/** Epochs with a meaning of their own: end the session; begin one. */
const FINAL_EPOCH = -1;
const INITIAL_EPOCH = 0;
/** min.incremental.fetch.session.eviction.ms of Kafka: a session younger than this keeps its place. */
const EVICTION_MS = 120_000;

/**
 * All fetch sessions, at most `maxSessions` (max.incremental.fetch.session.cache.slots). When all places are taken
 * the one unused for longest goes; its client gets FETCH_SESSION_ID_NOT_FOUND and begins anew. When none is idle for
 * long enough, clients go on without a session, which costs them only bandwidth.
 */
export class FetchSessions {
  readonly #maxSessions: number;
  readonly #clock: Clock;
  readonly #random: Random;
  /** In order of last use. */
  readonly #sessions = new Map<number, FetchSession>();

  constructor(deps: { readonly maxSessions: number; readonly clock: Clock; readonly random: Random }) {
    this.#maxSessions = deps.maxSessions;
    this.#clock = deps.clock;
    this.#random = deps.random;
  }

  get size(): number {
    return this.#sessions.size;
  }

  open(request: SessionRequest): FetchContext | ErrorName {
    const { sessionId, sessionEpoch } = request;
    if (sessionEpoch === FINAL_EPOCH || sessionEpoch === INITIAL_EPOCH) {
      if (sessionId !== NO_SESSION) this.#sessions.delete(sessionId);
      return sessionEpoch === FINAL_EPOCH ? sessionless(request.targets) : this.#begin(request);
    }
    const session = this.#sessions.get(sessionId);
    if (session === undefined) return 'FETCH_SESSION_ID_NOT_FOUND';
    if (sessionEpoch !== session.expectedEpoch) return 'INVALID_FETCH_SESSION_EPOCH';
    // KIP-516: a client that changes between names and ids, as after an upgrade, needs a new session.
    if (session.byId !== request.byId) return 'FETCH_SESSION_TOPIC_ID_ERROR';
    session.update(request.targets, request.forgotten);
    this.#touch(session);
    return session.context(false);
  }

  #begin({ byId, targets }: SessionRequest): FetchContext {
    if (targets.length === 0 || !this.#makeRoom()) return sessionless(targets);
    const session = new FetchSession(this.#freeId(), byId, targets, this.#clock.monotonicMs());
    this.#touch(session);
    return session.context(true);
  }

  #touch(session: FetchSession): void {
    session.lastUsedMs = this.#clock.monotonicMs();
    this.#sessions.delete(session.id);
    this.#sessions.set(session.id, session);
  }

  #makeRoom(): boolean {
    if (this.#sessions.size < this.#maxSessions) return true;
    const [oldest] = this.#sessions.values();
    if (oldest === undefined || this.#clock.monotonicMs() - oldest.lastUsedMs < EVICTION_MS) return false;
    return this.#sessions.delete(oldest.id);
  }

  /** Random, so that a client of an earlier run does not meet another one's session by its number. */
  #freeId(): number {
    for (;;) {
      const id = 1 + Math.floor(this.#random.next() * 0x7fff_fffe);
      if (!this.#sessions.has(id)) return id;
    }
  }
}
