import type { ErrorName } from '../../protocol/errors.ts';
import { type AcquiredRange, AcquiredRanges } from './acquired-ranges.ts';
import {
  type Delivery,
  DeliveryRuns,
  type Lock,
  NEVER_DELIVERED,
  type SettledState,
} from './delivery-runs.ts';
import type { ShareSnapshot, ShareUpdate, StateBatch } from './share-entries.ts';

/** A record batch of the log, as far as it concerns who gets it. */
export interface FetchedBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  /** Of a transaction that was aborted, and the group reads committed records only. */
  readonly isAborted: boolean;
}

export interface Acquire {
  readonly memberId: string;
  /** Where the batches were looked for: what lies between it and the first one does not exist any more. */
  readonly fetchOffset: number;
  readonly logStartOffset: number;
  readonly batches: readonly FetchedBatch[];
  /** Where the next read would go on: what lies before it and in no batch does not exist any more either. */
  readonly nextOffset: number;
  /** Soft: whole batches are taken. */
  readonly maxRecords: number;
  /** How many records an acquired range should have at least. */
  readonly batchSize: number;
  readonly maxRecordLocks: number;
  readonly lockMs: number;
}

export interface Acquired {
  readonly ranges: readonly AcquiredRange[];
  readonly changes: readonly StateBatch[];
}

/** One type for all offsets, or one each: 0 gap, 1 accept, 2 release, 3 reject. */
export interface Acknowledgement {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly types: readonly number[];
}

const RELEASE = 2;
const SETTLED: readonly SettledState[] = ['archived', 'acknowledged', 'available', 'archived'];

/**
 * One partition as one share group sees it (KIP-932): who holds which record, and what is done with.
 *
 * ```
 *              acquire            accept
 *   available ─────────> acquired ──────> acknowledged
 *       ^                   │
 *       └── release, time ──┤  reject, gap, or delivered too often
 *                           └───────────> archived
 * ```
 * Holds are forgotten by a restart; everything else changes through `apply`, with entries of the log. A record held
 * for the n-th time is therefore, for the log, one that was delivered n - 1 times and is available.
 */
export class SharePartition {
  #runs: DeliveryRuns | undefined;
  #stateEpoch = 0;
  #snapshotEpoch = 0;
  #leaderEpoch = 0;
  #createdAtMs = 0;
  /** Since the last snapshot. */
  #updates = 0;

  /** -1 while nobody has decided where the group begins. */
  get startOffset(): number {
    return this.#runs?.startOffset ?? -1;
  }

  get endOffset(): number {
    return this.#runs?.endOffset ?? -1;
  }

  get stateEpoch(): number {
    return this.#stateEpoch;
  }

  get snapshotEpoch(): number {
    return this.#snapshotEpoch;
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch;
  }

  get updates(): number {
    return this.#updates;
  }

  runs() {
    return this.#runs?.all() ?? [];
  }

  /** Where the next record to deliver may be; undefined when as many are in flight as may be. */
  nextFetchOffset(maxRecordLocks: number): number | undefined {
    const runs = this.#runs;
    if (runs === undefined) return undefined;
    const again = runs.firstAvailable();
    if (again !== undefined) return again;
    return runs.endOffset - runs.startOffset < maxRecordLocks ? runs.endOffset : undefined;
  }

  acquire(request: Acquire, nowMs: number): Acquired {
    const runs = this.#runs;
    if (runs === undefined) return { ranges: [], changes: [] };
    runs.moveStart(request.logStartOffset);
    const { maxRecordLocks } = request;
    const lock: Lock = { memberId: request.memberId, untilMs: nowMs + request.lockMs };
    const changes: StateBatch[] = [];
    const ranges = new AcquiredRanges(request.batchSize);
    let position = request.fetchOffset;
    for (const batch of request.batches) {
      // Compaction leaves offsets without records.
      archive(runs, position, batch.firstOffset - 1, changes);
      position = batch.lastOffset + 1;
      if (ranges.recordCount >= request.maxRecords) return { ranges: ranges.all, changes };
      if (batch.isAborted) {
        archive(runs, batch.firstOffset, batch.lastOffset, changes);
        continue;
      }
      const mayGrow = runs.endOffset - runs.startOffset < maxRecordLocks;
      const lastOffset = mayGrow ? batch.lastOffset : Math.min(batch.lastOffset, runs.endOffset - 1);
      for (const free of available(runs, batch.firstOffset, lastOffset)) {
        const deliveryCount = free.delivery.deliveryCount + 1;
        ranges.add({ firstOffset: free.firstOffset, lastOffset: free.lastOffset, deliveryCount });
        runs.set(free.firstOffset, free.lastOffset, { state: 'acquired', deliveryCount, lock });
      }
      if (lastOffset < batch.lastOffset) return { ranges: ranges.all, changes };
    }
    archive(runs, position, request.nextOffset - 1, changes);
    return { ranges: ranges.all, changes };
  }

