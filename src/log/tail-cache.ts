import { Buffer } from 'node:buffer';
import { BufferPool } from '../base/buffer-pool.ts';
import { batchBaseOffset, batchLastOffset } from '../record/batch.ts';
import type { BatchRange, ReadLimits } from './segment-read.ts';

/** What a buffer and its places in the lists take beside its bytes: more than a batch of one small record. */
const OVERHEAD_BYTES = 256;

/**
 * The batches appended last, as they came from the socket, so that readers at the end of a log need no file. One
 * budget for all partitions of a store: the oldest batch of the store goes first, whichever partition it is of.
 */
export class TailCache {
  /** Where batches may come from: the cache holds what is in it. */
  readonly buffers: BufferPool;
  readonly #maxBytes: number;
  readonly #order: Tail[] = [];
  /** Index of the oldest in `#order`, which is compacted now and then. */
  #oldest = 0;
  #bytes = 0;

  constructor(maxBytes: number, buffers = new BufferPool(0)) {
    this.buffers = buffers;
    this.#maxBytes = maxBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  note(tail: Tail, batchBytes: number): void {
    this.#order.push(tail);
    this.#bytes += batchBytes + OVERHEAD_BYTES;
    while (this.#bytes > this.#maxBytes)
      this.#bytes -= this.#order[this.#oldest++]!.dropOldest() + OVERHEAD_BYTES;
    if (this.#oldest > 1024 && this.#oldest * 2 > this.#order.length) {
      this.#order.splice(0, this.#oldest);
      this.#oldest = 0;
    }
  }
}

/** One partition's part of a {@link TailCache}: its last batches without a gap, up to the end of the log. */
export class Tail {
  readonly #cache: TailCache;
  #batches: Buffer[] = [];
  /** For each batch, the bytes ever pushed before it. */
  #startBytes: number[] = [];
  #pushedBytes = 0;
  /** Batches before it were dropped. */
  #start = 0;

  constructor(cache: TailCache) {
    this.#cache = cache;
  }

  push(batch: Buffer): void {
    this.#cache.buffers.keep(batch);
    this.#batches.push(batch);
    this.#startBytes.push(this.#pushedBytes);
    this.#pushedBytes += batch.length;
    this.#cache.note(this, batch.length);
  }

  /** For the cache alone. */
  dropOldest(): number {
    const batch = this.#batches[this.#start]!;
    this.#start++;
    if (this.#start > 64 && this.#start * 2 > this.#batches.length) {
      this.#batches.splice(0, this.#start);
      this.#startBytes.splice(0, this.#start);
      this.#start = 0;
    } else {
      this.#batches[this.#start - 1] = EMPTY;
    }
    this.#cache.buffers.giveBack(batch);
    return batch.length;
  }

  /** The caller holds what is returned (see BufferPool). Undefined when `offset` lies below what is kept; then the files have it. */
  read(offset: number, limits: ReadLimits): BatchRange | undefined {
    const first = this.#find(offset);
    if (first === undefined) return undefined;
    const taken: Buffer[] = [];
    let totalBytes = 0;
    let nextOffset = offset;
    for (let i = first; i < this.#batches.length; i++) {
      const batch = this.#batches[i]!;
      if (batchBaseOffset(batch, 0) >= limits.limitOffset) break;
      if (taken.length > 0 && totalBytes + batch.length > limits.maxBytes) break;
      this.#cache.buffers.keep(batch);
      taken.push(batch);
      totalBytes += batch.length;
      nextOffset = batchLastOffset(batch, 0) + 1;
    }
    return { pieces: taken, nextOffset };
  }

  /** Bytes from the batch that holds `offset` up to the limit; undefined below what is kept. */
  bytesFrom(offset: number, limitOffset: number): number | undefined {
    const first = this.#find(offset);
    if (first === undefined) return undefined;
    if (first === this.#batches.length) return 0;
    // A batch never straddles a limit: watermarks lie between batches.
    const end = this.#find(limitOffset) ?? first;
    return Math.max(0, (this.#startBytes[end] ?? this.#pushedBytes) - this.#startBytes[first]!);
  }

  #find(offset: number): number | undefined {
    if (this.#start >= this.#batches.length) return undefined;
    if (offset < batchBaseOffset(this.#batches[this.#start]!, 0)) return undefined;
    let low = this.#start;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (batchLastOffset(this.#batches[middle]!, 0) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const EMPTY = Buffer.alloc(0);
