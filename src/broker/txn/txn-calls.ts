import type { ErrorName } from '../../protocol/errors.ts';
import type { ProducerIdentity } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import type { EndRequest } from './end-decision.ts';
import type { InitRequest } from './init-decision.ts';
import type {
  DecidedTransaction,
  TransactionOutcome,
  TransactionState,
  TransactionStateName,
  TransactionVersion,
} from './txn-state.ts';

/** One owner of a transactional id, as it presents itself. */
export interface TransactionOwner extends ProducerIdentity {
  readonly transactionalId: string;
}

export interface InitReply {
  readonly error: ErrorName;
  readonly producerId: number;
  readonly producerEpoch: number;
  /** First this transaction must be finished; then ask again. */
  readonly unfinished?: DecidedTransaction | undefined;
}

export interface EndReply {
  readonly error: ErrorName;
  /** What the owner is from now on: the same but in version 2. */
  readonly producerId: number;
  readonly producerEpoch: number;
  /** Its markers are to be written; absent when there is nothing left to do. */
  readonly decided?: DecidedTransaction | undefined;
  /** Nothing happened: to be asked again with a fresh producer id. */
  readonly needsProducerId?: true;
}

export interface TransactionFilter {
  readonly states?: ReadonlySet<TransactionStateName> | undefined;
  readonly producerIds?: ReadonlySet<number> | undefined;
  readonly longerThanMs?: number | undefined;
  readonly matches?: (transactionalId: string) => boolean;
}

/** Every call of the transaction machine. */
export type TransactionCalls = {
  init: { request: InitRequest; reply: InitReply };
  addPartitions: {
    request: TransactionOwner & {
      readonly partitions: readonly TopicPartition[];
      readonly version: TransactionVersion;
    };
    reply: { readonly error: ErrorName };
  };
  end: { request: EndRequest; reply: EndReply };
  /** Decides a transaction whose partitions were written without being announced; the owner is in this process. */
  decide: {
    request: TransactionOwner & {
      readonly outcome: TransactionOutcome;
      readonly partitions: readonly TopicPartition[];
    };
    reply: EndReply;
  };
  /** All markers are durable. */
  complete: { request: TransactionOwner; reply: { readonly error: ErrorName } };
  describe: { request: { readonly transactionalId: string }; reply: TransactionState | undefined };
  list: {
    request: TransactionFilter;
    reply: readonly (readonly [transactionalId: string, state: TransactionState])[];
  };
  /** Aborts what ran out of time and forgets ids nobody used for long. */
  expire: {
    request: {
      readonly idExpirationMs: number;
      readonly isHeld: (transactionalId: string) => boolean;
      /** What the cluster has finalized. */
      readonly version: TransactionVersion;
    };
    reply: { readonly decided: readonly DecidedTransaction[] };
  };
};
