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

/**
 * What is known of one transactional id.
 *
 * ```
 *  Empty ──partitions added──> Ongoing ──end──> PrepareCommit | PrepareAbort ──markers written──> Complete...
 *    ^                                                                                              │
 *    └──────────────── a new owner takes over (epoch + 1) ──────────────────────────────────────────┘
 * ```
 * The decision is durable before the first marker and the markers are before Complete: whoever starts after a
 * crash finds in Prepare... what is left to do.
 */
export interface TransactionState {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** The id before the epochs of it were used up; -1 when there was none. */
  readonly previousProducerId: number;
  readonly timeoutMs: number;
  readonly state: TransactionStateName;
  readonly partitions: readonly TopicPartition[];
  /** -1 outside a transaction. */
  readonly startedAtMs: number;
  readonly updatedAtMs: number;
}

export interface TransactionEntry {
  readonly transactionalId: string;
  /** null: forgotten. */
  readonly value: TransactionState | null;
}

/** A decided transaction whose markers are to be written. */
export interface DecidedTransaction extends TransactionState {
  readonly transactionalId: string;
  readonly outcome: 'commit' | 'abort';
}

export function decided(transactionalId: string, state: TransactionState): DecidedTransaction | undefined {
  if (state.state === 'PrepareCommit') return { ...state, transactionalId, outcome: 'commit' };
  if (state.state === 'PrepareAbort') return { ...state, transactionalId, outcome: 'abort' };
  return undefined;
}
