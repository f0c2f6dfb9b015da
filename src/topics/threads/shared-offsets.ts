/** What a reader of a partition's files must know of the log, which goes on beside it. */
export interface PartitionNumbers {
  /** Changes, and never comes back, when places in the files are no longer what they were. */
  readonly generation: bigint;
  readonly logStartOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  /** Aborted transactions lie below it only. */
  readonly abortedBelow: number;
}

const FIELDS = 8;
const SLOT_BYTES = FIELDS * 8;
const FIRST_SLOTS = 64;
const MOST_SLOTS = 1_000_000;

/**
 * The moving numbers of partitions in memory that all threads see. One thread writes.
 *
 *   slot   generation | log start | high watermark | last stable | aborted below | (unused)     int64 each
 *
 * A number is published before those that rely on it: a reader that sees an offset as stable also sees the aborted
 * transactions below it. That is why a reader takes them in the opposite order.
 */
export class SharedOffsets {
  readonly memory: SharedArrayBuffer;
  readonly #numbers: BigInt64Array;

  constructor(memory?: SharedArrayBuffer) {
    this.memory =
      memory ?? new SharedArrayBuffer(FIRST_SLOTS * SLOT_BYTES, { maxByteLength: MOST_SLOTS * SLOT_BYTES });
    // Without a length, so that it grows with the memory.
    this.#numbers = new BigInt64Array(this.memory);
  }

  /** For the writer: makes room for the slot. */
  reserve(slot: number): void {
    const neededBytes = (slot + 1) * SLOT_BYTES;
    if (neededBytes > this.memory.byteLength)
      this.memory.grow(Math.min(neededBytes * 2, this.memory.maxByteLength));
  }

  write(slot: number, numbers: PartitionNumbers): void {
    const at = slot * FIELDS;
    Atomics.store(this.#numbers, at, numbers.generation);
    Atomics.store(this.#numbers, at + 1, BigInt(numbers.logStartOffset));
    Atomics.store(this.#numbers, at + 4, BigInt(numbers.abortedBelow));
    Atomics.store(this.#numbers, at + 3, BigInt(numbers.lastStableOffset));
    Atomics.store(this.#numbers, at + 2, BigInt(numbers.highWatermark));
  }

  read(slot: number): PartitionNumbers {
    const at = slot * FIELDS;
    const highWatermark = Number(Atomics.load(this.#numbers, at + 2));
    const lastStableOffset = Number(Atomics.load(this.#numbers, at + 3));
    const abortedBelow = Number(Atomics.load(this.#numbers, at + 4));
    const logStartOffset = Number(Atomics.load(this.#numbers, at + 1));
    return {
      generation: Atomics.load(this.#numbers, at),
      logStartOffset,
      highWatermark,
      lastStableOffset,
      abortedBelow,
    };
  }
}