  /** All or nothing: what changes, or why nothing may. */
  acknowledge(
    memberId: string,
    acknowledgements: readonly Acknowledgement[],
    maxDeliveryCount: number,
  ): readonly StateBatch[] | ErrorName {
    const runs = this.#runs;
    if (runs === undefined) return 'INVALID_RECORD_STATE';
    const changes: StateBatch[] = [];
    for (const { firstOffset, lastOffset, types } of acknowledgements) {
      // Below the start everything is done with, whoever held it.
      if (lastOffset < runs.startOffset) continue;
      if (lastOffset >= runs.endOffset) return 'INVALID_REQUEST';
      for (const run of runs.between(Math.max(firstOffset, runs.startOffset), lastOffset)) {
        const { delivery } = run;
        if (delivery.state !== 'acquired' || delivery.lock.memberId !== memberId)
          return 'INVALID_RECORD_STATE';
        if (types.length === 1) {
          addChange(changes, { ...run, ...settled(types[0]!, delivery, maxDeliveryCount) });
          continue;
        }
        for (let offset = run.firstOffset; offset <= run.lastOffset; offset++) {
          const type = types[offset - firstOffset]!;
          const outcome = settled(type, delivery, maxDeliveryCount);
          addChange(changes, { firstOffset: offset, lastOffset: offset, ...outcome });
        }
      }
    }
    return changes;
  }

  /**
   * A member that ends its session gives back what it holds, uncounted: it did not get to it. For the log these
   * records were available all the time.
   */
  release(memberId: string): boolean {
    const held = this.#held(({ lock }) => lock.memberId === memberId);
    for (const { firstOffset, lastOffset, delivery } of held) {
      const deliveryCount = delivery.deliveryCount - 1;
      this.#runs!.set(firstOffset, lastOffset, { state: 'available', deliveryCount });
    }
    return held.length > 0;
  }

  /** What holders have kept for too long; their holds end at once. */
  expire(nowMs: number, maxDeliveryCount: number): readonly StateBatch[] {
    const changes: StateBatch[] = [];
    for (const { firstOffset, lastOffset, delivery } of this.#held(({ lock }) => lock.untilMs <= nowMs)) {
      const outcome = settled(RELEASE, delivery, maxDeliveryCount);
      addChange(changes, { firstOffset, lastOffset, ...outcome });
      this.#runs!.set(firstOffset, lastOffset, outcome);
    }
    return changes;
  }

  /** When the first hold ends. */
  nextExpiryMs(): number | undefined {
    let earliest: number | undefined;
    for (const { delivery } of this.runs()) {
      if (delivery.state !== 'acquired') continue;
      earliest = Math.min(earliest ?? Number.POSITIVE_INFINITY, delivery.lock.untilMs);
    }
    return earliest;
  }

  applyUpdate({ leaderEpoch, startOffset, batches }: ShareUpdate): void {
    this.#leaderEpoch = leaderEpoch;
    this.#updates++;
    this.#apply(startOffset, batches);
  }

