import type { Buffer } from 'node:buffer';
import {
  batchLastOffsetDelta,
  patchBaseOffset,
  patchLeaderEpoch,
  stampLogAppendTime,
} from '../record/batch.ts';
import { controlBatch } from '../record/batch-builder.ts';
import { checkAppend, compressedFor, producerBatch } from './batch-check.ts';
import type { CleanPartition, PartitionCheckpoint } from './checkpoint.ts';
import { PartitionCleaner } from './cleaner/partition-cleaner.ts';
import { type CommitGroup, GroupCommit } from './group-commit.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { LogConfig } from './log-config.ts';
import { LogError } from './log-error.ts';
import type {
  ActiveProducer,
  Appended,
  AppendOptions,
  Isolation,
  LogRead,
  OpenTransaction,
  ReadOptions,
  TimestampedOffset,
  TransactionMarker,
} from './log-types.ts';
import { PartitionFiles } from './partition-files.ts';
import { PartitionReader } from './partition-reader.ts';
import type { LogEnvironment, PartitionState } from './partition-state.ts';
import { encodeProducerSnapshot } from './producer-snapshot.ts';
import type { AppendedBatch, ProducerStates } from './producer-state.ts';
import { ReadGate } from './read-gate.ts';
import { countExpired } from './retention.ts';
import { Segment } from './segment.ts';
import { endsBefore } from './segment-end.ts';
import { type BatchPlace, SegmentList } from './segment-list.ts';
import { Tail, type TailCache } from './tail-cache.ts';

export interface PartitionOptions {
  readonly environment: LogEnvironment & { readonly tails: TailCache; readonly root: string };
  readonly topic: string;
  readonly partition: number;
  readonly folder: string;
  readonly config: LogConfig;
  readonly state: PartitionState;
  /** Opened from the checkpoint of a clean stop, so that nothing of it was looked at. */
  readonly isClean: boolean;
  /** Below it the log was compacted; undefined when it never was. */
  readonly firstDirtyOffset?: number | undefined;
  /** Writes the store's checkpoint; what this log holds then is durable when it resolves. */
  readonly persist: () => Promise<void>;
}

const RESOLVED = Promise.resolve();
/** Larger ones stay in their own file, which a clean start then reads. */
const MAX_INLINE_SNAPSHOT_BYTES = 4096;

/**
 * One partition: the rules of appending and what readers may see.
 *
 *   log start      last stable offset    high watermark       end offset
 *   |  decided         |  open transactions  |  being written      |
 *   |<-- read_committed -->|                 |
 *   |<----------- read_uncommitted --------->|
 *
 * Invariant: an offset is given out once and for ever; the high watermark is durable and never falls. After a failed
 * write or sync nobody knows what the disk holds, so nothing is appended until the partition is opened anew.
 */
export class PartitionLog {
  readonly topic: string;
  readonly partition: number;
  readonly leaderEpoch: number;
  readonly #environment: PartitionOptions['environment'];
  readonly #files: PartitionFiles;
  readonly #commit: GroupCommit;
  readonly #segments: SegmentList;
  readonly #epochs: LeaderEpochs;
  readonly #producers: ProducerStates;
  readonly #tail: Tail;
  readonly #cleaner: PartitionCleaner;
  readonly #reader: PartitionReader;
  readonly #persist: () => Promise<void>;
  readonly #listeners = new Set<() => void>();
  #config: LogConfig;
  #logStartOffset: number;
  #endOffset: number;
  #highWatermark: number;
  /** Survives a power cut; below the high watermark only under durability=os. */
  #syncedOffset: number;
  /** Monotonic: when the oldest bytes that are not synced were written; only under durability=os. */
  #unsyncedSinceMs: number | undefined;
  #abortedBelow = 0;
  #failure: LogError | undefined;
  /** Clients ask again and again: once is enough. */
  #unreadable: string | undefined;
  /** Something was appended, so that a clean stop has indexes and a snapshot to write. */
  #isDirty: boolean;

