import type { Buffer } from 'node:buffer';
import {
  batchIsTransactional,
  batchLastOffset,
  batchProducerId,
  batchRecordCount,
} from '../../record/batch.ts';
import { readControlBatch } from '../../record/control-record.ts';
import type { AbortedEntry } from '../index-entries.ts';

/** What is to be done with a transaction marker. */
export interface MarkerFate {
  /** Nothing of its transaction is left: it may go once its time has come. */
  readonly isSpent: boolean;
  /** Still needed in the index of aborted transactions. */
  readonly aborted: AbortedEntry | undefined;
}

/**
 * Walks a log and knows of each batch whether its transaction was aborted; and, if it began at the log's start, of
 * each marker whether any batch of its transaction was met before it.
 *
 *   [data 7] [data 9] [commit 9] [abort 7] ... [abort 7]
 *   aborted  fine     keep       keep          spent: no batch of 7 since the last marker
 */
export class TransactionWalk {
  /** In the order of first offsets. */
  readonly #ahead: AbortedEntry[];
  #nextAhead = 0;
  readonly #aborting = new Map<number, { readonly entry: AbortedEntry; hasData: boolean }>();
  readonly #committing = new Set<number>();

  constructor(aborted: readonly AbortedEntry[]) {
    this.#ahead = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Whether the data batch is one of an aborted transaction. */
  isAborted(buffer: Buffer, at: number): boolean {
    if (!batchIsTransactional(buffer, at)) return false;
    this.#advance(batchLastOffset(buffer, at));
    const producerId = batchProducerId(buffer, at);
    const aborting = this.#aborting.get(producerId);
    if (aborting === undefined || aborting.entry.lastOffset < batchLastOffset(buffer, at)) {
      this.#committing.add(producerId);
      return false;
    }
    aborting.hasData = true;
    return true;
  }

  marker(buffer: Buffer, at: number): MarkerFate {
    this.#advance(batchLastOffset(buffer, at));
    // Emptied before, because it was spent.
    if (batchRecordCount(buffer, at) === 0) return { isSpent: true, aborted: undefined };
    const control = readControlBatch(buffer, at);
    // Another kind of control record: none of ours to judge.
    if (control === undefined) return { isSpent: false, aborted: undefined };
    const producerId = batchProducerId(buffer, at);
    if (control.outcome === 'commit') {
      return { isSpent: !this.#committing.delete(producerId), aborted: undefined };
    }
    const aborting = this.#aborting.get(producerId);
    this.#aborting.delete(producerId);
    const hasData = aborting?.hasData ?? false;
    return { isSpent: !hasData, aborted: hasData ? aborting?.entry : undefined };
  }

  #advance(offset: number): void {
    for (; this.#nextAhead < this.#ahead.length; this.#nextAhead++) {
      const entry = this.#ahead[this.#nextAhead]!;
      if (entry.firstOffset > offset) return;
      // Over before the walk began.
      if (entry.lastOffset < offset) continue;
      this.#aborting.set(entry.producerId, { entry, hasData: false });
    }
  }
}
