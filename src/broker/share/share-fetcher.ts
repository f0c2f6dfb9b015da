import { Deferred } from '../../base/async.ts';
import type { ByteRun } from '../../base/buffers.ts';
import type { Clock } from '../../base/clock.ts';
import { LogError } from '../../log/log-error.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { missingLogError } from '../apis/shared.ts';
import type { TopicRegistry } from '../topic-registry.ts';
import type { AcquiredRange } from './acquired-ranges.ts';
import { acquiredBytes, readBatches } from './fetched-batches.ts';
import type { ShareCoordinator } from './share-coordinator.ts';
import type { ShareKey } from './share-entries.ts';
import type { SharePlace } from './share-sessions.ts';
import { placeKey } from './share-sessions.ts';
import type { ShareFetchConfig, ShareReset } from './share-settings.ts';

export interface ShareFetch {
  readonly groupId: string;
  readonly memberId: string;
  readonly places: readonly SharePlace[];
  readonly maxWaitMs: number;
  readonly minBytes: number;
  /** Now, given what other clients have not yet taken. */
  readonly maxBytes: () => number;
  readonly maxRecords: number;
  readonly batchSize: number;
  readonly config: ShareFetchConfig;
  readonly ended: AbortSignal;
}

/** What a fetch brought of one partition; partitions that brought nothing are left out. */
export interface ShareFetched {
  readonly place: SharePlace;
  readonly error: ErrorName;
  readonly ranges: readonly AcquiredRange[];
  readonly records: ByteRun;
}

/** A partition that may be read now, and from where. */
interface Readable {
  readonly place: SharePlace;
  readonly key: ShareKey;
  readonly log: PartitionLog;
  readonly fetchOffset: number;
  readonly availableBytes: number;
}

/**
 * Fetches for members of share groups.
 *
 * ```
 *  which have something? ──no──> wait for an append, a release or the end of a hold ──┐
 *        ^       │ yes                                                                 │
 *        │       └──> read from the log ──> acquire ──> answer                         │
 *        └─────────────────────────────────────────────────────────────────────────────┘
 * ```
 * Only one fetch at a time reads a share partition: of two that read the same, one would have read for nothing.
 */
export class ShareFetcher {
  readonly #states: ShareCoordinator;
  readonly #topics: TopicRegistry;
  readonly #clock: Clock;
  readonly #isShared: (key: ShareKey) => boolean;
  /** By share partition: who reads it now, and who wants to know when that is over. */
  readonly #reading = new Map<string, Set<() => void>>();

  constructor(deps: {
    readonly states: ShareCoordinator;
    readonly topics: TopicRegistry;
    readonly clock: Clock;
    /** Whether the group has the partition: a member that was forgotten must not begin to read it again. */
    readonly isShared: (key: ShareKey) => boolean;
  }) {
    this.#states = deps.states;
    this.#topics = deps.topics;
    this.#clock = deps.clock;
    this.#isShared = deps.isShared;
  }

  async fetch(request: ShareFetch): Promise<readonly ShareFetched[]> {
    const untilMs = this.#clock.monotonicMs() + request.maxWaitMs;
    for (;;) {
      const woken = this.#listen(request);
      try {
        const isLast = this.#clock.monotonicMs() >= untilMs || request.ended.aborted;
        const found = await this.#attempt(request, isLast ? 0 : request.minBytes);
        if (found.length > 0 || isLast) return found;
        await this.#wait(woken.promise, untilMs - this.#clock.monotonicMs(), request.ended);
      } finally {
        woken.stop();
      }
    }
  }

