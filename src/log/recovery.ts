import { batchBaseOffset, batchLastOffset } from '../record/batch.ts';
import type { AbortedCrcs } from './checkpoint.ts';
import { recoverSwaps } from './cleaner/swap.ts';
import { DELETED_SUFFIX, offsetInName, segmentFileName } from './file-names.ts';
import { MAX_GROUP_BYTES } from './group-commit.ts';
import { type EpochEntry, LeaderEpochs } from './leader-epochs.ts';
import type { LogConfig } from './log-config.ts';
import { LogError } from './log-error.ts';
import { emptyState, type LogEnvironment, type PartitionState, readProducers } from './partition-state.ts';
import { encodeProducerSnapshot } from './producer-snapshot.ts';
import { ProducerStates } from './producer-state.ts';
import { type ReplayTarget, replayBatch } from './replay.ts';
import { findIntactBatch, type ScanEnd } from './scan.ts';
import { emptySummary, Segment } from './segment.ts';
import { scanStart } from './segment-read.ts';
import { adoptTimes } from './time-lookup.ts';
import { replaceWholeFile } from './whole-file.ts';

/** What is known of a partition that was not stopped cleanly. */
export interface RecoveryStart {
  /** Undefined without a checkpoint: then it is where the first segment begins. */
  readonly logStartOffset: number | undefined;
  readonly recoveryPoint: number;
  readonly epochs: readonly EpochEntry[];
  readonly aborted: AbortedCrcs;
  /** The log was compacted once, whatever its configuration says now. */
  readonly hasGaps?: boolean;
  /** At least this much was acknowledged; at or above the recovery point. */
  readonly durableOffset: number;
}

/**
 * Opens a partition after a crash: reads every batch from the segment that holds the recovery point on, rebuilds
 * indexes, producers and epochs from them, and cuts a torn tail.
 *
 *   | sealed, synced at roll | scanned: CRC, offsets | torn? |
 *                            ^ segment of the recovery point
 *
 * Only what one commit group can have lost is a torn tail. Anything else that is damaged was acknowledged once:
 * the partition does not open, and the error names file and position.
 */
export async function recoverPartition(
  environment: LogEnvironment,
  folder: string,
  start: RecoveryStart,
  config: LogConfig,
): Promise<PartitionState> {
  const recovery = new Recovery(environment, folder, start, config);
  return await recovery.run();
}

class Recovery {
  readonly #environment: LogEnvironment;
  readonly #folder: string;
  readonly #start: RecoveryStart;
  readonly #config: LogConfig;
  readonly #target: ReplayTarget;
  #producers = new ProducerStates();
  #nextOffset = 0;

