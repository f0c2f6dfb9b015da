/** Windows by the time at which they are due, earliest first: to be given out when closed, to be dropped when old. */
export class WindowQueue<Item> {
  readonly #items = new Map<number, Item[]>();
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
    if (items.length === 0) this.#emptyTimes--;
    items.push(item);
  }

  remove(timeMs: number, item: Item): void {
    const items = this.#items.get(timeMs);
    const index = items?.indexOf(item) ?? -1;
    if (items === undefined || index < 0) return;
    items.splice(index, 1);
    if (items.length > 0) return;
    this.#emptyTimes++;
    if (this.#emptyTimes > 64 && this.#emptyTimes > this.#items.size / 2) this.#forgetEmptyTimes();
  }

  /** Items with `afterMs` < time <= `toMs`, in the order of time. */
  between(afterMs: number, toMs: number): Item[] {
    const found: Item[] = [];
    for (let index = this.#after(afterMs); index < this.#times.length; index++) {
      const timeMs = this.#times[index] as number;
      if (timeMs > toMs) break;
      found.push(...(this.#items.get(timeMs) as Item[]));
    }
    return found;
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
  takeFirst(endMs: number): { readonly timeMs: number; readonly items: readonly Item[] } | undefined {
    if (!this.mayHaveBefore(endMs)) return undefined;
    const timeMs = this.#times[this.#head++] as number;
    const items = this.#items.get(timeMs) as Item[];
    if (items.length === 0) this.#emptyTimes--;
    this.#items.delete(timeMs);
    if (this.#head > 1_024 && this.#head > this.#times.length / 2) {
      this.#times = this.#times.slice(this.#head);
      this.#head = 0;
    }
    return { timeMs, items };
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
    for (const [timeMs, items] of this.#items) if (items.length === 0) this.#items.delete(timeMs);
    this.#times = [...this.#items.keys()].sort((a, b) => a - b);
    this.#head = 0;
    this.#emptyTimes = 0;
  }
}
