import type { Buffer } from 'node:buffer';
import { Deferred } from '../base/async.ts';
import type { Segment } from './segment.ts';

/**
 * The most that one write and sync may carry. Recovery relies on it: a power cut loses at most one group, so
 * damage followed by intact batches further away than this is no torn tail.
 */
export const MAX_GROUP_BYTES = 4 * 1024 * 1024;

/** Consecutive batches of one segment that are written and synced together. */
export interface CommitGroup {
  readonly segment: Segment;
  readonly position: number;
  readonly batches: Buffer[];
  bytes: number;
  endOffset: number;
  /** Closes the segment before this one; done before this group's write. */
  readonly seal: (() => Promise<void>) | undefined;
  readonly durable: Deferred;
}

/**
 * The write queue of a partition. While one group is written and synced, appends gather in the next, so the slower
 * the disk, the larger the groups: no timer, no setting.
 *
 *   add ──> [group n+1: gathering] ──> [group n: write, sync] ──> durable
 *
 * Invariant: one group at a time touches the disk, in the order of offsets; after a failure none ever does again.
 */
export class GroupCommit {
  readonly #write: (group: CommitGroup) => Promise<void>;
  readonly #onDurable: (group: CommitGroup) => void;
  readonly #onFailure: (error: Error) => Error;
  #groups: CommitGroup[] = [];
  #firstIsTaken = false;
  #running: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(options: {
    readonly write: (group: CommitGroup) => Promise<void>;
    readonly onDurable: (group: CommitGroup) => void;
    /** Returns what the waiters are told. */
    readonly onFailure: (error: Error) => Error;
  }) {
    this.#write = options.write;
    this.#onDurable = options.onDurable;
    this.#onFailure = options.onFailure;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  get dirtyBytes(): number {
    return this.#groups.reduce((sum, group) => sum + group.bytes, 0);
  }

  add(segment: Segment, position: number, batch: Buffer, endOffset: number): Promise<void> {
    const last = this.#gathering();
    const fits = last?.segment === segment && last.bytes + batch.length <= MAX_GROUP_BYTES;
    const group = fits ? last : this.begin(segment, position, endOffset);
    group.batches.push(batch);
    group.bytes += batch.length;
    group.endOffset = endOffset;
    return group.durable.promise;
  }

  /** Begins a group of its own, which may stay empty: for a segment that must exist before anything is in it. */
  begin(segment: Segment, position: number, endOffset: number, seal?: () => Promise<void>): CommitGroup {
    const group: CommitGroup = {
      segment,
      position,
      batches: [],
      bytes: 0,
      endOffset,
      seal,
      durable: new Deferred(),
    };
    // A producer that wants no acknowledgement does not look at it.
    group.durable.promise.catch(() => undefined);
    this.#groups.push(group);
    this.#running ??= this.#run();
    return group;
  }

  /** Resolves when all below `endOffset` is durable. */
  async durableAt(endOffset: number): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    await this.#groups.find((group) => group.endOffset >= endOffset)?.durable.promise;
  }

  /** Resolves when everything added so far has been written or has failed; more may be waiting by then. */
  async settled(): Promise<void> {
    await this.#groups.at(-1)?.durable.promise.catch(() => undefined);
  }

  /** Resolves when nothing is left to write, also after a failure; while appends keep coming it does not. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /** The last group, unless it is already on its way to the disk. */
  #gathering(): CommitGroup | undefined {
    return this.#firstIsTaken && this.#groups.length === 1 ? undefined : this.#groups.at(-1);
  }

  async #run(): Promise<void> {
    // Appends of the same turn of the event loop join the first group.
    await Promise.resolve();
    try {
      while (this.#groups.length > 0) {
        const group = this.#groups[0]!;
        this.#firstIsTaken = true;
        await group.seal?.();
        await this.#write(group);
        this.#groups.shift();
        this.#firstIsTaken = false;
        this.#onDurable(group);
        group.durable.resolve();
      }
    } catch (error) {
      this.#failure = this.#onFailure(error instanceof Error ? error : new Error(String(error)));
      for (const group of this.#groups) group.durable.reject(this.#failure);
      this.#groups = [];
    } finally {
      this.#firstIsTaken = false;
      this.#running = undefined;
    }
  }
}
