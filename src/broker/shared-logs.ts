import { LogError } from '../log/log-error.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import type { FilePlace, PlaceFinder } from '../topics/threads/file-place.ts';
import { SharedOffsets } from '../topics/threads/shared-offsets.ts';
import type { TopicPartition } from '../topics/topics.ts';

interface Slot {
  readonly number: number;
  generation: bigint;
  rewrites: number;
}

/**
 * Publishes the offsets of logs that other threads read, from the first time one asks for a place in their files until
 * the log fails or is deleted.
 *
 * Invariant: a generation is never given twice, so that a place outlives neither a rewritten file nor a slot that has
 * gone to another log.
 */
export class SharedLogs implements PlaceFinder {
  readonly offsets = new SharedOffsets();
  readonly #find: (partition: TopicPartition) => PartitionLog | undefined;
  readonly #slots = new Map<PartitionLog, Promise<Slot>>();
  readonly #freeNumbers: number[] = [];
  #numbersUsed = 0;
  #generations = 0n;

  constructor(find: (partition: TopicPartition) => PartitionLog | undefined) {
    this.#find = find;
  }

  async find(partition: TopicPartition, offset: number): Promise<FilePlace | undefined> {
    const log = this.#find(partition);
    if (log === undefined || log.failure !== undefined) return undefined;
    try {
      const slot = await this.#slotOf(log);
      const { generation } = slot;
      const place = await log.locate(offset);
      if (place === undefined || log.failure !== undefined || slot.generation !== generation)
        return undefined;
      return { ...place, slot: slot.number, generation };
    } catch (error) {
      // Whoever reads there is told; without a place they ask the log.
      if (error instanceof LogError) return undefined;
      throw error;
    }
  }

  #slotOf(log: PartitionLog): Promise<Slot> {
    let slot = this.#slots.get(log);
    if (slot === undefined) {
      slot = this.#publish(log);
      this.#slots.set(log, slot);
      slot.catch(() => this.#slots.delete(log));
    }
    return slot;
  }

  async #publish(log: PartitionLog): Promise<Slot> {
    await log.findAborted();
    const number = this.#freeNumbers.pop() ?? this.#numbersUsed++;
    this.offsets.reserve(number);
    const slot = { number, generation: ++this.#generations, rewrites: log.rewrites };
    const update = () => {
      const isOver = log.failure !== undefined;
      if (isOver || log.rewrites !== slot.rewrites) slot.generation = ++this.#generations;
      slot.rewrites = log.rewrites;
      const { logStartOffset, highWatermark, lastStableOffset, abortedBelow } = log;
      const { generation } = slot;
      this.offsets.write(number, {
        generation,
        logStartOffset,
        highWatermark,
        lastStableOffset,
        abortedBelow,
      });
      if (!isOver) return;
      unwatch();
      this.#slots.delete(log);
      this.#freeNumbers.push(number);
    };
    const unwatch = log.onAdvance(update);
    update();
    return slot;
  }
}
