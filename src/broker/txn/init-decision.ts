import type { ErrorName } from '../../protocol/errors.ts';
import type { ProducerIdentity } from '../../topics/state-machine.ts';
import {
  type DecidedTransaction,
  decided,
  fenced,
  isExhausted,
  NONE,
  type TransactionState,
  type TransactionVersion,
} from './txn-state.ts';

export interface InitRequest {
  readonly transactionalId: string;
  readonly timeoutMs: number;
  /** Used when the id is new or its epochs are used up. */
  readonly freshProducerId: number;
  /** KIP-360: a producer that recovers from an error names what it had. */
  readonly resume?: ProducerIdentity | undefined;
  /** What the cluster has finalized. */
  readonly version: TransactionVersion;
}

export type InitDecision =
  | { readonly error: ErrorName }
  /** The owner, as it is from now. */
  | { readonly next: TransactionState }
  /** To be finished first; `next` when it was decided just now. */
  | { readonly unfinished: DecidedTransaction; readonly next?: TransactionState };

/** Who owns a transactional id after InitProducerId. */
export function decideInit(
  before: TransactionState | undefined,
  request: InitRequest,
  nowMs: number,
): InitDecision {
  const { transactionalId, timeoutMs, freshProducerId, resume, version } = request;
  const fresh: TransactionState = {
    ...{ producerId: freshProducerId, previousProducerId: NONE, nextProducerId: NONE },
    ...{ producerEpoch: 0, lastProducerEpoch: NONE, timeoutMs, partitions: [], version: 0 },
    ...{ state: 'Empty', startedAtMs: -1, updatedAtMs: nowMs },
  };
  if (before === undefined) return { next: fresh };
  const { producerId, producerEpoch, previousProducerId } = before;
  const unfinished = decided(transactionalId, before);
  if (unfinished !== undefined) return { unfinished };
  if (resume !== undefined && !isKnown(resume, before)) return { error: 'PRODUCER_FENCED' };
  if (before.state === 'Ongoing') {
    if (resume !== undefined && resume.producerEpoch !== producerEpoch) return { error: 'PRODUCER_FENCED' };
    const next = fenced(before, nowMs, version);
    return { next, unfinished: decided(transactionalId, next)! };
  }
  if (isExhausted(producerEpoch) && (resume === undefined || resume.producerEpoch === producerEpoch)) {
    const lastProducerEpoch = resume === undefined ? NONE : producerEpoch;
    return { next: { ...fresh, lastProducerEpoch, previousProducerId: producerId } };
  }
  const give = (epoch: number, lastProducerEpoch: number): InitDecision => {
    return { next: { ...fresh, producerId, previousProducerId, producerEpoch: epoch, lastProducerEpoch } };
  };
  if (resume === undefined) return give(producerEpoch + 1, NONE);
  if (resume.producerEpoch === producerEpoch) return give(producerEpoch + 1, producerEpoch);
  // The answer that told of the present epoch was lost.
  if (resume.producerEpoch === before.lastProducerEpoch) return give(producerEpoch, before.lastProducerEpoch);
  return { error: 'PRODUCER_FENCED' };
}

/** The id is the present one, or the one whose last epoch was answered with it. */
function isKnown(resume: ProducerIdentity, { producerId, previousProducerId }: TransactionState): boolean {
  if (resume.producerId === producerId) return true;
  return resume.producerId === previousProducerId && isExhausted(resume.producerEpoch);
}