  constructor(options: PartitionOptions) {
    const { environment, state } = options;
    this.topic = options.topic;
    this.partition = options.partition;
    this.leaderEpoch = environment.leaderEpoch;
    this.#environment = environment;
    this.#config = options.config;
    this.#persist = options.persist;
    this.#segments = new SegmentList(state.segments);
    this.#epochs = state.epochs;
    this.#producers = state.producers;
    this.#logStartOffset = state.logStartOffset;
    this.#endOffset = state.endOffset;
    this.#highWatermark = state.endOffset;
    this.#syncedOffset = state.endOffset;
    this.#isDirty = !options.isClean;
    this.#tail = new Tail(environment.tails);
    const gate = new ReadGate();
    this.#reader = new PartitionReader(this, this.#segments, this.#tail, gate);
    this.#cleaner = new PartitionCleaner(this, {
      environment,
      folder: options.folder,
      segments: this.#segments,
      gate,
      lastBatches: () => this.#producers.lastBatches(),
      firstDirtyOffset: options.firstDirtyOffset,
      persist: options.persist,
      onFailure: (error) => this.#fail(error),
      onRewrite: () => this.#notify(),
    });
    this.#epochs.assign(this.leaderEpoch, state.endOffset);
    this.#files = new PartitionFiles({
      files: environment.files,
      root: environment.root,
      folder: options.folder,
      folderExists: state.segments.length > 0,
      active: options.isClean ? state.segments.at(-1) : undefined,
    });
    this.#commit = new GroupCommit({
      write: (group) => this.#files.writeGroup(group, this.#durabilityOf(group)),
      mayOverlap: () => this.#files.mayOverlap(this.#config.durability),
      onDurable: (group) => this.#advance(group),
      onFailure: (error) => this.#fail(error),
    });
  }

  get #name(): string {
    return `${this.topic}-${this.partition}`;
  }

  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** The next offset to be given out; what lies between the high watermark and here is not durable yet. */
  get endOffset(): number {
    return this.#endOffset;
  }

  get highWatermark(): number {
    return this.#highWatermark;
  }

  get lastStableOffset(): number {
    const unstable = this.#producers.firstUnstableOffset(this.#highWatermark) ?? this.#highWatermark;
    return Math.max(this.#logStartOffset, Math.min(unstable, this.#highWatermark));
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  get sizeBytes(): number {
    return this.#segments.bytes;
  }

  /** Survives a power cut: the high watermark, except under durability=os. */
  get syncedOffset(): number {
    return this.#syncedOffset;
  }

  /** Rises with each new segment. */
  get activeBaseOffset(): number {
    return this.#segments.all.findLast((segment) => segment.onDisk)?.baseOffset ?? 0;
  }

  /** Appended but not durable. */
  get dirtyBytes(): number {
    return this.#commit.dirtyBytes;
  }

  get rewrittenBelow(): number {
    return this.#cleaner.rewrittenBelow;
  }

  /** Grows when compaction is about to give files of this log other content. */
  get rewrites(): number {
    return this.#cleaner.rewrites;
  }

  /** Behind the last transaction that was aborted here, as far as it is known: see {@link findAborted}. */
  get abortedBelow(): number {
    return this.#abortedBelow;
  }

  get config(): LogConfig {
    return this.#config;
  }

  updateConfig(config: LogConfig): void {
    this.#config = config;
  }

  /** Takes the batch over: its buffer is patched, written and served to readers, and must not change any more. */
  append(sent: Buffer, options: AppendOptions): Appended {
    if (this.#failure !== undefined) throw this.#failure;
    const nowMs = this.#environment.clock.nowMs();
    checkAppend(sent, this.#config, nowMs, options.origin);
    const batch = compressedFor(this.#config, sent);
    const produced = producerBatch(batch, 0);
    const original = produced && this.#producers.check(produced, options.beginsAtZero);
    if (original !== undefined) return this.#duplicateOf(original);
    const stamps = this.#config.messageTimestampType === 'LogAppendTime';
    if (stamps) stampLogAppendTime(batch, 0, nowMs);
    const baseOffset = this.#endOffset;
    const durable = this.#enter(batch, nowMs);
    if (produced !== undefined) {
      const maxTimestampMs = stamps ? nowMs : produced.maxTimestampMs;
      this.#producers.append({ ...produced, maxTimestampMs }, baseOffset, nowMs);
    }
    const lastOffset = this.#endOffset - 1;
    return { baseOffset, lastOffset, logAppendTimeMs: stamps ? nowMs : -1, duplicate: false, durable };
  }

  /** Ends the producer's transaction in this partition, also when it wrote nothing here. */
  appendMarker(marker: TransactionMarker): Appended {
    const problem = this.markerProblem(marker);
    if (problem !== undefined) throw problem;
    const nowMs = this.#environment.clock.nowMs();
    const offset = this.#endOffset;
    const durable = this.#enter(controlBatch({ ...marker, timestampMs: nowMs }), nowMs);
    const completed = this.#producers.complete(marker, offset, nowMs);
    if (completed?.aborted) {
      this.#segments.last!.enterAborted(completed);
      this.#abortedBelow = offset + 1;
    }
    return { baseOffset: offset, lastOffset: offset, logAppendTimeMs: -1, duplicate: false, durable };
  }

  /** Why `appendMarker` would throw. */
  markerProblem(marker: TransactionMarker): LogError | undefined {
    return this.#failure ?? this.#producers.markerProblem(marker);
  }

  /** For readers that open the files themselves: where the batch of `offset` is, or one shortly before it. */
  locate(offset: number): Promise<BatchPlace | undefined> {
    return this.#reader.locate(offset);
  }

  /** Behind all aborted transactions of now; those to come move {@link abortedBelow}. */
  async findAborted(): Promise<void> {
    const found = await this.#reader.abortedBelow();
    this.#abortedBelow = Math.max(this.#abortedBelow, found);
  }

  /** Whole batches, from the one that holds `offset` on; empty at the limit. */
  read(offset: number, options: ReadOptions): Promise<LogRead> {
    return this.#reader.read(offset, options);
  }

  /** About how much a read from `offset` could return, without looking: for a fetch's minimum. */
  bytesAvailable(offset: number, isolation: Isolation): number {
    return this.#reader.bytesAvailable(offset, isolation);
  }

  /** The first record, in the order of offsets, with at least this timestamp. */
  findTimestamp(targetMs: number, isolation: Isolation): Promise<TimestampedOffset | undefined> {
    return this.#reader.findTimestamp(targetMs, isolation);
  }

  /** The first record with the largest timestamp of all. */
  async maxTimestamp(): Promise<TimestampedOffset | undefined> {
    // Segments know the largest timestamp of everything entered, durable or not.
    const newest = this.#segments.newest(this.#logStartOffset);
    await this.#commit.settled();
    return newest && (await this.#reader.recordOf(newest));
  }

  /** That of the log start. */
  get earliestEpoch(): number {
    return this.#epochs.entries[0]?.epoch ?? this.leaderEpoch;
  }

  epochEnd(epoch: number): { leaderEpoch: number; endOffset: number } {
    return this.#epochs.end(epoch, this.#highWatermark);
  }

  openTransactions(): OpenTransaction[] {
    return this.#producers.openTransactions();
  }

  producers(): ActiveProducer[] {
    return this.#producers.active();
  }

  /** Calls back when a watermark or the log start moved, files are rewritten, or the log failed or was deleted. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** DeleteRecords: nothing below `offset` is ever read again once this resolves. */
  async deleteRecordsBefore(offset: number): Promise<void> {
    if (offset > this.#highWatermark || offset < 0) throw this.#reader.outOfRange(offset);
    if (offset <= this.#logStartOffset) return;
    // The end of the log must not be lost while its start survives. A segment that has just begun has no file yet.
    const written = this.#segments.all.findLast((segment) => segment.onDisk);
    if (written !== undefined) await this.#sync(written);
    this.#moveLogStart(offset);
    await this.#persist();
    await this.removeDeletedSegments();
  }

  /** Moves the log start over what retention no longer keeps; the files go with {@link removeDeletedSegments}. */
  async applyRetention(): Promise<void> {
    const nowMs = this.#environment.clock.nowMs();
    const { producerExpirationMs } = this.#environment;
    this.#producers.expire(nowMs - producerExpirationMs);
    if (this.#failure !== undefined || !this.#config.cleanupPolicy.has('delete')) return;
    const expired = countExpired(this.#segments.all, this.#config, nowMs);
    if (expired === 0) return;
    const firstKept = this.#segments.all[expired] ?? this.#roll(nowMs);
    // The end offset lives in the name of the last segment: its successor must exist before it goes.
    await this.#commit.settled();
    if (firstKept.onDisk) this.#moveLogStart(firstKept.baseOffset);
  }

  /** The share of bytes not compacted yet, of a log that should be compacted now. */
  dirtyShare(): number | undefined {
    return this.#cleaner.dueShare(this.#environment.clock.nowMs());
  }

  /** Keeps of each key the last record; see cleaner/. */
  async compact(dedupeBytes: number): Promise<void> {
    await this.#cleaner.run({ nowMs: this.#environment.clock.nowMs(), dedupeBytes });
  }

  /** Removes the segments that lie wholly below the log start, which must be durable. */
  async removeDeletedSegments(): Promise<void> {
    if (this.#segments.hasBelow(this.#logStartOffset)) await this.#cleaner.stop();
    for (const segment of this.#segments.takeBelow(this.#logStartOffset)) await segment.delete();
    if (this.#files.folderExists) await this.#files.removeSnapshots(this.#segments.all, this.#endOffset);
  }

  /** What recovery may rely on from now. */
  checkpoint(): PartitionCheckpoint {
    return this.#entry(this.#syncedOffset);
  }

  /** In the background: keeps the memory of the active indexes small. */
  async flushIndexes(): Promise<void> {
    const active = this.#segments.last;
    if (active?.onDisk && this.#failure === undefined) await active.flushIndexes({ sync: false });
  }

  /** Under durability=os: what was written waits for a sync longer than flush.ms allows. */
  get isFlushDue(): boolean {
    const { clock } = this.#environment;
    return (
      this.#unsyncedSinceMs !== undefined &&
      clock.monotonicMs() - this.#unsyncedSinceMs >= this.#config.flushMs
    );
  }

  /** What has been written survives a power cut when this resolves. */
  async flush(): Promise<void> {
    const written = this.#segments.all.findLast((segment) => segment.onDisk);
    if (written === undefined || this.#failure !== undefined) return;
    await this.#sync(written).catch((error: unknown) => this.#fail(error as Error));
  }

  /** Writes what a clean start wants to find, once everything appended is durable. */
  async close(): Promise<PartitionCheckpoint> {
    const hadFailed = this.#failure !== undefined;
    this.#failure ??= new LogError('KAFKA_STORAGE_ERROR', `${this.#name} is closed`);
    await this.#cleaner.stop();
    await this.#commit.idle();
    const active = this.#segments.last;
    if (hadFailed || this.#commit.failure !== undefined) {
      return this.#entry(this.#syncedOffset);
    }
    const snapshot = this.#snapshot();
    const isInline = snapshot.length <= MAX_INLINE_SNAPSHOT_BYTES;
    if (active !== undefined && this.#isDirty) {
      await this.#sync(active);
      // Thousands of small partitions must stop in time: what the checkpoint says of them is enough.
      if (!isInline || !active.needsNoIndex) await this.#writeForStart(active, snapshot);
    }
    const clean: CleanPartition = {
      endOffset: this.#endOffset,
      segments: this.#segments.all.map((segment) => segment.summary),
      ...(isInline && { producers: snapshot.toString('base64') }),
    };
    return { ...this.#entry(this.#endOffset), clean };
  }

  async #writeForStart(active: Segment, snapshot: Buffer): Promise<void> {
    active.sealTimeIndex();
    await active.sealAborted();
    await active.flushIndexes({ sync: true });
    await this.#files.writeSnapshot(this.#endOffset, snapshot);
    await this.#files.writeEpochs(this.#epochs.toCheckpointText());
    await this.#files.removeSnapshots(this.#segments.all, this.#endOffset);
    await this.#files.syncFolder();
  }

  /** The topic is gone: appends and reads fail from now on, and no file is open any more. */
  async retire(): Promise<void> {
    this.#failure = new LogError('UNKNOWN_TOPIC_OR_PARTITION', `${this.#name} was deleted`);
    this.#notify();
    await this.#cleaner.stop();
    await this.#commit.idle();
    await this.#files.forget(this.#segments.all);
  }

  #enter(batch: Buffer, nowMs: number): Promise<void> {
    const baseOffset = this.#endOffset;
    const endOffset = baseOffset + batchLastOffsetDelta(batch, 0) + 1;
    const segment = this.#segmentFor(batch, endOffset - 1, nowMs);
    patchBaseOffset(batch, 0, baseOffset);
    patchLeaderEpoch(batch, 0, this.leaderEpoch);
    const position = segment.bytes;
    segment.enter(batch, 0, this.#config.indexIntervalBytes);
    this.#endOffset = endOffset;
    this.#isDirty = true;
    this.#environment.buffers.keep(batch);
    this.#tail.push(batch);
    return this.#commit.add(segment, position, batch, endOffset);
  }

  #segmentFor(batch: Buffer, lastOffset: number, nowMs: number): Segment {
    const active = this.#segments.last;
    if (active === undefined) return this.#roll(nowMs);
    if (active.bytes === 0) return active;
    const ends = endsBefore(active, { batch, lastOffset, nowMs }, this.#config, this.#name);
    return ends ? this.#roll(nowMs) : active;
  }

  /** Begins the next segment in memory; the write queue closes the one before and makes the file. */
  #roll(nowMs: number): Segment {
    const previous = this.#segments.last;
    const offset = this.#endOffset;
    const next = Segment.create(this.#environment, this.#files.folder, offset, nowMs);
    this.#segments.push(next);
    this.#isDirty = true;
    let seal: (() => Promise<void>) | undefined;
    if (previous !== undefined) {
      previous.sealTimeIndex();
      const snapshot = { offset, bytes: this.#snapshot() };
      seal = () => this.#files.seal(previous, snapshot, this.#epochs.toCheckpointText());
    }
    this.#commit.begin(next, 0, offset, seal);
    return next;
  }

  #durabilityOf(group: CommitGroup): LogConfig['durability'] {
    const { durability, flushMessages } = this.#config;
    return group.endOffset - this.#syncedOffset >= flushMessages ? 'sync' : durability;
  }

  #duplicateOf(original: AppendedBatch): Appended {
    const stamped = this.#config.messageTimestampType === 'LogAppendTime';
    const isDurable = original.lastOffset < this.#highWatermark;
    const durable = isDurable ? RESOLVED : this.#commit.durableAt(original.lastOffset + 1);
    // A producer that wants no acknowledgement does not look at it.
    durable.catch(() => undefined);
    return {
      baseOffset: original.baseOffset,
      lastOffset: original.lastOffset,
      logAppendTimeMs: stamped ? original.timestampMs : -1,
      duplicate: true,
      durable,
    };
  }

  #moveLogStart(offset: number): void {
    if (offset <= this.#logStartOffset) return;
    this.#logStartOffset = offset;
    this.#epochs.dropBelow(offset);
    this.#notify();
  }

  async #sync(active: Segment): Promise<void> {
    const highWatermark = this.#highWatermark;
    if (this.#syncedOffset >= highWatermark) return;
    await this.#files.syncLog(active);
    this.#syncedOffset = Math.max(this.#syncedOffset, highWatermark);
    if (this.#syncedOffset >= this.#highWatermark) this.#unsyncedSinceMs = undefined;
  }

  #advance(group: CommitGroup): void {
    group.segment.durableBytes = group.position + group.bytes;
    if (group.reached === 'sync') {
      this.#syncedOffset = group.endOffset;
      this.#unsyncedSinceMs = undefined;
    } else this.#unsyncedSinceMs ??= this.#environment.clock.monotonicMs();
    this.#highWatermark = group.endOffset;
    for (const batch of group.batches) this.#environment.buffers.giveBack(batch);
    this.#notify();
  }

  noteUnreadable({ message }: LogError): void {
    if (this.#unreadable === message) return;
    this.#unreadable = message;
    const remedy =
      "if its files are gone or damaged: stop the server and restore the partition's folder from a copy";
    this.#environment.logger.error('records of a partition cannot be read', {
      topic: this.topic,
      partition: this.partition,
      error: message,
      remedy,
    });
  }

  #fail(error: Error): LogError {
    const failure =
      error instanceof LogError
        ? error
        : new LogError('KAFKA_STORAGE_ERROR', `${this.#name} is closed for writing after ${error.message}`, {
            cause: error,
          });
    this.#failure ??= failure;
    this.#environment.logger.error('a partition failed and takes no more records', {
      topic: this.topic,
      partition: this.partition,
      endOffset: this.#highWatermark,
      error: error.message,
    });
    this.#notify();
    return failure;
  }

  #notify(): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener();
      } catch (error) {
        // A reader's bug must not look like a failed write.
        this.#environment.logger.error('a log listener failed', { topic: this.topic, error: String(error) });
      }
    }
  }

  #snapshot(): Buffer {
    return encodeProducerSnapshot([...this.#producers.entries]);
  }

  #entry(recoveryPoint: number): PartitionCheckpoint {
    const { topic, partition } = this;
    const epochs = this.#epochs.entries;
    const aborted = this.#segments.all.flatMap(({ baseOffset, abortedCrc }) =>
      abortedCrc === undefined ? [] : [[baseOffset, abortedCrc] as const],
    );
    const { firstDirtyOffset } = this.#cleaner;
    return {
      topic,
      partition,
      logStartOffset: this.#logStartOffset,
      recoveryPoint,
      epochs,
      aborted,
      ...(firstDirtyOffset !== undefined && { firstDirtyOffset }),
    };
  }
}
