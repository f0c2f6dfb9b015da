import { type FetchTarget, targetKey } from './fetch-target.ts';
import type { FetchResult } from './read-targets.ts';

/** What the client was told last about a partition. */
interface Member {
  target: FetchTarget;
  highWatermark: number;
  logStartOffset: number;
  hadError: boolean;
}

/** Which targets a request fetches, and which of the results its client must hear. */
export interface FetchContext {
  /** 0: no session. */
  readonly sessionId: number;
  readonly targets: readonly FetchTarget[];
  select(results: readonly FetchResult[]): readonly FetchResult[];
}

/** Everything named in the request, everything answered. */
export function sessionless(targets: readonly FetchTarget[]): FetchContext {
  return { sessionId: 0, targets, select: (results) => results };
}

/**
 * KIP-227: the partitions one client fetches again and again. Its requests name only what changed, and answers hold
 * only partitions with news. Partitions that had data go to the end of the order, so that a full answer starves none.
 */
export class FetchSession {
  readonly id: number;
  readonly byId: boolean;
  readonly #members = new Map<string, Member>();
  /** Of the next request; 0 was the one that made the session. */
  #epoch = 1;
  lastUsedMs: number;

  constructor(id: number, byId: boolean, targets: readonly FetchTarget[], nowMs: number) {
    this.id = id;
    this.byId = byId;
    this.lastUsedMs = nowMs;
    for (const target of targets) this.#put(target);
  }

  get expectedEpoch(): number {
    return this.#epoch;
  }

  update(changed: readonly FetchTarget[], forgotten: readonly string[]): void {
    for (const target of changed) this.#put(target);
    for (const key of forgotten) this.#members.delete(key);
    // The epoch runs through 1 .. 2^31 - 1: 0 and -1 have their own meaning.
    this.#epoch = this.#epoch === 0x7fff_ffff ? 1 : this.#epoch + 1;
  }

  #put(target: FetchTarget): void {
    const key = targetKey(target);
    const known = this.#members.get(key);
    if (known !== undefined) known.target = target;
    else this.#members.set(key, { target, highWatermark: -1, logStartOffset: -1, hadError: false });
  }

  context(isFull: boolean): FetchContext {
    return {
      sessionId: this.id,
      targets: [...this.#members.values()].map(({ target }) => target),
      select: (results) => {
        const news = results.filter((result) => this.#tell(result));
        return isFull ? results : news;
      },
    };
  }

  /** Whether the client does not know this yet; from now on it does. */
  #tell(result: FetchResult): boolean {
    const key = targetKey(result.target);
    const member = this.#members.get(key);
    if (member === undefined) return false;
    const hasData = result.records.length > 0;
    const hasError = result.error !== 'NONE';
    const isNews =
      hasData ||
      hasError ||
      member.hadError ||
      result.diverging !== null ||
      result.highWatermark !== member.highWatermark ||
      result.logStartOffset !== member.logStartOffset;
    member.highWatermark = result.highWatermark;
    member.logStartOffset = result.logStartOffset;
    member.hadError = hasError;
    if (hasData) {
      this.#members.delete(key);
      this.#members.set(key, member);
    }
    return isNews;
  }
}
