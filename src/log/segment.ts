import type { Buffer } from 'node:buffer';
import type { BufferPool } from '../base/buffer-pool.ts';
import {
  batchBaseTimestamp,
  batchHasDeleteHorizon,
  batchLastOffset,
  batchMaxTimestamp,
  batchRecordCount,
  batchTotalBytes,
} from '../record/batch.ts';
import { crc32c } from '../record/crc32c.ts';
import { DELETED_SUFFIX, segmentFileName } from './file-names.ts';
import {
  ABORTED_ENTRY_BYTES,
  type AbortedEntry,
  decodeAbortedEntry,
  decodeOffsetEntry,
  decodeTimeEntry,
  encodeAbortedEntry,
  encodeOffsetEntry,
  encodeTimeEntry,
  OFFSET_ENTRY_BYTES,
  TIME_ENTRY_BYTES,
} from './index-entries.ts';
import { type IndexCache, IndexFile } from './index-file.ts';
import type { OpenFiles } from './open-files.ts';
import { type ScanEnd, scanBatches } from './scan.ts';

/** What all segments of a store share. */
export interface SegmentEnvironment {
  readonly files: OpenFiles;
  readonly cache: IndexCache;
  /** For what is read to be handed on. */
  readonly buffers: BufferPool;
}

/** Read at once, whatever is looked for in it. */
const SMALL_BYTES = 4096;

/** What a segment must remember over a clean stop, so that nothing needs to be opened at the next start. */
export interface SegmentSummary {
  readonly baseOffset: number;
  readonly bytes: number;
  readonly maxTimestampMs: number;
  /** Last offset of the batch with the largest timestamp. */
  readonly maxTimestampOffset: number;
  /** -1 for an empty segment or one without timestamps. */
  readonly firstTimestampMs: number;
}

/** A batch of this largest timestamp ends at this offset. */
export interface TimeMark {
  readonly timestampMs: number;
  readonly offset: number;
}

/** Where to begin looking for an offset, and the last offset of the batch that must begin there. */
export interface StartPosition {
  readonly position: number;
  readonly lastOffset: number | undefined;
}

/**
 * A file of batches and its three indexes. Batches enter in the order of their offsets, first here (in memory) and
 * then in the file: `bytes` counts everything entered, `durableBytes` what may be read.
 *
 *   enter() ──> offset index, one entry about every indexIntervalBytes
 *          ├──> time index, when the largest timestamp grew
 *          └──> aborted index, at an abort marker
 */
export class Segment {
  readonly baseOffset: number;
  readonly folder: string;
  readonly path: string;
  readonly #environment: SegmentEnvironment;
  readonly #offsets: IndexFile;
  readonly #times: IndexFile;
  readonly #aborted: IndexFile;
  /** Wall time at which this process began the segment; for rolling when batches carry no timestamps. */
  readonly createdMs: number;
  bytes: number;
  durableBytes: number;
  maxTimestampMs: number;
  maxTimestampOffset: number;
  firstTimestampMs: number;
  /** Whether the file exists; a new segment becomes one with its first flush. */
  onDisk: boolean;
  /** CRC-32C of the aborted index of a sealed or closed segment, undefined while it is empty or may grow. */
  abortedCrc: number | undefined;
  #bytesSinceEntry = 0;
  #indexedTimestampMs: number;
  #rebuilding: Promise<void> | undefined;

  constructor(
    environment: SegmentEnvironment,
    folder: string,
    summary: SegmentSummary,
    options: { readonly fresh: boolean; readonly nowMs: number; readonly suffix?: string },
  ) {
    this.#environment = environment;
    this.folder = folder;
    this.baseOffset = summary.baseOffset;
    const suffix = options.suffix ?? '';
    this.path = `${folder}/${segmentFileName(summary.baseOffset, 'log')}${suffix}`;
    this.bytes = summary.bytes;
    this.durableBytes = summary.bytes;
    this.maxTimestampMs = summary.maxTimestampMs;
    this.maxTimestampOffset = summary.maxTimestampOffset;
    this.firstTimestampMs = summary.firstTimestampMs;
    // The time index of a small one may have been left out (`needsNoIndex`); one entry too many does no harm.
    this.#indexedTimestampMs = summary.bytes <= SMALL_BYTES ? -1 : summary.maxTimestampMs;
    this.createdMs = options.nowMs;
    this.onDisk = !options.fresh;
    const index = (kind: 'index' | 'timeindex' | 'txnindex', entryBytes: number) =>
      new IndexFile(environment, {
        path: `${folder}/${segmentFileName(summary.baseOffset, kind)}${suffix}`,
        entryBytes,
        fresh: options.fresh,
      });
    this.#offsets = index('index', OFFSET_ENTRY_BYTES);
    this.#times = index('timeindex', TIME_ENTRY_BYTES);
    this.#aborted = index('txnindex', ABORTED_ENTRY_BYTES);
  }

