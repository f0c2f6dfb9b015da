interface Slot<Key> {
  readonly atMs: number;
  readonly key: Key;
}

/**
 * The deadlines of a state machine: at most one per key, earliest first.
 *
 * Moving a deadline later only notes the new time; its slot in the heap is corrected when it comes up. So the
 * common case, a heartbeat pushing a session's end further away, costs one map write.
 */
export class Deadlines<Key extends string = string> {
  readonly #dueAtMs = new Map<Key, number>();
  readonly #slotAtMs = new Map<Key, number>();
  readonly #heap: Slot<Key>[] = [];

  set(key: Key, atMs: number): void {
    this.#dueAtMs.set(key, atMs);
    const slotAtMs = this.#slotAtMs.get(key);
    if (slotAtMs === undefined || atMs < slotAtMs) this.#push({ atMs, key });
  }

  delete(key: Key): void {
    this.#dueAtMs.delete(key);
  }

  has(key: Key): boolean {
    return this.#dueAtMs.has(key);
  }

  earliest(): number | undefined {
    return this.#settle()?.atMs;
  }

  /** Removes and returns one key whose deadline has come, earliest first. */
  takeDue(nowMs: number): Key | undefined {
    const slot = this.#settle();
    if (slot === undefined || slot.atMs > nowMs) return undefined;
    this.#pop();
    this.#dueAtMs.delete(slot.key);
    return slot.key;
  }

  /** Corrects outdated slots until the first one tells the truth. */
  #settle(): Slot<Key> | undefined {
    for (;;) {
      const slot = this.#heap[0];
      if (slot === undefined) return undefined;
      const dueAtMs = this.#dueAtMs.get(slot.key);
      if (dueAtMs === slot.atMs) return slot;
      this.#pop();
      if (dueAtMs !== undefined && this.#slotAtMs.get(slot.key) === undefined)
        this.#push({ atMs: dueAtMs, key: slot.key });
    }
  }

  #push(slot: Slot<Key>): void {
    const heap = this.#heap;
    this.#slotAtMs.set(slot.key, slot.atMs);
    let index = heap.push(slot) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (heap[parent]!.atMs <= slot.atMs) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = slot;
  }

  #pop(): void {
    const heap = this.#heap;
    const first = heap[0]!;
    if (this.#slotAtMs.get(first.key) === first.atMs) this.#slotAtMs.delete(first.key);
    const last = heap.pop()!;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && heap[child + 1]!.atMs < heap[child]!.atMs) child++;
      if (heap[child]!.atMs >= last.atMs) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}
