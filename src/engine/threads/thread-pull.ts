import type { Caller } from '../../base/calls.ts';
import type { Row } from '../../data/schema.ts';
import type { PulledRows } from '../running-query.ts';
import type { EngineCalls, PulledHelping } from './engine-calls.ts';

/** A pull query in another thread: the first helping came with the answer, each further one is asked for. */
export class ThreadPull implements PulledRows {
  readonly #calls: Caller<EngineCalls>;
  #helping: PulledHelping | undefined;
  #cursor: number | undefined;

  constructor(calls: Caller<EngineCalls>, first: PulledHelping) {
    this.#calls = calls;
    this.#helping = first;
    this.#cursor = first.cursor;
  }

  get isShort(): boolean {
    return this.#cursor === undefined;
  }

  async next(): Promise<readonly Row[] | undefined> {
    const helping = this.#helping ?? (await this.#more());
    this.#helping = undefined;
    return helping === undefined || helping.rows.length === 0 ? undefined : helping.rows;
  }

  close(): void {
    this.#helping = { rows: [], cursor: undefined };
    if (this.#cursor !== undefined) this.#calls.tell('pullClose', this.#cursor);
    this.#cursor = undefined;
  }

  async #more(): Promise<PulledHelping | undefined> {
    if (this.#cursor === undefined) return undefined;
    const helping = await this.#calls.call('pullMore', this.#cursor);
    // Unless it was closed meanwhile.
    if (this.#cursor !== undefined) this.#cursor = helping.cursor;
    return helping;
  }
}
