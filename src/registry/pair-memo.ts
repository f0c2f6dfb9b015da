/**
 * Comparisons of two recursive structures, each pair once. A pair that is met again inside itself is taken to fit. What
 * was found to fit under such an assumption is forgotten when the assumption turns out wrong; what does not fit even so
 * never will, and is told in full only where it was met first.
 */
export class PairMemo<Node, Fault> {
  /** In the order they came. */
  readonly #fitting: (readonly [Node, Node])[] = [];
  readonly #writersOf = new Map<Node, Set<Node>>();
  readonly #failed = new Map<Node, Map<Node, Fault>>();

  compare(reader: Node, writer: Node, decide: () => Fault[]): Fault[] {
    const failure = this.#failed.get(reader)?.get(writer);
    if (failure !== undefined) return [failure];
    if (this.#writersOf.get(reader)?.has(writer)) return [];
    const before = this.#fitting.length;
    this.#assume(reader, writer);
    const found = decide();
    if (found.length > 0) {
      for (const [one, other] of this.#fitting.splice(before)) this.#writersOf.get(one)!.delete(other);
      const failures = this.#failed.get(reader) ?? new Map();
      this.#failed.set(reader, failures.set(writer, found[0]!));
    }
    return found;
  }

  #assume(reader: Node, writer: Node): void {
    const writers = this.#writersOf.get(reader) ?? new Set();
    this.#writersOf.set(reader, writers.add(writer));
    this.#fitting.push([reader, writer]);
  }
}
