import type { ErrorName } from '../../protocol/errors.ts';
import type { ProducerIdentity } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import type { DecidedTransaction } from './txn-state.ts';

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
  /** Its markers are to be written; absent when there is nothing left to do. */
  readonly decided?: DecidedTransaction | undefined;
}

/** Every call of the transaction machine. */
export type TransactionCalls = {
  init: {
    request: {
      readonly transactionalId: string;
      readonly timeoutMs: number;
      /** Used when the id is new or its epochs are used up. */
      readonly freshProducerId: number;
      /** KIP-360: a producer that recovers from an error names what it had. */
      readonly resume?: ProducerIdentity | undefined;
    };
    reply: InitReply;
  };
  addPartitions: {
    request: TransactionOwner & { readonly partitions: readonly TopicPartition[] };
    reply: { readonly error: ErrorName };
  };
  end: { request: TransactionOwner & { readonly outcome: 'commit' | 'abort' }; reply: EndReply };
  /** Decides a transaction whose partitions were written without being announced; the owner is in this process. */
  decide: {
    request: TransactionOwner & {
      readonly outcome: 'commit' | 'abort';
      readonly partitions: readonly TopicPartition[];
    };
    reply: EndReply;
  };
  /** All markers are durable. */
  complete: { request: TransactionOwner; reply: { readonly error: ErrorName } };
  /** Aborts what ran out of time and forgets ids nobody used for long. */
  expire: {
    request: { readonly idExpirationMs: number; readonly isHeld: (transactionalId: string) => boolean };
    reply: { readonly decided: readonly DecidedTransaction[] };
  };
};
