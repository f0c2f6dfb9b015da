import type { Buffer } from 'node:buffer';
import { Deferred } from '../base/async.ts';
import type { LogConfig } from './log-config.ts';
import type { Segment } from './segment.ts';

/**
 * The most that is on its way to the disk at a time, in one write and sync or in two; only a larger batch goes beyond,
 * by itself. Recovery relies on it: a power cut loses at most that, so damage followed by intact batches further away
 * is no torn tail.
 */
export const MAX_GROUP_BYTES = 4 * 1024 * 1024;

/** A second write overlaps the sync of the first. More would be more syncs, not a shorter wait. */
const MAX_IN_FLIGHT = 2;

/** Consecutive batches of one segment that are written and synced together. */
export interface CommitGroup {
  readonly segment: Segment;
  readonly position: number;
  readonly batches: Buffer[];
  bytes: number;
  endOffset: number;
  /** Closes the segment before this one; done before this group's write. */
  readonly seal: (() => Promise<void>) | undefined;
  /** How safe it is by itself; undefined while it is being written. */
  reached: LogConfig['durability'] | undefined;
  readonly durable: Deferred;
}

/**
 * The write queue of a partition. While groups are written and synced, appends gather in the next, so the slower the
 * disk, the larger the groups: no timer, no setting.
 *
 *   add ──> [gathering] ──> [group n+1: write, sync] ──> in order ──> durable
 *                           [group n:   write, sync] ──┘
 *
 * Two groups overlap only when both are plain appends to a file that has taken one before: what a first write does
 * (making the file, checking its length, closing the segment before) it does alone.
 *
 * Invariant: groups become durable in the order of offsets; after a failure none ever does again, not even one whose
 * own write went well, because the kernel may have reported the failure of its neighbour's pages to either.
 */
export class GroupCommit {
  readonly #write: (group: CommitGroup) => Promise<LogConfig['durability']>;
  readonly #mayOverlap: () => boolean;
  readonly #onDurable: (group: CommitGroup) => void;
  readonly #onFailure: (error: Error) => Error;
  /** Taken from the front, gathered at the end. */
  #waiting: CommitGroup[] = [];
  #inFlight: CommitGroup[] = [];
  /** Of the last group that became durable. */
  #readySegment: Segment | undefined;
  #isScheduled = false;
  #writing = 0;
  #idle: Deferred | undefined;
  #failure: Error | undefined;

  constructor(options: {
    readonly write: (group: CommitGroup) => Promise<LogConfig['durability']>;
    /** Whether a write may start beside another one of its segment. */
    readonly mayOverlap: () => boolean;
    readonly onDurable: (group: CommitGroup) => void;
    /** Returns what the waiters are told. */
    readonly onFailure: (error: Error) => Error;
  }) {
    this.#write = options.write;
    this.#mayOverlap = options.mayOverlap;
    this.#onDurable = options.onDurable;
    this.#onFailure = options.onFailure;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  get dirtyBytes(): number {
    return bytesOf(this.#inFlight) + bytesOf(this.#waiting);
  }

  add(segment: Segment, position: number, batch: Buffer, endOffset: number): Promise<void> {
    const last = this.#waiting.at(-1);
    const fits = last?.segment === segment && last.bytes + batch.length <= MAX_GROUP_BYTES;
    const group = fits ? last : this.begin(segment, position, endOffset);
    group.batches.push(batch);
    group.bytes += batch.length;
    group.endOffset = endOffset;
    return group.durable.promise;
  }

  /** Begins a group of its own, which may stay empty: for a segment that must exist before anything is in it. */
  begin(segment: Segment, position: number, endOffset: number, seal?: () => Promise<void>): CommitGroup {
    const durable = new Deferred();
    // A producer that wants no acknowledgement does not look at it.
    durable.promise.catch(() => undefined);
    const group: CommitGroup = {
      segment,
      position,
      batches: [],
      bytes: 0,
      endOffset,
      seal,
      reached: undefined,
      durable,
    };
    this.#waiting.push(group);
    this.#schedule();
    return group;
  }

  /** Resolves when all below `endOffset` is durable. */
  async durableAt(endOffset: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    const holds = (group: CommitGroup) => group.endOffset >= endOffset;
    await (this.#inFlight.find(holds) ?? this.#waiting.find(holds))?.durable.promise;
  }

  /** Resolves when everything added so far has been written or has failed; more may be waiting by then. */
  async settled(): Promise<void> {
    await (this.#waiting.at(-1) ?? this.#inFlight.at(-1))?.durable.promise.catch(() => undefined);
  }

  /** Resolves when nothing is left to write, also after a failure; while appends keep coming it does not. */
  async idle(): Promise<void> {
    while (this.#writing > 0 || this.#waiting.length > 0) {
      this.#idle ??= new Deferred();
      await this.#idle.promise;
    }
  }

  /** Appends of the same turn of the event loop join one group. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#isScheduled = false;
      this.#start();
    });
  }

  #start(): void {
    for (let next = this.#waiting[0]; next !== undefined && this.#mayStart(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#inFlight.push(next);
      void this.#carryOut(next);
    }
  }

  #mayStart(next: CommitGroup): boolean {
    if (this.#writing === 0) return true;
    return (
      this.#inFlight.length < MAX_IN_FLIGHT &&
      next.seal === undefined &&
      next.segment === this.#readySegment &&
      bytesOf(this.#inFlight) + next.bytes <= MAX_GROUP_BYTES &&
      this.#inFlight.every((group) => group.segment === next.segment) &&
      this.#mayOverlap()
    );
  }

  async #carryOut(group: CommitGroup): Promise<void> {
    this.#writing++;
    try {
      await group.seal?.();
      group.reached = await this.#write(group);
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
    }
    this.#writing--;
    this.#retire();
    if (this.#failure === undefined) this.#start();
    if (this.#writing > 0) return;
    this.#idle?.resolve();
    this.#idle = undefined;
  }

  #retire(): void {
    for (let first = this.#inFlight[0]; first?.reached; first = this.#inFlight[0]) {
      this.#inFlight.shift();
      this.#readySegment = first.segment;
      this.#onDurable(first);
      first.durable.resolve();
    }
  }

  #fail(error: Error): void {
    if (this.#failure !== undefined) return;
    this.#failure = this.#onFailure(error);
    for (const group of [...this.#inFlight, ...this.#waiting]) group.durable.reject(this.#failure);
    this.#inFlight = [];
    this.#waiting = [];
  }
}

function bytesOf(groups: readonly CommitGroup[]): number {
  return groups.reduce((sum, group) => sum + group.bytes, 0);
}
