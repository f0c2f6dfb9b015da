import type { Position, Topics } from '../topics/topics.ts';
import type { PartitionReader } from './partition-reader.ts';

/**
 * All partitions a task reads, in the order Kafka Streams would take them: within a partition by offset, among
 * partitions the smallest timestamp of what is buffered first. A partition at its end does not hold up the others; one
 * whose next records are on their way does, so that the order does not depend on how fast a read was.
 */
export class Inputs {
  /** Tables before streams: at equal times a stream's row sees the table's. */
  readonly #readers: readonly PartitionReader[];
  readonly #unwatch: () => void;
  readonly #onClose: () => void;
  #current: PartitionReader | undefined;
  /** While the current reader's head is not later than this, no other can be earlier. */
  othersTimestampMs = 0;
  #onAdvance: (() => void) | undefined;

  constructor(topics: Topics, readers: readonly PartitionReader[], onClose: () => void) {
    this.#readers = readers;
    this.#onClose = onClose;
    try {
      this.#unwatch = topics.watch(readers, () => {
        for (const reader of readers) reader.wake();
        this.#onAdvance?.();
      });
    } catch (error) {
      onClose();
      throw error;
    }
  }

  close(): void {
    this.#unwatch();
    this.#onClose();
  }

  /** Everything readable now has been handed out. */
  get areAtEnd(): boolean {
    return this.#readers.every((reader) => reader.isAtEnd);
  }

  /** Grows whenever a position does. */
  get progress(): number {
    let sum = 0;
    for (const { position } of this.#readers) sum += position;
    return sum;
  }

  positions(): Position[] {
    return this.#readers.map(({ topic, partition, position }) => ({ topic, partition, offset: position }));
  }

  onAdvance(callback: () => void): void {
    this.#onAdvance = callback;
  }

  /** Waits until each partition has a record at its head or is known to be at its end. */
  async ready(): Promise<void> {
    for (const reader of this.#readers) {
      for (let waiting = reader.waiting; waiting; waiting = reader.waiting) await waiting;
    }
    this.#current = undefined;
  }

  /** The reader whose head goes next; undefined when some partition has to be waited for, or all are at their end. */
  next(): PartitionReader | undefined {
    const current = this.#current;
    if (current?.hasHead && current.headTimestampMs <= this.othersTimestampMs) return current;
    let best: PartitionReader | undefined;
    let second = Number.POSITIVE_INFINITY;
    for (const reader of this.#readers) {
      if (!reader.hasHead) {
        if (!reader.isAtEnd) return undefined;
      } else if (best === undefined || reader.headTimestampMs < best.headTimestampMs) {
        if (best !== undefined) second = best.headTimestampMs;
        best = reader;
      } else if (reader.headTimestampMs < second) second = reader.headTimestampMs;
    }
    this.#current = best;
    // Strictly earlier only: ties go by the order of the readers, which the scan above knows.
    this.othersTimestampMs = second - 1;
    return best;
  }
}
