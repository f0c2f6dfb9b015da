import { approximateRowBytes } from '../row-size.ts';
import type { OutputChange } from '../running-query.ts';
import type { Change, QueryContext } from './change.ts';
import { type Outlet, outputChange, type RoundResult, SHOWS_NOTHING } from './outlet.ts';

/** A reader gets its changes in helpings, between which it can ask to wait. */
const HELPING_ROWS = 1_000;
const HELPING_BYTES = 256 * 1024;

/** The end of a push query: nothing is written, the changes go to whoever listens. */
export class Collector implements Outlet {
  readonly #context: QueryContext;
  readonly #keyWidth: number;
  #changes: OutputChange[] = [];
  #bytes = 0;

  constructor(context: QueryContext, keyWidth: number) {
    this.#context = context;
    this.#keyWidth = keyWidth;
  }

  get pendingRows(): number {
    return this.#changes.length;
  }

  /** There is a helping. */
  get isFull(): boolean {
    return this.#changes.length >= HELPING_ROWS || this.#bytes >= HELPING_BYTES;
  }

  push(change: Change): void {
    if (this.#context.rebuilding || this.#context.muted) return;
    this.#changes.push(outputChange(change, this.#keyWidth));
    this.#bytes += approximateRowBytes(change.row ?? change.key);
  }

  flush(): RoundResult {
    const changes = this.#changes;
    this.#changes = [];
    this.#bytes = 0;
    return { show: SHOWS_NOTHING, changes, written: changes.length };
  }
}
