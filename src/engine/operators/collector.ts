import type { OutputChange } from '../running-query.ts';
import type { Change, QueryContext } from './change.ts';
import { type Outlet, outputChange, type RoundResult, SHOWS_NOTHING } from './outlet.ts';

/** The end of a push query: nothing is written, the changes go to whoever listens. */
export class Collector implements Outlet {
  readonly #context: QueryContext;
  readonly #keyWidth: number;
  #changes: OutputChange[] = [];

  constructor(context: QueryContext, keyWidth: number) {
    this.#context = context;
    this.#keyWidth = keyWidth;
  }

  get pendingRows(): number {
    return this.#changes.length;
  }

  push(change: Change): void {
    if (!this.#context.rebuilding && !this.#context.muted)
      this.#changes.push(outputChange(change, this.#keyWidth));
  }

  flush(): RoundResult {
    const changes = this.#changes;
    this.#changes = [];
    return { show: SHOWS_NOTHING, changes, written: changes.length };
  }
}
