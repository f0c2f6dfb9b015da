import type { ErrorName } from '../../protocol/errors.ts';
import type { Answer, Call, Outcome, StateMachine } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import type { EndReply, InitReply, TransactionCalls, TransactionOwner } from './txn-calls.ts';
import {
  type DecidedTransaction,
  decided,
  type TransactionEntry,
  type TransactionState,
} from './txn-state.ts';

/** The last epoch a new owner may get; one more is kept to fence it with. */
const LAST_EPOCH = 32_766;

type Found = { readonly state: TransactionState } | { readonly error: ErrorName };

/** The transaction coordinator of one `__transaction_state` partition: who owns an id, and what was decided. */
export class TransactionMachine implements StateMachine<TransactionCalls, TransactionEntry> {
  readonly #states = new Map<string, TransactionState>();
  readonly #idOfProducer = new Map<number, string>();

  find(transactionalId: string): TransactionState | undefined {
    return this.#states.get(transactionalId);
  }

  findByProducer(producerId: number): TransactionState | undefined {
    return this.#states.get(this.#idOfProducer.get(producerId) ?? '');
  }

  all(): readonly (readonly [transactionalId: string, state: TransactionState])[] {
    return [...this.#states];
  }

  /** Decided, but not known to be complete. */
  unfinished(): readonly DecidedTransaction[] {
    return this.all().flatMap(([transactionalId, state]) => decided(transactionalId, state) ?? []);
  }

  handle(call: Call<TransactionCalls>, nowMs: number): Outcome<TransactionCalls, TransactionEntry> {
    const entries: TransactionEntry[] = [];
    const write = (transactionalId: string, value: TransactionState | null) => {
      entries.push({ transactionalId, value });
    };
    const reply = this.#decide(call, write, nowMs);
    return { entries, replies: [{ token: call.token, reply }], wakeAtMs: undefined };
  }

  /** The time-out scan is a call: what it decides has work to follow. */
  wake(_nowMs: number): Outcome<TransactionCalls, TransactionEntry> {
    return { entries: [], replies: [], wakeAtMs: undefined };
  }

  replay({ transactionalId, value }: TransactionEntry): void {
    const before = this.#states.get(transactionalId);
    if (before !== undefined && before.producerId !== value?.producerId)
      this.#idOfProducer.delete(before.producerId);
    if (value === null) {
      this.#states.delete(transactionalId);
      return;
    }
    this.#states.set(transactionalId, value);
    this.#idOfProducer.set(value.producerId, transactionalId);
  }

  #decide(call: Call<TransactionCalls>, write: Write, nowMs: number): Answer<TransactionCalls>['reply'] {
    switch (call.kind) {
      case 'init':
        return this.#init(call.request, write, nowMs);
      case 'addPartitions':
        return { error: this.#addPartitions(call.request, write, nowMs) };
      case 'end':
        return this.#end(call.request, write, nowMs);
      case 'decide':
        return this.#decideUnannounced(call.request, write, nowMs);
      case 'complete':
        return { error: this.#complete(call.request, write, nowMs) };
      case 'expire':
        return { decided: this.#expire(call.request, write, nowMs) };
    }
  }

  #init(request: TransactionCalls['init']['request'], write: Write, nowMs: number): InitReply {
    const { transactionalId, timeoutMs, freshProducerId, resume } = request;
    const before = this.#states.get(transactionalId);
    const start = { timeoutMs, state: 'Empty', partitions: [], startedAtMs: -1, updatedAtMs: nowMs } as const;
    const give = (producerId: number, producerEpoch: number, previousProducerId: number): InitReply => {
      write(transactionalId, { ...start, producerId, producerEpoch, previousProducerId });
      return { error: 'NONE', producerId, producerEpoch };
    };
    if (before === undefined) return give(freshProducerId, 0, -1);
    const { producerId, producerEpoch } = before;
    const unfinished = decided(transactionalId, before);
    if (unfinished !== undefined)
      return { error: 'CONCURRENT_TRANSACTIONS', producerId, producerEpoch, unfinished };
    if (resume !== undefined) {
      const isRetry = before.state === 'Empty' && isPredecessor(resume, before);
      if (isRetry) return { error: 'NONE', producerId, producerEpoch };
      if (resume.producerId !== producerId || resume.producerEpoch !== producerEpoch)
        return { error: 'PRODUCER_FENCED', producerId: -1, producerEpoch: -1 };
    }
    if (before.state === 'Ongoing') {
      // The earlier owner's transaction ends now, under an epoch that it does not have.
      const aborting = prepared(before, 'abort', before.partitions, producerEpoch + 1, nowMs);
      write(transactionalId, aborting);
      return {
        error: 'CONCURRENT_TRANSACTIONS',
        producerId,
        producerEpoch,
        unfinished: decided(transactionalId, aborting),
      };
    }
    if (producerEpoch >= LAST_EPOCH) return give(freshProducerId, 0, producerId);
    return give(producerId, producerEpoch + 1, before.previousProducerId);
  }

  #owned(owner: TransactionOwner): Found {
    const state = this.#states.get(owner.transactionalId);
    if (state === undefined || state.producerId !== owner.producerId) {
      const wasOwner = state !== undefined && state.previousProducerId === owner.producerId;
      return { error: wasOwner ? 'PRODUCER_FENCED' : 'INVALID_PRODUCER_ID_MAPPING' };
    }
    return state.producerEpoch === owner.producerEpoch ? { state } : { error: 'PRODUCER_FENCED' };
  }

  #addPartitions(
    request: TransactionCalls['addPartitions']['request'],
    write: Write,
    nowMs: number,
  ): ErrorName {
    const found = this.#owned(request);
    if ('error' in found) return found.error;
    const { state } = found;
    if (decided('', state) !== undefined) return 'CONCURRENT_TRANSACTIONS';
    const isOngoing = state.state === 'Ongoing';
    const before = isOngoing ? state.partitions : [];
    const added = request.partitions.filter((partition) => !includes(before, partition));
    if (isOngoing && added.length === 0) return 'NONE';
    write(request.transactionalId, {
      ...state,
      state: 'Ongoing',
      partitions: [...before, ...added],
      startedAtMs: isOngoing ? state.startedAtMs : nowMs,
      updatedAtMs: nowMs,
    });
    return 'NONE';
  }

