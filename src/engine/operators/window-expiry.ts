import type { Row } from '../../data/schema.ts';
import type { KeyWindow } from '../../sql/plan.ts';
import type { StoreKey } from '../store/store-key.ts';
import { WindowQueue } from '../store/window-queue.ts';

interface PartitionRows {
  streamTimeMs: number;
  readonly queue: WindowQueue<StoreKey>;
}

/**
 * Which rows of a windowed table have become older than its query keeps them: whoever reads the table's topic forgets them
 * too, or would keep them for ever, since windows end without a deletion.
 */
export class WindowExpiry {
  readonly #retentionMs: number;
  readonly #ageAt: number;
  readonly #partitions: (PartitionRows | undefined)[] = [];

  /** `width`: of a key without its window. The query that makes the table is never ahead of its topic. */
  constructor({ type, sizeMs = 0 }: KeyWindow, retentionMs: number, width: number) {
    this.#retentionMs = retentionMs + sizeMs;
    // Sessions are as old as their end, time windows as their start.
    this.#ageAt = type === 'SESSION' ? width + 1 : width;
  }

  add(partition: number, key: StoreKey, keyRow: Row): void {
    this.#of(partition).queue.add(keyRow[this.#ageAt] as number, key);
  }

  remove(partition: number, key: StoreKey, keyRow: Row): void {
    this.#of(partition).queue.remove(keyRow[this.#ageAt] as number, key);
  }

  /** Time goes on: the rows that are expired now, each once. */
  take(partition: number, timestampMs: number): readonly StoreKey[] {
    const rows = this.#of(partition);
    if (timestampMs > rows.streamTimeMs) rows.streamTimeMs = timestampMs;
    return rows.queue.takeBefore(rows.streamTimeMs - this.#retentionMs);
  }

  #of(partition: number): PartitionRows {
    let rows = this.#partitions[partition];
    if (rows === undefined) {
      rows = { streamTimeMs: -1, queue: new WindowQueue() };
      this.#partitions[partition] = rows;
    }
    return rows;
  }
}