  /** What there is, if it is enough. */
  async #attempt(request: ShareFetch, minBytes: number): Promise<ShareFetched[]> {
    const results: ShareFetched[] = [];
    const readable: Readable[] = [];
    for (const place of request.places) {
      const found = await this.#look(request, place);
      if (typeof found === 'string') results.push({ place, error: found, ranges: [], records: NO_BYTES });
      else if (found !== undefined) readable.push(found);
    }
    const totalBytes = readable.reduce((sum, { availableBytes }) => sum + availableBytes, 0);
    const maxBytes = request.maxBytes();
    if (results.length === 0 && totalBytes < Math.min(minBytes, maxBytes)) return results;
    let leftRecords = request.maxRecords;
    let leftBytes = maxBytes;
    // Kafka divides the bytes evenly, so that the first partition does not take all.
    const shareBytes = Math.max(1, Math.floor(maxBytes / Math.max(1, readable.length)));
    for (const target of readable) {
      if (leftRecords <= 0 || leftBytes <= 0) break;
      const got = await this.#readOne(request, target, shareBytes, leftRecords);
      if (got === undefined) continue;
      leftBytes -= got.records.length;
      for (const { firstOffset, lastOffset } of got.ranges) leftRecords -= lastOffset - firstOffset + 1;
      results.push(got);
    }
    return results;
  }

  /** An error the member must hear of, or undefined when there is nothing to read at the moment. */
  async #look({ groupId, config }: ShareFetch, place: SharePlace): Promise<Readable | ErrorName | undefined> {
    const topic = this.#topics.findById(place.topicId);
    if (topic === undefined) return 'UNKNOWN_TOPIC_ID';
    const log = this.#topics.partitionLog(topic.name, place.partition);
    if (log === undefined) return missingLogError(this.#topics, topic.name, place.partition);
    const key = { groupId, ...place };
    if ((this.#states.find(key)?.startOffset ?? -1) < 0) {
      if (!this.#isShared(key)) return 'UNKNOWN_TOPIC_OR_PARTITION';
      await this.#begin(key, log, config.reset);
    }
    const next = this.#states.find(key)?.nextFetchOffset(config.maxRecordLocks);
    if (next === undefined || this.#reading.has(readingKey(key))) return undefined;
    const fetchOffset = Math.max(next, log.logStartOffset);
    const availableBytes = log.bytesAvailable(fetchOffset, config.isolation);
    return availableBytes > 0 ? { place, key, log, fetchOffset, availableBytes } : undefined;
  }

  /** Decided once and written down: a restart must not skip what came between. */
  async #begin(key: ShareKey, log: PartitionLog, reset: ShareReset): Promise<void> {
    const startOffset = await startOffsetOf(log, reset, this.#clock.nowMs());
    await this.#states.call('begin', { key, startOffset, leaderEpoch: log.leaderEpoch });
  }

  async #readOne(
    request: ShareFetch,
    { place, key, log, fetchOffset }: Readable,
    maxBytes: number,
    maxRecords: number,
  ): Promise<ShareFetched | undefined> {
    const name = readingKey(key);
    if (this.#reading.has(name)) return undefined;
    const waiters = new Set<() => void>();
    this.#reading.set(name, waiters);
    try {
      const { config } = request;
      const read = await log.read(fetchOffset, { maxBytes, isolation: config.isolation });
      const batches = readBatches(read);
      const { ranges } = await this.#states.call('acquire', {
        ...{ key, memberId: request.memberId, fetchOffset, maxRecords, batches },
        logStartOffset: log.logStartOffset,
        batchSize: request.batchSize,
        maxRecordLocks: config.maxRecordLocks,
        lockMs: config.lockMs,
        nextOffset: read.nextOffset,
      });
      if (ranges.length === 0) return undefined;
      // Nobody is left to be told: the session's end came before these were its member's.
      if (request.ended.aborted) {
        await this.#states.call('release', { key, memberId: request.memberId });
        return undefined;
      }
      return { place, error: 'NONE', ranges, records: acquiredBytes(batches, ranges) };
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      // Retention took it between the look and the read: the next look begins higher.
      if (error.code === 'OFFSET_OUT_OF_RANGE') return undefined;
      return { place, error: error.code, ranges: [], records: NO_BYTES };
    } finally {
      this.#reading.delete(name);
      for (const wake of waiters) wake();
    }
  }

  /** From before the look on, so that nothing that happens meanwhile is missed. */
  #listen({ groupId, places }: ShareFetch) {
    const woken = new Deferred();
    const wake = () => woken.resolve();
    const stops: (() => void)[] = [];
    for (const place of places) {
      const key = { groupId, ...place };
      stops.push(this.#states.watch(key, wake));
      const topic = this.#topics.findById(place.topicId);
      const log = topic && this.#topics.partitionLog(topic.name, place.partition);
      if (log !== undefined) stops.push(log.onAdvance(wake));
      const reading = this.#reading.get(readingKey(key));
      reading?.add(wake);
      if (reading !== undefined) stops.push(() => reading.delete(wake));
    }
    return {
      promise: woken.promise,
      stop: () => {
        for (const stop of stops) stop();
      },
    };
  }

  async #wait(woken: Promise<void>, waitMs: number, ended: AbortSignal): Promise<void> {
    const over = new Deferred();
    const giveUp = () => over.resolve();
    const timer = this.#clock.after(Math.max(0, waitMs), giveUp);
    ended.addEventListener('abort', giveUp);
    await Promise.race([woken, over.promise]);
    ended.removeEventListener('abort', giveUp);
    timer.cancel();
  }
}

const NO_BYTES: ByteRun = { length: 0, pieces: [] };

function readingKey({ groupId, ...place }: ShareKey): string {
  return `${placeKey(place)}:${groupId}`;
}

async function startOffsetOf(log: PartitionLog, reset: ShareReset, nowMs: number): Promise<number> {
  if (reset === 'earliest') return log.logStartOffset;
  if (reset === 'latest') return log.highWatermark;
  const found = await log.findTimestamp(nowMs - reset.agoMs, 'read_uncommitted');
  return found?.offset ?? log.highWatermark;
}