  static create(environment: SegmentEnvironment, folder: string, baseOffset: number, nowMs: number): Segment {
    return new Segment(environment, folder, emptySummary(baseOffset), { fresh: true, nowMs });
  }

  get summary(): SegmentSummary {
    const { baseOffset, bytes, maxTimestampMs, maxTimestampOffset, firstTimestampMs } = this;
    return { baseOffset, bytes, maxTimestampMs, maxTimestampOffset, firstTimestampMs };
  }

  /** Notes the batch at `at` of `buffer` as the next one of the file. */
  enter(buffer: Buffer, at: number, indexIntervalBytes: number): void {
    const lastOffset = batchLastOffset(buffer, at);
    const totalBytes = batchTotalBytes(buffer, at);
    // A batch that compaction has emptied keeps its time, but there is no record of that time to be found.
    const maxTimestampMs = batchRecordCount(buffer, at) > 0 ? batchMaxTimestamp(buffer, at) : -1;
    if (this.bytes === 0) this.firstTimestampMs = firstTimestamp(buffer, at);
    if (maxTimestampMs > this.maxTimestampMs) {
      this.maxTimestampMs = maxTimestampMs;
      this.maxTimestampOffset = lastOffset;
    }
    if (this.#bytesSinceEntry > indexIntervalBytes) {
      const relativeOffset = lastOffset - this.baseOffset;
      this.#offsets.append(encodeOffsetEntry({ relativeOffset, position: this.bytes }));
      this.#enterTime();
      this.#bytesSinceEntry = 0;
    }
    this.bytes += totalBytes;
    this.#bytesSinceEntry += totalBytes;
  }

  enterAborted(transaction: AbortedEntry): void {
    this.abortedCrc = undefined;
    this.#aborted.append(encodeAbortedEntry(transaction));
  }

  /** Empties the segment and its indexes in memory; a scan then enters its batches again. */
  reset(): void {
    this.#resetPositions();
    this.#aborted.reset();
    this.abortedCrc = undefined;
    this.bytes = 0;
    this.durableBytes = 0;
    this.maxTimestampMs = -1;
    this.maxTimestampOffset = this.baseOffset;
    this.firstTimestampMs = -1;
  }

