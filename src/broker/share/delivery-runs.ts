/** What a restart must know of a record; `acquired` is the fourth state, which it may forget. */
export type SettledState = 'available' | 'acknowledged' | 'archived';

/** One member's hold on the records of one fetch. */
export interface Lock {
  readonly memberId: string;
  readonly untilMs: number;
}

/** What became of a record so far. */
export type Delivery =
  | { readonly state: SettledState; readonly deliveryCount: number }
  | { readonly state: 'acquired'; readonly deliveryCount: number; readonly lock: Lock };

/** Neighbouring offsets with the same fate; both ends belong to it. */
export interface Run {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly delivery: Delivery;
}

export const NEVER_DELIVERED: Delivery = { state: 'available', deliveryCount: 0 };

/**
 * The offsets in flight of a share partition, without holes: those below are done with, those above were never
 * delivered.
 *
 * ```
 *   start                                     end
 *   | acquired 1 | available 2 | acquired 1 |
 * ```
 * Invariant: runs touch each other, and no two neighbours are equal. So they are as few as fates differ, however many
 * records are in flight.
 */
export class DeliveryRuns {
  #startOffset: number;
  #runs: Run[] = [];

  constructor(startOffset: number) {
    this.#startOffset = startOffset;
  }

  get startOffset(): number {
    return this.#startOffset;
  }

  /** The first offset that was never delivered. */
  get endOffset(): number {
    const last = this.#runs.at(-1);
    return last === undefined ? this.#startOffset : last.lastOffset + 1;
  }

  all(): readonly Run[] {
    return this.#runs;
  }

  firstAvailable(): number | undefined {
    return this.#runs.find(({ delivery }) => delivery.state === 'available')?.firstOffset;
  }

  /** What lies between two offsets, cut at both. */
  between(firstOffset: number, lastOffset: number): Run[] {
    const found: Run[] = [];
    if (lastOffset < firstOffset) return found;
    for (let index = this.#indexOf(firstOffset); index < this.#runs.length; index++) {
      const run = this.#runs[index]!;
      if (run.firstOffset > lastOffset) break;
      found.push({
        firstOffset: Math.max(firstOffset, run.firstOffset),
        lastOffset: Math.min(lastOffset, run.lastOffset),
        delivery: run.delivery,
      });
    }
    return found;
  }

  /** Offsets below the start stay done with; a gap behind the end is filled as never delivered. */
  set(firstOffset: number, lastOffset: number, delivery: Delivery): void {
    const first = Math.max(firstOffset, this.#startOffset);
    if (lastOffset < first) return;
    if (first > this.endOffset) this.set(this.endOffset, first - 1, NEVER_DELIVERED);
    const from = this.#indexOf(first);
    let to = from;
    const inserted: Run[] = [{ firstOffset: first, lastOffset, delivery }];
    const head = this.#runs[from];
    if (head !== undefined && head.firstOffset < first) inserted.unshift({ ...head, lastOffset: first - 1 });
    while (to < this.#runs.length && this.#runs[to]!.firstOffset <= lastOffset) to++;
    const tail = to > from ? this.#runs[to - 1]! : undefined;
    if (tail !== undefined && tail.lastOffset > lastOffset)
      inserted.push({ ...tail, firstOffset: lastOffset + 1 });
    this.#splice(from, to, inserted);
  }

  /** Drops what is done with from the front. */
  trim(): void {
    let count = 0;
    while (count < this.#runs.length && isDone(this.#runs[count]!.delivery)) count++;
    if (count === 0) return;
    this.#startOffset = this.#runs[count - 1]!.lastOffset + 1;
    this.#runs.splice(0, count);
  }

  /** Nothing below `offset` is delivered any more, whatever it was. */
  moveStart(offset: number): void {
    if (offset <= this.#startOffset) return;
    const count = this.#indexOf(offset);
    this.#runs.splice(0, count);
    const head = this.#runs[0];
    if (head !== undefined) this.#runs[0] = { ...head, firstOffset: offset };
    this.#startOffset = offset;
    this.trim();
  }

  copy(): DeliveryRuns {
    const copy = new DeliveryRuns(this.#startOffset);
    copy.#runs = [...this.#runs];
    return copy;
  }

  /** Takes neighbours in that have become equal. */
  #splice(from: number, to: number, inserted: readonly Run[]): void {
    const before = from > 0 ? [this.#runs[from - 1]!] : [];
    const after = to < this.#runs.length ? [this.#runs[to]!] : [];
    const merged: Run[] = [];
    for (const run of [...before, ...inserted, ...after]) {
      const last = merged.at(-1);
      if (last !== undefined && isSame(last.delivery, run.delivery))
        merged[merged.length - 1] = { ...last, lastOffset: run.lastOffset };
      else merged.push(run);
    }
    this.#runs.splice(from - before.length, before.length + (to - from) + after.length, ...merged);
  }

  /** Of the first run that ends at or behind `offset`. */
  #indexOf(offset: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#runs[middle]!.lastOffset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function isDone({ state }: Delivery): boolean {
  return state === 'acknowledged' || state === 'archived';
}

function isSame(a: Delivery, b: Delivery): boolean {
  if (a.state !== b.state || a.deliveryCount !== b.deliveryCount) return false;
  return a.state !== 'acquired' || b.state !== 'acquired' || a.lock === b.lock;
}
