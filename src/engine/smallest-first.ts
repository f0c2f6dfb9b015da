/**
 * The smallest `count` of many items, held as a heap with the largest at its top: an item that is too large costs one
 * comparison, one that is not log(count).
 *
 *   top >= its children at 2i + 1, 2i + 2
 */
export class SmallestFirst<Item> {
  readonly #count: number;
  readonly #compare: (a: Item, b: Item) => number;
  readonly #heap: Item[] = [];

  constructor(count: number, compare: (a: Item, b: Item) => number) {
    this.#count = count;
    this.#compare = compare;
  }

  wants(item: Item): boolean {
    if (this.#heap.length < this.#count) return true;
    return this.#count > 0 && this.#compare(item, this.#heap[0] as Item) < 0;
  }

  add(item: Item): void {
    if (!this.wants(item)) return;
    if (this.#heap.length < this.#count) this.#rise(this.#heap.push(item) - 1);
    else {
      this.#heap[0] = item;
      this.#sink(0);
    }
  }

  sorted(): Item[] {
    return this.#heap.toSorted(this.#compare);
  }

  #rise(from: number): void {
    for (let at = from; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfLarger(at, parent)) return;
      at = parent;
    }
  }

  #sink(from: number): void {
    for (let at = from; ; ) {
      const left = 2 * at + 1;
      const right = left + 1;
      if (left >= this.#heap.length) return;
      const isRight =
        right < this.#heap.length && this.#compare(this.#heap[right] as Item, this.#heap[left] as Item) > 0;
      const child = isRight ? right : left;
      if (!this.#swapIfLarger(child, at)) return;
      at = child;
    }
  }

  /** Swaps a child with its parent when it is larger. */
  #swapIfLarger(child: number, parent: number): boolean {
    const heap = this.#heap;
    const [a, b] = [heap[child] as Item, heap[parent] as Item];
    if (this.#compare(a, b) <= 0) return false;
    heap[child] = b;
    heap[parent] = a;
    return true;
  }
}
