import type { ErrorName } from '../../protocol/errors.ts';
import type { Answer, Call, Outcome, StateMachine } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import { decideEnd, decideEndWithBump, type EndDecision, type EndRequest } from './end-decision.ts';
import { decideInit, type InitRequest } from './init-decision.ts';
import type {
  EndReply,
  InitReply,
  TransactionCalls,
  TransactionFilter,
  TransactionOwner,
} from './txn-calls.ts';
import {
  completed,
  type DecidedTransaction,
  decided,
  fenced,
  NONE,
  prepared,
  type TransactionEntry,
  type TransactionState,
} from './txn-state.ts';

type Found = { readonly state: TransactionState } | { readonly error: ErrorName };
type Write = (transactionalId: string, value: TransactionState | null) => void;

/** The transaction coordinator of one `__transaction_state` partition: who owns an id, and what was decided. */
export class TransactionMachine implements StateMachine<TransactionCalls, TransactionEntry> {
  readonly #states = new Map<string, TransactionState>();
  readonly #idOfProducer = new Map<number, string>();

  find(transactionalId: string): TransactionState | undefined {
    return this.#states.get(transactionalId);
  }

  findByProducer(
    producerId: number,
  ): readonly [transactionalId: string, state: TransactionState] | undefined {
    const transactionalId = this.#idOfProducer.get(producerId);
    if (transactionalId === undefined) return undefined;
    return [transactionalId, this.#states.get(transactionalId)!];
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
      case 'describe':
        return this.find(call.request.transactionalId);
      case 'list':
        return this.all().filter(([id, state]) => isWanted(call.request, id, state, nowMs));
      case 'expire':
        return { decided: this.#expire(call.request, write, nowMs) };
    }
  }

  #init(request: InitRequest, write: Write, nowMs: number): InitReply {
    const decision = decideInit(this.#states.get(request.transactionalId), request, nowMs);
    if ('error' in decision) return { error: decision.error, producerId: NONE, producerEpoch: NONE };
    if (decision.next !== undefined) write(request.transactionalId, decision.next);
    if (!('unfinished' in decision)) return { error: 'NONE', ...identity(decision.next) };
    const { unfinished } = decision;
    return { error: 'CONCURRENT_TRANSACTIONS', ...identity(unfinished), unfinished };
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
      version: request.version,
    });
    return 'NONE';
  }

  #end(request: EndRequest, write: Write, nowMs: number): EndReply {
    const { transactionalId } = request;
    const state = this.#states.get(transactionalId);
    if (state === undefined) return refused('INVALID_PRODUCER_ID_MAPPING');
    const decision = this.#endDecision(state, request, nowMs);
    if ('error' in decision) return refused(decision.error);
    if ('needsProducerId' in decision) return { ...refused('NONE'), needsProducerId: true };
    if ('repeated' in decision) return endReply(transactionalId, state);
    write(transactionalId, decision.next);
    return endReply(transactionalId, decision.next);
  }

  #endDecision(state: TransactionState, request: EndRequest, nowMs: number): EndDecision {
    if (request.version === 2) return decideEndWithBump(state, request, nowMs);
    const found = this.#owned(request);
    return 'error' in found ? found : decideEnd(state, request, nowMs);
  }

  #decideUnannounced(request: TransactionCalls['decide']['request'], write: Write, nowMs: number): EndReply {
    const found = this.#owned(request);
    if ('error' in found) return refused(found.error);
    const { state } = found;
    if (decided('', state) !== undefined) return refused('CONCURRENT_TRANSACTIONS');
    const { transactionalId, outcome, partitions } = request;
    const next = { ...prepared(state, outcome, nowMs), partitions, startedAtMs: nowMs };
    write(transactionalId, next);
    return endReply(transactionalId, next);
  }

  #complete(request: TransactionOwner, write: Write, nowMs: number): ErrorName {
    const found = this.#owned(request);
    if ('error' in found) return found.error;
    const transaction = decided(request.transactionalId, found.state);
    if (transaction !== undefined) write(request.transactionalId, completed(transaction, nowMs));
    return 'NONE';
  }

  #expire(
    { idExpirationMs, isHeld, version }: TransactionCalls['expire']['request'],
    write: Write,
    nowMs: number,
  ): readonly DecidedTransaction[] {
    const aborted: DecidedTransaction[] = [];
    for (const [transactionalId, state] of this.#states) {
      if (state.state === 'Ongoing' && state.startedAtMs + state.timeoutMs <= nowMs) {
        const aborting = fenced(state, nowMs, version);
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

function isWanted(
  filter: TransactionFilter,
  transactionalId: string,
  state: TransactionState,
  nowMs: number,
): boolean {
  const { states, producerIds, longerThanMs, matches } = filter;
  if (state.state === 'Dead') return false;
  if (producerIds !== undefined && !producerIds.has(state.producerId)) return false;
  if (states !== undefined && !states.has(state.state)) return false;
  if (longerThanMs !== undefined && nowMs - state.startedAtMs <= longerThanMs) return false;
  return matches === undefined || matches(transactionalId);
}

function refused(error: ErrorName): EndReply {
  return { error, producerId: NONE, producerEpoch: NONE };
}

function endReply(transactionalId: string, state: TransactionState): EndReply {
  return { error: 'NONE', ...identity(state), decided: decided(transactionalId, state) };
}

/** What the owner is once the transaction of this state, if there is one, is complete. */
function identity({ producerId, producerEpoch, nextProducerId }: TransactionState) {
  return nextProducerId === NONE
    ? { producerId, producerEpoch }
    : { producerId: nextProducerId, producerEpoch: 0 };
}

function includes(partitions: readonly TopicPartition[], wanted: TopicPartition): boolean {
  return partitions.some(({ topic, partition }) => topic === wanted.topic && partition === wanted.partition);
}
