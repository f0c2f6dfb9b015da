import type { ErrorName } from '../../protocol/errors.ts';
import type { ProducerIdentity } from '../../topics/state-machine.ts';
import {
  decided,
  isExhausted,
  NONE,
  prepared,
  preparedWithBump,
  type TransactionOutcome,
  type TransactionState,
  type TransactionVersion,
} from './txn-state.ts';

export interface EndRequest extends ProducerIdentity {
  readonly transactionalId: string;
  readonly outcome: TransactionOutcome;
  readonly version: TransactionVersion;
  /** Only for when the epochs are used up; NONE until it was asked for. */
  readonly freshProducerId: number;
}

export type EndDecision =
  | { readonly error: ErrorName }
  /** It has ended, or its end is under way. */
  | { readonly repeated: true }
  | { readonly next: TransactionState }
  | { readonly needsProducerId: true };

/** What EndTxn does to the transaction of a known owner, before version 2: the epoch stays. */
export function decideEnd(state: TransactionState, { outcome }: EndRequest, nowMs: number): EndDecision {
  if (state.state === 'Ongoing') return { next: prepared(state, outcome, nowMs) };
  return endedAs(state) === outcome ? { repeated: true } : { error: 'INVALID_TXN_STATE' };
}

/**
 * KIP-890: each transaction has an epoch of its own, so the epoch of a request tells which transaction it means.
 *
 * | state    | the present epoch                    | the one before (its answer was lost)   |
 * |----------|--------------------------------------|----------------------------------------|
 * | Empty    | abort: bump; commit: error           | fenced                                 |
 * | Ongoing  | bump                                 | fenced                                 |
 * | Prepare  | fenced                               | same outcome: join it; other: error    |
 * | Complete | abort: bump; commit: error           | same outcome: answer again; other: error |
 *
 * An abort without a transaction is right: the first Produce may have got lost, and the bump makes it late for ever.
 */
export function decideEndWithBump(state: TransactionState, request: EndRequest, nowMs: number): EndDecision {
  const { outcome, freshProducerId } = request;
  const isUsedUp = isRepeatOfLastEpoch(state, request);
  if (state.producerId !== request.producerId && !isUsedUp) return { error: 'INVALID_PRODUCER_ID_MAPPING' };
  const isPresent = !isUsedUp && request.producerEpoch === state.producerEpoch;
  const isBefore = isUsedUp || request.producerEpoch === state.producerEpoch - 1;
  const ended = endedAs(state);
  if (isBefore && ended !== undefined)
    return ended === outcome ? { repeated: true } : { error: 'INVALID_TXN_STATE' };
  if (!isPresent || decided('', state) !== undefined) return { error: 'PRODUCER_FENCED' };
  if (state.state !== 'Ongoing' && outcome === 'commit') return { error: 'INVALID_TXN_STATE' };
  if (!isExhausted(state.producerEpoch)) return { next: preparedWithBump(state, outcome, nowMs, NONE) };
  if (freshProducerId === NONE) return { needsProducerId: true };
  return { next: preparedWithBump(state, outcome, nowMs, freshProducerId) };
}

/** The end that used up the epochs was answered with a new id and epoch 0. */
function isRepeatOfLastEpoch(state: TransactionState, { producerId, producerEpoch }: EndRequest): boolean {
  return producerId === state.previousProducerId && isExhausted(producerEpoch) && state.producerEpoch === 0;
}

function endedAs({ state }: TransactionState): TransactionOutcome | undefined {
  if (state === 'PrepareCommit' || state === 'CompleteCommit') return 'commit';
  if (state === 'PrepareAbort' || state === 'CompleteAbort') return 'abort';
  return undefined;
}