  #end(request: TransactionCalls['end']['request'], write: Write, nowMs: number): EndReply {
    const found = this.#owned(request);
    if ('error' in found) return found;
    const { state } = found;
    const { outcome, transactionalId } = request;
    switch (state.state) {
      case 'Ongoing':
        return this.#prepare(transactionalId, state, outcome, state.partitions, write, nowMs);
      case 'PrepareCommit':
      case 'PrepareAbort': {
        // A retry joins the end that is under way.
        const running = decided(transactionalId, state)!;
        return running.outcome === outcome
          ? { error: 'NONE', decided: running }
          : { error: 'INVALID_TXN_STATE' };
      }
      case 'CompleteCommit':
        return { error: outcome === 'commit' ? 'NONE' : 'INVALID_TXN_STATE' };
      case 'CompleteAbort':
        return { error: outcome === 'abort' ? 'NONE' : 'INVALID_TXN_STATE' };
      default:
        return { error: 'INVALID_TXN_STATE' };
    }
  }

  #decideUnannounced(request: TransactionCalls['decide']['request'], write: Write, nowMs: number): EndReply {
    const found = this.#owned(request);
    if ('error' in found) return found;
    const { state } = found;
    if (decided('', state) !== undefined) return { error: 'CONCURRENT_TRANSACTIONS' };
    const { transactionalId, outcome, partitions } = request;
    return this.#prepare(transactionalId, state, outcome, partitions, write, nowMs);
  }

  #prepare(
    transactionalId: string,
    state: TransactionState,
    outcome: 'commit' | 'abort',
    partitions: readonly TopicPartition[],
    write: Write,
    nowMs: number,
  ): EndReply {
    const next = prepared(state, outcome, partitions, state.producerEpoch, nowMs);
    write(transactionalId, next);
    return { error: 'NONE', decided: decided(transactionalId, next) };
  }

  #complete(request: TransactionOwner, write: Write, nowMs: number): ErrorName {
    const found = this.#owned(request);
    if ('error' in found) return found.error;
    const outcome = decided(request.transactionalId, found.state)?.outcome;
    if (outcome === undefined) return 'NONE';
    write(request.transactionalId, {
      ...found.state,
      state: outcome === 'commit' ? 'CompleteCommit' : 'CompleteAbort',
      partitions: [],
      startedAtMs: -1,
      updatedAtMs: nowMs,
    });
    return 'NONE';
  }

  #expire(
    { idExpirationMs, isHeld }: TransactionCalls['expire']['request'],
    write: Write,
    nowMs: number,
  ): readonly DecidedTransaction[] {
    const aborted: DecidedTransaction[] = [];
    for (const [transactionalId, state] of this.#states) {
      if (state.state === 'Ongoing' && state.startedAtMs + state.timeoutMs <= nowMs) {
        const aborting = prepared(state, 'abort', state.partitions, state.producerEpoch + 1, nowMs);
        write(transactionalId, aborting);
        aborted.push(decided(transactionalId, aborting)!);
      }
      const isIdle = state.state === 'Empty' || state.state.startsWith('Complete');
      if (isIdle && state.updatedAtMs + idExpirationMs <= nowMs && !isHeld(transactionalId))
        write(transactionalId, null);
    }
    return aborted;
  }
}

type Write = (transactionalId: string, value: TransactionState | null) => void;

function prepared(
  state: TransactionState,
  outcome: 'commit' | 'abort',
  partitions: readonly TopicPartition[],
  producerEpoch: number,
  nowMs: number,
): TransactionState {
  return {
    ...state,
    producerEpoch,
    state: outcome === 'commit' ? 'PrepareCommit' : 'PrepareAbort',
    partitions,
    updatedAtMs: nowMs,
  };
}

/** KIP-360: the answer to the request that made `after` out of `resume` was lost. */
function isPredecessor(
  resume: { producerId: number; producerEpoch: number },
  after: TransactionState,
): boolean {
  if (resume.producerId === after.producerId) return resume.producerEpoch === after.producerEpoch - 1;
  return after.producerEpoch === 0 && resume.producerId === after.previousProducerId;
}

function includes(partitions: readonly TopicPartition[], wanted: TopicPartition): boolean {
  return partitions.some(({ topic, partition }) => topic === wanted.topic && partition === wanted.partition);
}
