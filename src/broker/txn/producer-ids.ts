/** As many as Kafka takes at a time: a restart wastes at most one block. */
const BLOCK_SIZE = 1000;

/** Hands out producer ids, each once and for ever; a whole block is made durable before its first one. */
export class ProducerIds {
  readonly #allocate: (count: number) => Promise<number>;
  #next = 0;
  #end = 0;
  #refill: Promise<void> | undefined;

  /** `allocate` reserves ids durably and says the first. */
  constructor(allocate: (count: number) => Promise<number>) {
    this.#allocate = allocate;
  }

  async next(): Promise<number> {
    while (this.#next === this.#end) {
      this.#refill ??= this.#fill();
      await this.#refill;
    }
    return this.#next++;
  }

  async #fill(): Promise<void> {
    try {
      const first = await this.#allocate(BLOCK_SIZE);
      this.#next = first;
      this.#end = first + BLOCK_SIZE;
    } finally {
      this.#refill = undefined;
    }
  }
}
