import type { TopicPartition } from '../../topics/topics.ts';

/** In the order of their numbers in `__transaction_state`. */
export const TRANSACTION_STATES = [
  'Empty',
  'Ongoing',
  'PrepareCommit',
  'PrepareAbort',
  'CompleteCommit',
  'CompleteAbort',
  'Dead',
] as const;

export type TransactionStateName = (typeof TRANSACTION_STATES)[number];
export type TransactionOutcome = 'commit' | 'abort';

/** `transaction.version`: 2 gives each transaction an epoch of its own (KIP-890), 0 is everything before. */
export type TransactionVersion = 0 | 2;

/** An id or an epoch that is none. */
export const NONE = -1;
/** Kept to fence the last owner with; no owner ever has it. */
const MAX_EPOCH = 32_767;

/**
 * What is known of one transactional id.
 *
 * ```
 *  Empty ──partitions added──> Ongoing ──end──> PrepareCommit | PrepareAbort ──markers written──> Complete...
 *    ^                                                                                              │
 *    └──────────────── a new owner takes over (epoch + 1) ──────────────────────────────────────────┘
 * ```
 * The decision is durable before the first marker and the markers are before Complete: whoever starts after a
 * crash finds in Prepare... what is left to do. In version 2 the decision also raises the epoch, so that whatever
 * arrives late from the transaction, data or marker, has an epoch that is over.
 */
export interface TransactionState {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The epoch the owner had before the present one; NONE once somebody else took over, and after a start. */
  readonly lastProducerEpoch: number;
  /** The id before the epochs of it were used up. */
  readonly previousProducerId: number;
  /** While markers are written: the id that follows when the epochs of this one are used up. */
  readonly nextProducerId: number;
  readonly timeoutMs: number;
  readonly state: TransactionStateName;
  readonly partitions: readonly TopicPartition[];
  /** Of the last transaction, also when it has ended; -1 before the first one of this owner. */
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
  /** Of the call that led to this state. */
  readonly version: TransactionVersion;
}

export interface TransactionEntry {
  readonly transactionalId: string;
  /** null: forgotten. */
  readonly value: TransactionState | null;
}

/** A decided transaction whose markers are to be written. */
export interface DecidedTransaction extends TransactionState {
  readonly transactionalId: string;
  readonly outcome: TransactionOutcome;
}

export function decided(transactionalId: string, state: TransactionState): DecidedTransaction | undefined {
  if (state.state === 'PrepareCommit') return { ...state, transactionalId, outcome: 'commit' };
  if (state.state === 'PrepareAbort') return { ...state, transactionalId, outcome: 'abort' };
  return undefined;
}

/** The next owner needs another producer id. */
export function isExhausted(epoch: number): boolean {
  return epoch >= MAX_EPOCH - 1;
}

/** Decides under the owner's own epoch: before version 2, and for owners in this process. */
export function prepared(
  state: TransactionState,
  outcome: TransactionOutcome,
  nowMs: number,
): TransactionState {
  return {
    ...state,
    state: outcome === 'commit' ? 'PrepareCommit' : 'PrepareAbort',
    updatedAtMs: nowMs,
    version: 0,
  };
}

/** Version 2: decides under the next epoch. `nextProducerId` is needed when there is none after it. */
export function preparedWithBump(
  state: TransactionState,
  outcome: TransactionOutcome,
  nowMs: number,
  nextProducerId: number,
): TransactionState {
  return {
    ...prepared(state, outcome, nowMs),
    producerEpoch: Math.min(state.producerEpoch + 1, MAX_EPOCH),
    lastProducerEpoch: state.producerEpoch,
    nextProducerId,
    // There may be none to abort.
    startedAtMs: state.state === 'Ongoing' ? state.startedAtMs : nowMs,
    version: 2,
  };
}

/**
 * Aborts over the head of the owner, under an epoch that nobody has. In version 2 that is two further on: one further
 * would look to the owner like the answer to an end of its own that was lost.
 */
export function fenced(
  state: TransactionState,
  nowMs: number,
  version: TransactionVersion,
): TransactionState {
  const bumped = {
    ...state,
    producerEpoch: Math.min(state.producerEpoch + 1, MAX_EPOCH),
    lastProducerEpoch: NONE,
  };
  return version === 2 ? preparedWithBump(bumped, 'abort', nowMs, NONE) : prepared(bumped, 'abort', nowMs);
}

/** All markers are durable. */
export function completed(state: DecidedTransaction, nowMs: number): TransactionState {
  const { transactionalId: _, outcome, ...rest } = state;
  const isUsedUp = state.nextProducerId !== NONE;
  return {
    ...rest,
    ...(isUsedUp && {
      producerId: state.nextProducerId,
      producerEpoch: 0,
      previousProducerId: state.producerId,
      nextProducerId: NONE,
    }),
    state: outcome === 'commit' ? 'CompleteCommit' : 'CompleteAbort',
    partitions: [],
    updatedAtMs: nowMs,
  };
}
