import type { Buffer } from 'node:buffer';
import type { ByteRun } from '../../base/buffers.ts';
import type { AbortedRange, LogRead } from '../../log/log-types.ts';
import {
  batchBaseOffset,
  batchIsControl,
  batchIsTransactional,
  batchLastOffset,
  batchProducerId,
  batchTotalBytes,
  walkBatches,
} from '../../record/batch.ts';
import { readControlBatch } from '../../record/control-record.ts';
import type { AcquiredRange } from './acquired-ranges.ts';
import type { FetchedBatch } from './share-partition.ts';

/** A batch of a read, with where its bytes are. */
export interface ReadBatch extends FetchedBatch {
  readonly piece: Buffer;
  readonly position: number;
  readonly length: number;
}

/** The batches of a read. Share consumers do not see aborted transactions: the broker tells which batches are theirs. */
export function readBatches({ pieces, abortedTransactions }: LogRead): ReadBatch[] {
  const aborted = new AbortedProducers(abortedTransactions);
  const batches: ReadBatch[] = [];
  for (const piece of pieces) {
    for (const position of walkBatches(piece)) {
      batches.push({
        firstOffset: batchBaseOffset(piece, position),
        lastOffset: batchLastOffset(piece, position),
        isAborted: aborted.holds(piece, position),
        ...{ piece, position, length: batchTotalBytes(piece, position) },
      });
    }
  }
  return batches;
}

/** The bytes of those batches that hold something acquired; neighbours in one piece. */
export function acquiredBytes(batches: readonly ReadBatch[], ranges: readonly AcquiredRange[]): ByteRun {
  const pieces: Buffer[] = [];
  let length = 0;
  let next = 0;
  let last: { piece: Buffer; start: number; end: number } | undefined;
  for (const { firstOffset, lastOffset, piece, position, length: batchBytes } of batches) {
    while (next < ranges.length && ranges[next]!.lastOffset < firstOffset) next++;
    if (next === ranges.length) break;
    if (ranges[next]!.firstOffset > lastOffset) continue;
    length += batchBytes;
    if (last?.piece === piece && last.end === position) {
      last.end += batchBytes;
      pieces[pieces.length - 1] = piece.subarray(last.start, last.end);
    } else {
      last = { piece, start: position, end: position + batchBytes };
      pieces.push(piece.subarray(last.start, last.end));
    }
  }
  return { length, pieces };
}

/** Whose batches are aborted at the moment, batch after batch. */
class AbortedProducers {
  readonly #coming: AbortedRange[];
  readonly #active = new Set<number>();

  constructor(ranges: readonly AbortedRange[]) {
    this.#coming = [...ranges].sort((a, b) => a.firstOffset - b.firstOffset);
  }

  holds(piece: Buffer, position: number): boolean {
    const lastOffset = batchLastOffset(piece, position);
    while (this.#coming.length > 0 && this.#coming[0]!.firstOffset <= lastOffset)
      this.#active.add(this.#coming.shift()!.producerId);
    const producerId = batchProducerId(piece, position);
    if (!batchIsTransactional(piece, position) || !this.#active.has(producerId)) return false;
    if (!batchIsControl(piece, position)) return true;
    if (readControlBatch(piece, position)?.outcome === 'abort') this.#active.delete(producerId);
    return false;
  }
}
