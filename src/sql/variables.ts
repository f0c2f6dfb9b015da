/** What `${name}` stands for. Names are found in any case, and listed as they were written last. */
export class Variables implements Iterable<readonly [name: string, value: string]> {
  readonly #known = new Map<string, readonly [name: string, value: string]>();

  constructor(given: Iterable<readonly [name: string, value: string]> = []) {
    for (const [name, value] of given) this.set(name, value);
  }

  get(name: string): string | undefined {
    return this.#known.get(name.toUpperCase())?.[1];
  }

  set(name: string, value: string): void {
    this.#known.set(name.toUpperCase(), [name, value]);
  }

  delete(name: string): void {
    this.#known.delete(name.toUpperCase());
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.#known.values();
  }
}