  async startOf(offset: number): Promise<StartPosition> {
    const relative = offset - this.baseOffset;
    const entry = await this.#offsets.floor(
      (bytes, at) => decodeOffsetEntry(bytes, at).relativeOffset <= relative,
    );
    if (entry === undefined) return { position: 0, lastOffset: undefined };
    const { relativeOffset, position } = decodeOffsetEntry(entry, 0);
    return { position, lastOffset: this.baseOffset + relativeOffset };
  }

  /** The last entry below `targetMs`: up to its offset all timestamps are at most its own. */
  async timeBefore(targetMs: number): Promise<TimeMark | undefined> {
    const entry = await this.#times.floor((bytes, at) => decodeTimeEntry(bytes, at).timestampMs < targetMs);
    if (entry === undefined) return undefined;
    const { timestampMs, relativeOffset } = decodeTimeEntry(entry, 0);
    return { timestampMs, offset: this.baseOffset + relativeOffset };
  }

  /** Takes the largest timestamp of a sealed segment from its time index, where sealing put it. */
  async adoptTimes(): Promise<void> {
    const last = await this.timeBefore(Number.POSITIVE_INFINITY);
    this.maxTimestampMs = last?.timestampMs ?? -1;
    this.maxTimestampOffset = last?.offset ?? this.baseOffset;
    this.#indexedTimestampMs = this.maxTimestampMs;
  }

  async abortedTransactions(): Promise<AbortedEntry[]> {
    if (this.#aborted.isKnownEmpty) return [];
    const bytes = await this.#aborted.entries();
    const entries: AbortedEntry[] = [];
    for (let at = 0; at < bytes.length; at += ABORTED_ENTRY_BYTES)
      entries.push(decodeAbortedEntry(bytes, at));
    return entries;
  }

  /**
   * Before the last flush. A wrong offset or time entry is noticed when it is used; a wrong aborted entry would show
   * aborted records, and Kafka's format has no checksum, so the checkpoint keeps one.
   */
  async sealAborted(): Promise<void> {
    if (this.#aborted.isKnownEmpty) return;
    const bytes = await this.#aborted.entries();
    this.abortedCrc = bytes.length === 0 ? undefined : crc32c(bytes);
  }

  /** Takes over what the checkpoint says of the aborted index; false when the file is another. */
  async adoptAborted(crc: number): Promise<boolean> {
    this.abortedCrc = crc;
    return crc32c(await this.#aborted.entries()) === crc;
  }

  /** Whether the index files have the form they must have; their content is checked where it is used. */
  async indexesAreWhole(): Promise<boolean> {
    if (this.bytes === 0) return true;
    return (await this.#offsets.isWhole()) && (await this.#times.isWhole());
  }

  /** Writes the offset and time index anew from the batches; several callers share one scan. */
  rebuildIndexes(indexIntervalBytes: number): Promise<void> {
    this.#rebuilding ??= this.#rebuild(indexIntervalBytes).finally(() => {
      this.#rebuilding = undefined;
    });
    return this.#rebuilding;
  }

  /** For {@link read}, to be filled and handed on; see BufferPool. */
  takeBuffer(bytes: number): Buffer {
    return this.#environment.buffers.take(bytes);
  }

  /** Fills `target` from `position`. */
  read(target: Buffer, position: number): Promise<number> {
    return this.#environment.files.use(this.path, (handle) => handle.read(target, position));
  }

  scan(
    range: { readonly from: number; readonly to: number; readonly checkCrc: boolean },
    visit: Parameters<typeof scanBatches>[2],
  ): Promise<ScanEnd> {
    return this.#environment.files.use(this.path, (handle) => scanBatches(handle, range, visit));
  }

  /** `all` makes the files of empty indexes too; left out, thousands of small partitions cost no files for them. */
  async flushIndexes(options: { readonly sync: boolean; readonly all?: boolean }): Promise<void> {
    for (const index of [this.#offsets, this.#times, this.#aborted])
      if (options.all || !index.isKnownEmpty || index.mayExist) await index.flush(options);
  }

  /** Whether a clean stop can leave the index files as they are: nothing is looked up in a segment this small. */
  get needsNoIndex(): boolean {
    const isOutdated = [this.#offsets, this.#times, this.#aborted].some((index) => index.isOutdated);
    return this.bytes <= SMALL_BYTES && !isOutdated && !this.#aborted.hasUnsaved;
  }

  /** Before the last flush of a segment: Kafka expects the largest timestamp as the last entry. */
  sealTimeIndex(): void {
    if (this.bytes > 0) this.#enterTime();
  }

  /** Lets go of the open files, which are about to be renamed or removed. */
  async forget(): Promise<void> {
    await this.#environment.files.forget(this.path);
    for (const index of [this.#offsets, this.#times, this.#aborted]) await index.forget();
  }

  /** Takes the segment off the log. The log file goes first: without it a crash leaves nothing that counts. */
  async delete(): Promise<void> {
    const { files } = this.#environment;
    if (!this.onDisk) return;
    await this.forget();
    await files.fs.rename(this.path, `${this.path}${DELETED_SUFFIX}`);
    for (const index of [this.#offsets, this.#times, this.#aborted]) await files.fs.remove(index.path);
    await files.fs.remove(`${this.path}${DELETED_SUFFIX}`);
  }

  #enterTime(): void {
    if (this.maxTimestampMs <= this.#indexedTimestampMs) return;
    this.#indexedTimestampMs = this.maxTimestampMs;
    const relativeOffset = this.maxTimestampOffset - this.baseOffset;
    this.#times.append(encodeTimeEntry({ timestampMs: this.maxTimestampMs, relativeOffset }));
  }

  #resetPositions(): void {
    this.#offsets.reset();
    this.#times.reset();
    this.#bytesSinceEntry = 0;
    this.#indexedTimestampMs = -1;
  }

  /** Only what is durable can be scanned, and only a sealed segment is all durable: an active one keeps few entries. */
  async #rebuild(indexIntervalBytes: number): Promise<void> {
    const fresh = Segment.create(this.#environment, this.folder, this.baseOffset, this.createdMs);
    await this.scan({ from: 0, to: this.durableBytes, checkCrc: false }, (buffer, at) => {
      fresh.enter(buffer, at, indexIntervalBytes);
      return undefined;
    });
    fresh.sealTimeIndex();
    const offsets = await fresh.#offsets.entries();
    const times = await fresh.#times.entries();
    this.#resetPositions();
    for (let at = 0; at < offsets.length; at += OFFSET_ENTRY_BYTES) {
      this.#offsets.append(offsets.subarray(at, at + OFFSET_ENTRY_BYTES));
    }
    for (let at = 0; at < times.length; at += TIME_ENTRY_BYTES) {
      this.#times.append(times.subarray(at, at + TIME_ENTRY_BYTES));
    }
    this.#indexedTimestampMs = fresh.#indexedTimestampMs;
  }
}

/** Compaction puts another time where the base timestamp was. */
function firstTimestamp(buffer: Buffer, at: number): number {
  return batchHasDeleteHorizon(buffer, at) ? batchMaxTimestamp(buffer, at) : batchBaseTimestamp(buffer, at);
}

export function emptySummary(baseOffset: number): SegmentSummary {
  return { baseOffset, bytes: 0, maxTimestampMs: -1, maxTimestampOffset: baseOffset, firstTimestampMs: -1 };
}
