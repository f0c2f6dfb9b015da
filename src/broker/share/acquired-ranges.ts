export interface AcquiredRange {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly deliveryCount: number;
}

/**
 * What one fetch gives one member, cut where record batches end so that ranges have about `batchSize` records: the
 * client acknowledges by range, and a range with one fate costs the broker least.
 */
export class AcquiredRanges {
  readonly #batchSize: number;
  readonly #all: AcquiredRange[] = [];
  #recordCount = 0;

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  get all(): readonly AcquiredRange[] {
    return this.#all;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  add(range: AcquiredRange): void {
    this.#recordCount += range.lastOffset - range.firstOffset + 1;
    const last = this.#all.at(-1);
    const continues =
      last?.lastOffset === range.firstOffset - 1 && last.deliveryCount === range.deliveryCount;
    const hasRoom = last !== undefined && last.lastOffset - last.firstOffset + 1 < this.#batchSize;
    if (continues && hasRoom) this.#all[this.#all.length - 1] = { ...last, lastOffset: range.lastOffset };
    else this.#all.push(range);
  }
}
