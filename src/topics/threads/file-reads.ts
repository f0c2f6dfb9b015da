import { Buffer } from 'node:buffer';
import { type Clock, repeat, type Timer } from '../../base/clock.ts';
import type { FileReader, OpenReader } from '../../base/file-reader.ts';
import {
  BATCH_HEADER_BYTES,
  batchBaseOffset,
  batchLastOffset,
  batchTotalBytes,
  checkBatchHeader,
} from '../../record/batch.ts';
import type { Isolation, LogChunk, TopicPartition } from '../topics.ts';
import type { FilePlace } from './file-place.ts';
import type { PartitionNumbers, SharedOffsets } from './shared-offsets.ts';

/** A place is a few words; readers that have gone leave theirs behind. */
const MOST_PLACES = 10_000;
const MOST_FILES = 128;
/** A file that nobody reads is closed soon: retention may have removed it, and its bytes stay on the disk till then. */
const SWEEP_MS = 2_000;
/** A place may lie before the batch that is wanted by the distance of two index entries. */
const SLACK_BYTES = 16 * 1024;

interface KeptFile {
  readonly reader: FileReader;
  isFresh: boolean;
}

/**
 * Reads the segment files of a log that lives in another thread, without asking it. The log says once where an offset
 * lies ({@link FilePlace}); from there each read knows where the next goes on.
 *
 * Invariant: nothing at or above the published offsets is looked at, and what was read counts only if afterwards the
 * partition's generation is that of the place and its log start not beyond it. Whatever does not fit (the end of a
 * segment, a swapped or removed file, a transaction that may have been aborted, damage) is not decided here: undefined,
 * and the log is asked.
 */
export class FileReads {
  readonly #offsets: SharedOffsets;
  readonly #open: OpenReader;
  /** By partition and offset; those used last at the end. */
  readonly #places = new Map<string, FilePlace>();
  /** By generation and path: a name may come to mean another file. */
  readonly #files = new Map<string, KeptFile>();
  readonly #sweeping: Timer;

  constructor(offsets: SharedOffsets, clock: Clock, open: OpenReader) {
    this.#offsets = offsets;
    this.#open = open;
    this.#sweeping = repeat(
      clock,
      () => SWEEP_MS,
      async () => this.#sweep(),
      () => {},
    );
  }

  add(partition: TopicPartition, offset: number, place: FilePlace): void {
    const key = keyOf(partition, offset);
    this.#places.delete(key);
    this.#places.set(key, place);
    if (this.#places.size > MOST_PLACES) this.#places.delete(this.#places.keys().next().value as string);
  }

  read(
    partition: TopicPartition,
    offset: number,
    { maxBytes, isolation }: { readonly maxBytes: number; readonly isolation: Isolation },
  ): LogChunk | undefined {
    const key = keyOf(partition, offset);
    const place = this.#places.get(key);
    if (place === undefined) return undefined;
    const numbers = this.#offsets.read(place.slot);
    if (!isValid(place, numbers, offset)) {
      this.#places.delete(key);
      return undefined;
    }
    const isCommitted = isolation === 'read_committed';
    const limit = isCommitted ? numbers.lastStableOffset : numbers.highWatermark;
    if (offset >= limit) return chunkOf(numbers, NO_BYTES, offset);
    // Which of them were aborted stands in an index that the log keeps.
    if (isCommitted && offset < numbers.abortedBelow) return undefined;
    const file = this.#file(place);
    if (file === undefined) return undefined;
    const taken = takeBatches(file.read(place.position, maxBytes + SLACK_BYTES), offset, { maxBytes, limit });
    if (taken === undefined || !isValid(place, this.#offsets.read(place.slot), offset)) return undefined;
    this.add(partition, taken.nextOffset, { ...place, position: place.position + taken.endsAt });
    return chunkOf(numbers, taken.bytes, taken.nextOffset);
  }

  close(): void {
    this.#sweeping.cancel();
    for (const { reader } of this.#files.values()) reader.close();
    this.#files.clear();
    this.#places.clear();
  }

  #file({ path, slot, generation }: FilePlace): FileReader | undefined {
    const key = `${generation} ${path}`;
    const kept = this.#files.get(key);
    if (kept) {
      kept.isFresh = true;
      return kept.reader;
    }
    const reader = this.#open(path);
    if (reader === undefined) return undefined;
    // Before this, the name may have been given to another file.
    if (this.#offsets.read(slot).generation !== generation) {
      reader.close();
      return undefined;
    }
    if (this.#files.size >= MOST_FILES) this.#sweep();
    this.#files.set(key, { reader, isFresh: true });
    return reader;
  }

  #sweep(): void {
    for (const [key, kept] of this.#files) {
      const isUnused = !kept.isFresh;
      kept.isFresh = false;
      if (!isUnused && this.#files.size < MOST_FILES) continue;
      kept.reader.close();
      this.#files.delete(key);
    }
  }
}

const NO_BYTES = Buffer.alloc(0);

function keyOf({ topic, partition }: TopicPartition, offset: number): string {
  return `${topic} ${partition} ${offset}`;
}

function isValid(place: FilePlace, numbers: PartitionNumbers, offset: number): boolean {
  return numbers.generation === place.generation && offset >= numbers.logStartOffset;
}

function chunkOf(numbers: PartitionNumbers, bytes: Buffer, nextOffset: number): LogChunk {
  const { logStartOffset, highWatermark, lastStableOffset } = numbers;
  return { logStartOffset, highWatermark, lastStableOffset, bytes, nextOffset, abortedTransactions: [] };
}

interface Taken {
  readonly bytes: Buffer;
  readonly nextOffset: number;
  /** Where the next batch begins, from where was read. */
  readonly endsAt: number;
}

/** Whole batches from the one that holds `offset` up to the limits; undefined when there is none. */
function takeBatches(
  read: Buffer,
  offset: number,
  { maxBytes, limit }: { readonly maxBytes: number; readonly limit: number },
): Taken | undefined {
  let at = 0;
  let first = -1;
  let nextOffset = offset;
  // Beyond the limit nothing is looked at: it may be only half written.
  while (nextOffset < limit && at + BATCH_HEADER_BYTES <= read.length) {
    if (checkBatchHeader(read, at) !== undefined) break;
    const end = at + batchTotalBytes(read, at);
    if (end > read.length || batchBaseOffset(read, at) >= limit) break;
    const lastOffset = batchLastOffset(read, at);
    if (lastOffset >= offset) {
      if (first < 0) first = at;
      else if (end - first > maxBytes) break;
      nextOffset = lastOffset + 1;
    }
    at = end;
  }
  return first < 0 ? undefined : { bytes: read.subarray(first, at), nextOffset, endsAt: at };
}
