import type { Buffer } from 'node:buffer';
import {
  batchBaseOffset,
  batchIsControl,
  batchLastOffset,
  batchLeaderEpoch,
  batchProducerEpoch,
  batchProducerId,
} from '../record/batch.ts';
import { readControlBatch } from '../record/control-record.ts';
import { producerBatch } from './batch-check.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { ProducerStates } from './producer-state.ts';
import type { Segment } from './segment.ts';

export interface ReplayTarget {
  readonly epochs: LeaderEpochs;
  readonly producers: ProducerStates;
  readonly indexIntervalBytes: number;
  /** A compacted log has gaps between its batches. */
  readonly isSparse: boolean;
  readonly nowMs: number;
}

/**
 * Enters a batch that lies in the log as if it were appended again. The CRC leaves out base offset and leader
 * epoch, so those are checked against the batch before; returns what is wrong with them.
 */
export function replayBatch(
  target: ReplayTarget,
  segment: Segment,
  buffer: Buffer,
  at: number,
  expectedOffset: number,
): string | undefined {
  const baseOffset = batchBaseOffset(buffer, at);
  if (target.isSparse ? baseOffset < expectedOffset : baseOffset !== expectedOffset) return 'WRONG_OFFSET';
  const epoch = batchLeaderEpoch(buffer, at);
  if (epoch < (target.epochs.entries.at(-1)?.epoch ?? 0)) return 'WRONG_LEADER_EPOCH';
  target.epochs.assign(epoch, baseOffset);
  segment.enter(buffer, at, target.indexIntervalBytes);
  if (batchIsControl(buffer, at)) {
    replayMarker(target, segment, buffer, at);
    return undefined;
  }
  const produced = producerBatch(buffer, at);
  if (produced !== undefined) target.producers.append(produced, baseOffset, target.nowMs);
  return undefined;
}

function replayMarker(target: ReplayTarget, segment: Segment, buffer: Buffer, at: number): void {
  const control = readControlBatch(buffer, at);
  if (control === undefined) return;
  const marker = {
    producerId: batchProducerId(buffer, at),
    producerEpoch: batchProducerEpoch(buffer, at),
    coordinatorEpoch: control.coordinatorEpoch,
    outcome: control.outcome,
  };
  const completed = target.producers.complete(marker, batchLastOffset(buffer, at), target.nowMs);
  if (completed?.aborted) segment.enterAborted(completed);
}
