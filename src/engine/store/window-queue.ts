/** From so many on, items are removed from a set. */
const MANY = 16;

/**
 * Windows by the time at which they are due, earliest first: to be given out when closed, to be dropped when old. Where
 * items are removed, those of one time differ.
 */
export class WindowQueue<Item> {
  readonly #items = new Map<number, Item[] | Set<Item>>();
  /** Ascending; may name times whose items have all been removed. Those before `#head` are dropped. */
  #times: number[] = [];
  #head = 0;
  #emptyTimes = 0;

  add(timeMs: number, item: Item): void {
    const items = this.#items.get(timeMs);
    if (items === undefined) {
      this.#items.set(timeMs, [item]);
      const last = this.#times.length - 1;
      // Nearly always the latest.
      if (last < this.#head || (this.#times[last] as number) < timeMs) this.#times.push(timeMs);
      else this.#times.splice(this.#after(timeMs), 0, timeMs);
      return;
    }
    if (isEmpty(items)) this.#emptyTimes--;
    if (items instanceof Set) items.add(item);
    else items.push(item);
  }

  remove(timeMs: number, item: Item): void {
    const items = this.#items.get(timeMs);
    if (items === undefined || !this.#removeFrom(items, timeMs, item) || !isEmpty(items)) return;
    this.#emptyTimes++;
    if (this.#emptyTimes > 64 && this.#emptyTimes > this.#items.size / 2) this.#forgetEmptyTimes();
  }

  /** Items with `afterMs` < time <= `toMs`, in the order of time. */
  visitBetween(afterMs: number, toMs: number, visit: (item: Item, timeMs: number) => void): void {
    for (let index = this.#after(afterMs); index < this.#times.length; index++) {
      const timeMs = this.#times[index] as number;
      if (timeMs > toMs) break;
      for (const item of this.#items.get(timeMs) as Iterable<Item>) visit(item, timeMs);
    }
  }

  /** False: `takeBefore` would give nothing. */
  mayHaveBefore(endMs: number): boolean {
    return this.#head < this.#times.length && (this.#times[this.#head] as number) < endMs;
  }

  /** Removes and gives the items with a time before `endMs`. */
  takeBefore(endMs: number): Item[] {
    const taken: Item[] = [];
    this.drainBefore(endMs, (item) => taken.push(item));
    return taken;
  }

  /** The same one by one, with their times. */
  drainBefore(endMs: number, visit: (item: Item, timeMs: number) => void): void {
    for (let first = this.takeFirst(endMs); first; first = this.takeFirst(endMs))
      for (const item of first.items) visit(item, first.timeMs);
  }

  /** Removes and gives the items of the earliest time, if that is before `endMs`; they may be none. */
  takeFirst(endMs: number): { readonly timeMs: number; readonly items: Iterable<Item> } | undefined {
    if (!this.mayHaveBefore(endMs)) return undefined;
    const timeMs = this.#times[this.#head++] as number;
    const items = this.#items.get(timeMs) as Item[] | Set<Item>;
    if (isEmpty(items)) this.#emptyTimes--;
    this.#items.delete(timeMs);
    if (this.#head > 1_024 && this.#head > this.#times.length / 2) {
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
    return { timeMs, items };
  }

  #removeFrom(items: Item[] | Set<Item>, timeMs: number, item: Item): boolean {
    if (items instanceof Set) return items.delete(item);
    if (items.length >= MANY) {
      const set = new Set(items);
      this.#items.set(timeMs, set);
      return set.delete(item);
    }
    const index = items.indexOf(item);
    if (index >= 0) items.splice(index, 1);
    return index >= 0;
  }

  /** Index of the first time that is later. */
  #after(timeMs: number): number {
    let low = this.#head;
    let high = this.#times.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#times[middle] as number) <= timeMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #forgetEmptyTimes(): void {
    for (const [timeMs, items] of this.#items) if (isEmpty(items)) this.#items.delete(timeMs);
    this.#times = [...this.#items.keys()].sort((a, b) => a - b);
    this.#head = 0;
    this.#emptyTimes = 0;
  }
}

function isEmpty<Item>(items: Item[] | Set<Item>): boolean {
  return (items instanceof Set ? items.size : items.length) === 0;
}