  constructor(environment: LogEnvironment, folder: string, start: RecoveryStart, config: LogConfig) {
    this.#environment = environment;
    this.#folder = folder;
    this.#start = start;
    this.#config = config;
    const producers = () => this.#producers;
    this.#target = {
      epochs: new LeaderEpochs(start.epochs),
      get producers() {
        return producers();
      },
      indexIntervalBytes: config.indexIntervalBytes,
      isSparse: config.cleanupPolicy.has('compact') || start.hasGaps === true,
      nowMs: environment.clock.nowMs(),
    };
  }

  async run(): Promise<PartitionState> {
    const { fs } = this.#environment.files;
    await recoverSwaps(this.#environment.files, this.#folder);
    const bases = await this.#sweep(await fs.list(this.#folder));
    if (bases.length === 0) {
      if (this.#start.durableOffset === 0) return emptyState();
      throw this.#refusal(
        `${this.#folder} has no segments, but held offsets up to ${this.#start.durableOffset}`,
      );
    }
    const segments = bases.map((base) => this.#segment(base));
    this.#checkFirst(segments[0]!);
    const firstScanned = await this.#firstToScan(segments);
    for (const [i, segment] of segments.slice(0, firstScanned).entries()) {
      await this.#adopt(segment, segments[i + 1]!.baseOffset);
    }
    this.#target.epochs.cutFrom(segments[firstScanned]!.baseOffset);
    this.#nextOffset = segments[firstScanned]!.baseOffset;
    for (const segment of segments.slice(firstScanned)) {
      await this.#scan(segment, segment === segments.at(-1));
    }
    await this.#dropSnapshotsAbove(this.#nextOffset);
    // A killed process may have left names that only the page cache has.
    await fs.syncDirectory(this.#folder);
    await fs.syncDirectory(this.#folder.slice(0, this.#folder.lastIndexOf('/')));
    return {
      segments,
      logStartOffset: Math.max(this.#start.logStartOffset ?? 0, segments[0]!.baseOffset),
      endOffset: this.#nextOffset,
      epochs: this.#target.epochs,
      producers: this.#producers,
    };
  }

  /** Removes what an interrupted deletion or replacement left; returns the base offsets of the segments that count. */
  async #sweep(names: readonly string[]): Promise<number[]> {
    const { fs } = this.#environment.files;
    const bases = names.flatMap((name) => offsetInName(name, 'log') ?? []);
    const { logStartOffset = 0 } = this.#start;
    const live = bases.filter((_, i) => i === bases.length - 1 || bases[i + 1]! > logStartOffset);
    const kinds = ['log', 'index', 'timeindex', 'txnindex'] as const;
    for (const name of names) {
      const base = kinds.map((kind) => offsetInName(name, kind)).find((offset) => offset !== undefined);
      const isOrphan = base !== undefined && !live.includes(base);
      if (isOrphan || name.endsWith(DELETED_SUFFIX) || name.endsWith('.tmp'))
        await fs.remove(`${this.#folder}/${name}`);
    }
    return live;
  }

  /** The log start is durable before a segment below it goes. */
  #checkFirst(first: Segment): void {
    const { logStartOffset = first.baseOffset } = this.#start;
    if (first.baseOffset <= logStartOffset) return;
    throw this.#refusal(
      `offsets ${logStartOffset} to ${first.baseOffset - 1} before ${first.path} are missing`,
    );
  }

  #segment(baseOffset: number): Segment {
    const options = { fresh: false, nowMs: this.#target.nowMs };
    return new Segment(this.#environment, this.#folder, emptySummary(baseOffset), options);
  }

  /** The segment of the recovery point, or an earlier one when the producers are not known there. */
  async #firstToScan(segments: readonly Segment[]): Promise<number> {
    let first = Math.max(
      0,
      segments.findLastIndex((segment) => segment.baseOffset <= this.#start.recoveryPoint),
    );
    first = await this.#firstDamagedAborted(segments.slice(0, first));
    for (; first >= 0; first--) {
      const producers = await readProducers(this.#environment, this.#folder, segments[first]!.baseOffset);
      if (producers === undefined && first > 0) continue;
      this.#producers = producers ?? new ProducerStates();
      break;
    }
    return Math.max(0, first);
  }

  /** The scan that begins there writes the index of aborted transactions anew. */
  async #firstDamagedAborted(segments: readonly Segment[]): Promise<number> {
    const crcs = new Map(this.#start.aborted);
    for (const [i, segment] of segments.entries()) {
      const crc = crcs.get(segment.baseOffset);
      if (crc !== undefined && !(await segment.adoptAborted(crc))) return i;
    }
    return segments.length;
  }

  /** A segment below the recovery point was synced when it was sealed: only its last batches are looked at. */
  async #adopt(segment: Segment, nextBaseOffset: number): Promise<void> {
    const bytes = await this.#environment.files.use(segment.path, (handle) => handle.size());
    segment.bytes = bytes;
    segment.durableBytes = bytes;
    if (!(await segment.indexesAreWhole())) await segment.rebuildIndexes(this.#config.indexIntervalBytes);
    if (!(await adoptTimes(segment, this.#config.indexIntervalBytes))) {
      await segment.rebuildIndexes(this.#config.indexIntervalBytes);
      await segment.adoptTimes();
    }
    let endOffset = segment.baseOffset;
    const from = await scanStart(segment, nextBaseOffset - 1, this.#config.indexIntervalBytes);
    const end = await segment.scan({ from, to: bytes, checkCrc: false }, (buffer, at) => {
      endOffset = batchLastOffset(buffer, at) + 1;
      return undefined;
    });
    if (end.fault !== undefined) {
      throw this.#refusal(
        `${segment.path} is damaged at position ${end.position} (${end.fault}), below the recovery point`,
      );
    }
    if (endOffset !== nextBaseOffset && !this.#target.isSparse) {
      throw this.#refusal(`offsets ${endOffset} to ${nextBaseOffset - 1} after ${segment.path} are missing`);
    }
  }

  async #scan(segment: Segment, isLast: boolean): Promise<void> {
    const { files } = this.#environment;
    if (
      segment.baseOffset !== this.#nextOffset &&
      !(this.#target.isSparse && segment.baseOffset > this.#nextOffset)
    ) {
      const range = `${this.#nextOffset} to ${segment.baseOffset - 1}`;
      throw this.#refusal(`offsets ${range} before ${segment.path} are missing`);
    }
    this.#nextOffset = segment.baseOffset;
    await this.#keepSnapshot(segment.baseOffset);
    segment.reset();
    const fileBytes = await files.use(segment.path, (handle) => handle.size());
    const end = await segment.scan({ from: 0, to: fileBytes, checkCrc: true }, (buffer, at) => {
      const fault = replayBatch(this.#target, segment, buffer, at, this.#nextOffset);
      if (fault !== undefined) return { fault };
      this.#nextOffset = batchLastOffset(buffer, at) + 1;
      return undefined;
    });
    if (end.fault !== undefined) await this.#cut(segment, end, fileBytes, isLast);
    if (isLast && this.#nextOffset < this.#start.durableOffset) {
      const range = `${this.#nextOffset} to ${this.#start.durableOffset - 1}`;
      throw this.#refusal(
        `${segment.path} ends at position ${end.position}, but acknowledged offsets ${range} are missing`,
      );
    }
    // What was read may still lie in the page cache only.
    await files.use(segment.path, (handle) => handle.sync());
    segment.durableBytes = segment.bytes;
    if (isLast) return;
    segment.sealTimeIndex();
    await segment.sealAborted();
    await segment.flushIndexes({ sync: true });
  }

  async #cut(segment: Segment, end: ScanEnd, fileBytes: number, isLast: boolean): Promise<void> {
    const where = `${segment.path} is damaged at position ${end.position} (${end.fault}, offset ${this.#nextOffset})`;
    if (!isLast) throw this.#refusal(`${where}, but a later segment follows`);
    if (this.#nextOffset < this.#start.durableOffset) {
      throw this.#refusal(`${where}, below the acknowledged offset ${this.#start.durableOffset}`);
    }
    // What a power cut tears does not match its checksum. The CRC leaves out offset and epoch: one of them was changed.
    if (end.fault === 'WRONG_OFFSET' || end.fault === 'WRONG_LEADER_EPOCH')
      throw this.#refusal(`${where}, in a batch that is intact otherwise`);
    const { files, logger } = this.#environment;
    if (this.#config.durability === 'sync') {
      const intact = await this.#intactBeyondGroup(segment, end.position, fileBytes);
      if (intact !== undefined)
        throw this.#refusal(`${where}, but an intact batch follows at position ${intact}`);
    }
    await files.use(segment.path, (handle) => handle.truncate(end.position));
    logger.warn('cut the torn tail of a log', {
      file: segment.path,
      position: end.position,
      cutBytes: fileBytes - end.position,
      endOffset: this.#nextOffset,
      fault: end.fault,
    });
  }

  /** A batch that one lost group cannot have carried together with the damage. */
  async #intactBeyondGroup(
    segment: Segment,
    position: number,
    fileBytes: number,
  ): Promise<number | undefined> {
    const from = position + MAX_GROUP_BYTES;
    if (from >= fileBytes) return undefined;
    const nextOffset = this.#nextOffset;
    return await this.#environment.files.use(segment.path, (handle) =>
      findIntactBatch(handle, from, fileBytes, (buffer, at) => {
        const distance = batchBaseOffset(buffer, at) - nextOffset;
        return distance > 0 && distance < 2 ** 31;
      }),
    );
  }

  /** The next crash begins at this segment only if its snapshot is there. */
  async #keepSnapshot(baseOffset: number): Promise<void> {
    const known = await readProducers(this.#environment, this.#folder, baseOffset);
    if (known !== undefined || this.#producers.count === 0) return;
    const path = `${this.#folder}/${segmentFileName(baseOffset, 'snapshot')}`;
    const bytes = encodeProducerSnapshot([...this.#producers.entries]);
    await replaceWholeFile(this.#environment.files.fs, path, bytes, { sync: true });
  }

  /** They describe batches that were cut. */
  async #dropSnapshotsAbove(endOffset: number): Promise<void> {
    const { fs } = this.#environment.files;
    for (const name of await fs.list(this.#folder)) {
      const offset = offsetInName(name, 'snapshot');
      if (offset !== undefined && offset > endOffset) await fs.remove(`${this.#folder}/${name}`);
    }
  }

  #refusal(what: string): LogError {
    return new LogError(
      'KAFKA_STORAGE_ERROR',
      `${what}. The partition stays closed: restore its folder from a copy, or move it away to begin anew`,
    );
  }
}