  applySnapshot(snapshot: ShareSnapshot): void {
    const { stateEpoch, startOffset } = snapshot;
    // A start moved by hand, perhaps back, ends all holds. Else those that the snapshot does not touch go on.
    if (stateEpoch !== this.#stateEpoch || this.nextExpiryMs() === undefined) this.#runs = undefined;
    this.#stateEpoch = stateEpoch;
    this.#snapshotEpoch = snapshot.snapshotEpoch;
    this.#leaderEpoch = snapshot.leaderEpoch;
    this.#createdAtMs = snapshot.createdAtMs;
    this.#updates = 0;
    this.#apply(
      startOffset,
      snapshot.batches.flatMap((batch) => this.#withoutHeld(batch)),
    );
  }

  /** As the log must know it once `changes` are made. */
  snapshot(nowMs: number, changes: readonly StateBatch[] = []): ShareSnapshot {
    const runs = this.#runs?.copy();
    for (const { firstOffset, lastOffset, state, deliveryCount } of changes)
      runs?.set(firstOffset, lastOffset, { state, deliveryCount });
    runs?.trim();
    return {
      snapshotEpoch: this.#snapshotEpoch + 1,
      stateEpoch: this.#stateEpoch,
      leaderEpoch: this.#leaderEpoch,
      startOffset: runs?.startOffset ?? -1,
      createdAtMs: this.#createdAtMs || nowMs,
      writtenAtMs: nowMs,
      batches: runs === undefined ? [] : durableBatches(runs),
    };
  }

  #apply(startOffset: number, batches: readonly StateBatch[]): void {
    if (startOffset >= 0) this.#runs ??= new DeliveryRuns(startOffset);
    const runs = this.#runs;
    if (runs === undefined) return;
    runs.moveStart(startOffset);
    for (const { firstOffset, lastOffset, state, deliveryCount } of batches)
      runs.set(firstOffset, lastOffset, { state, deliveryCount });
    runs.trim();
  }

  /** A record that is held counts one delivery more than the log says; as long as both agree, the hold stands. */
  #withoutHeld(batch: StateBatch): StateBatch[] {
    const runs = this.#runs;
    if (runs === undefined || batch.state !== 'available') return [batch];
    const heldCount = batch.deliveryCount + 1;
    const first = Math.max(batch.firstOffset, runs.startOffset);
    return runs
      .between(first, batch.lastOffset)
      .filter(({ delivery }) => delivery.state !== 'acquired' || delivery.deliveryCount !== heldCount)
      .map(({ firstOffset, lastOffset }) => ({ ...batch, firstOffset, lastOffset }));
  }

  #held(isMeant: (delivery: Held) => boolean): (OffsetRange & { readonly delivery: Held })[] {
    return this.runs().flatMap(({ firstOffset, lastOffset, delivery }) =>
      delivery.state === 'acquired' && isMeant(delivery) ? [{ firstOffset, lastOffset, delivery }] : [],
    );
  }
}

type Held = Delivery & { readonly state: 'acquired' };
type OffsetRange = { readonly firstOffset: number; readonly lastOffset: number };

/** What an acknowledgement makes of a held record. */
function settled(type: number, { deliveryCount }: Delivery, maxDeliveryCount: number) {
  const isSpent = type === RELEASE && deliveryCount >= maxDeliveryCount;
  return { state: isSpent ? ('archived' as const) : SETTLED[type]!, deliveryCount };
}

/** Also what was never delivered. */
function available(runs: DeliveryRuns, firstOffset: number, lastOffset: number) {
  const first = Math.max(firstOffset, runs.startOffset);
  const found = runs.between(first, lastOffset).filter(({ delivery }) => delivery.state === 'available');
  const firstNew = Math.max(first, runs.endOffset);
  if (firstNew <= lastOffset) found.push({ firstOffset: firstNew, lastOffset, delivery: NEVER_DELIVERED });
  return found;
}

function archive(runs: DeliveryRuns, firstOffset: number, lastOffset: number, changes: StateBatch[]): void {
  for (const free of available(runs, firstOffset, lastOffset)) {
    const { deliveryCount } = free.delivery;
    addChange(changes, { ...free, state: 'archived', deliveryCount });
    runs.set(free.firstOffset, free.lastOffset, { state: 'archived', deliveryCount });
  }
}

function addChange(changes: StateBatch[], change: StateBatch): void {
  const { firstOffset, lastOffset, state, deliveryCount } = change;
  const last = changes.at(-1);
  const continues =
    last?.lastOffset === firstOffset - 1 && last.state === state && last.deliveryCount === deliveryCount;
  if (continues) changes[changes.length - 1] = { ...last, lastOffset };
  else changes.push({ firstOffset, lastOffset, state, deliveryCount });
}

/** What was never delivered, or is being delivered for the first time, needs no words. */
function durableBatches(runs: DeliveryRuns): StateBatch[] {
  const batches: StateBatch[] = [];
  for (const { firstOffset, lastOffset, delivery } of runs.all()) {
    const isHeld = delivery.state === 'acquired';
    const deliveryCount = isHeld ? delivery.deliveryCount - 1 : delivery.deliveryCount;
    const state = isHeld ? 'available' : delivery.state;
    if (state === 'available' && deliveryCount === 0) continue;
    addChange(batches, { firstOffset, lastOffset, state, deliveryCount });
  }
  return batches;
}
