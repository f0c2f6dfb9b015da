import type { AbortedRange } from './log-types.ts';
import type { Segment } from './segment.ts';

/**
 * The aborted transactions that overlap [from, to). A transaction stands in the index of the segment of its marker,
 * so later segments must be asked too, until one completed when nothing below `to` was open any more.
 */
export async function abortedBetween(
  segments: readonly Segment[],
  firstIndex: number,
  from: number,
  to: number,
): Promise<AbortedRange[]> {
  const found: AbortedRange[] = [];
  for (const segment of segments.slice(firstIndex)) {
    for (const entry of await segment.abortedTransactions()) {
      if (entry.lastOffset >= from && entry.firstOffset < to) {
        found.push({ producerId: entry.producerId, firstOffset: entry.firstOffset });
      }
      if (entry.lastStableOffset >= to) return found;
    }
  }
  return found;
}
