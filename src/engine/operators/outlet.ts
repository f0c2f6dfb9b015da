import type { OutputChange } from '../running-query.ts';
import type { Change, Output } from './change.ts';

/** What the end of a plan hands over when a round is closed. */
export interface RoundResult {
  /** Lets readers see the round; to be called once it is committed. */
  readonly show: () => void;
  readonly changes: readonly OutputChange[];
  /** Records written to the sink. */
  readonly written: number;
}

/** Where there is nothing to read from. */
export const SHOWS_NOTHING = (): void => {};

/** The end of a plan: gathers what a round has to make visible at once. */
export interface Outlet extends Output {
  /** Closes the round: what was held back is written, what was gathered is handed over. */
  flush(): RoundResult;
  readonly pendingRows: number;
}

export function outputChange(change: Change, keyWidth: number): OutputChange {
  const { key, row, timestampMs, partition, offset } = change;
  return { key: key.length === keyWidth ? key : key.slice(0, keyWidth), row, timestampMs, partition, offset };
}
