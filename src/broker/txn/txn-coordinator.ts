import { type Clock, repeat, type Timer } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { ProducerIdentity, TransactionMarker } from '../../topics/state-machine.ts';
import { TopicError, type TopicPartition } from '../../topics/topics.ts';
import type { CoordinatorPartitions } from '../coordinator-partitions.ts';
import type { MarkerWriter } from './marker-writer.ts';
import type { ProducerIds } from './producer-ids.ts';
import type {
  EndReply,
  InitReply,
  TransactionCalls,
  TransactionFilter,
  TransactionOwner,
} from './txn-calls.ts';
import type { TransactionMachine } from './txn-machine.ts';
import {
  type DecidedTransaction,
  NONE,
  type TransactionEntry,
  type TransactionOutcome,
  type TransactionState,
  type TransactionVersion,
} from './txn-state.ts';

export const TRANSACTIONS_TOPIC = '__transaction_state';

/** A transaction of this process ends with it: no time-out. */
const NO_TIMEOUT_MS = 2_147_483_647;

export interface TransactionConfig {
  readonly maxTimeoutMs: number;
  readonly scanIntervalMs: number;
  readonly idExpirationMs: number;
}

export interface TransactionCoordinatorOptions {
  readonly partitions: CoordinatorPartitions<TransactionMachine, TransactionCalls, TransactionEntry>;
  readonly markers: MarkerWriter;
  readonly producerIds: ProducerIds;
  readonly config: () => TransactionConfig;
  /** The finalized `transaction.version`. */
  readonly version: () => TransactionVersion;
  /** Stamped into markers; rises at each start. */
  readonly coordinatorEpoch: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Whether a write may follow now, and what else must be durable before it is acknowledged. */
export interface JoinedWrite {
  readonly error: ErrorName;
  readonly announced?: Promise<{ readonly error: ErrorName }>;
}

/**
 * Carries transactions through: the machine decides, and then this writes the markers.
 *
 * ```
 *  end ──> Prepare durable ──> markers durable in every partition ──> answer
 *                                                              └──> Complete, in its own time
 * ```
 * Each step may be the last before a crash: `recover` goes on where the decision stands and aborts the rest.
 */
export class TransactionCoordinator {
  readonly #options: TransactionCoordinatorOptions;
  readonly #finishing = new Map<string, Promise<void>>();
  /** Until the note that a transaction is complete is durable, or cannot be. */
  readonly #completing = new Map<string, Promise<void>>();
  /** Ids whose owner lives in this process. */
  readonly #held = new Set<string>();
  #scanning: Timer | undefined;

  constructor(options: TransactionCoordinatorOptions) {
    this.#options = options;
  }

  /** Settles what the last run left: to be called once, before any producer comes. */
  async recover(): Promise<void> {
    const { partitions, markers } = this.#options;
    const unfinished = partitions.all().flatMap(({ machine }) => machine.unfinished());
    await Promise.all(unfinished.map((transaction) => this.#finish(transaction)));
    const settling = [...markers.open()].flatMap(([producerId, open]) => {
      const orphans = open.partitions.filter((partition) => !this.#isAnnounced(producerId, open, partition));
      return orphans.length === 0 ? [] : [this.#settleOrphans({ ...open, producerId }, orphans)];
    });
    await Promise.all(settling);
    this.#scanning = repeat(
      this.#options.clock,
      () => this.#options.config().scanIntervalMs,
      () => this.#scan(),
      (error) => this.#options.logger.warn('Transaction scan failed', { error: String(error) }),
    );
  }

  /**
   * What lies in a log of a transaction that does not know of it. Of the present epoch of a client that adds partitions
   * by writing to them (KIP-890), the crash came between the record and the note: it joins now, since a retry of the
   * record will be taken for done. Anything else has no owner any more.
   */
  async #settleOrphans(producer: ProducerIdentity, orphans: readonly TopicPartition[]): Promise<void> {
    const { markers, coordinatorEpoch, logger } = this.#options;
    const { producerId, producerEpoch } = producer;
    const [transactionalId, state] = this.#ofProducer(producerId) ?? [];
    if (state !== undefined && state.producerEpoch === producerEpoch && state.timeoutMs !== NO_TIMEOUT_MS) {
      const { error } = await this.addPartitions(
        { transactionalId: transactionalId!, ...producer },
        orphans,
        2,
      );
      if (error === 'NONE') return;
    }
    logger.info('Aborting a transaction that a crash left open', { producerId, partitions: orphans.length });
    await markers.write(orphans, { producerId, producerEpoch, coordinatorEpoch, outcome: 'abort' });
  }

  close(): void {
    this.#scanning?.cancel();
    this.#options.partitions.close();
  }

  /** A plain idempotent producer has no transactional id. */
  async initProducer(
    transactionalId: string | null,
    timeoutMs: number,
    resume?: ProducerIdentity,
  ): Promise<InitReply> {
    if (transactionalId === null)
      return { error: 'NONE', producerId: await this.#options.producerIds.next(), producerEpoch: 0 };
    if (transactionalId === '') return refusedInit('INVALID_REQUEST');
    if (timeoutMs <= 0 || timeoutMs > this.#options.config().maxTimeoutMs)
      return refusedInit('INVALID_TRANSACTION_TIMEOUT');
    return this.#init(transactionalId, timeoutMs, resume);
  }

  addPartitions(
    owner: TransactionOwner,
    partitions: readonly TopicPartition[],
    version: TransactionVersion,
  ): Promise<{ error: ErrorName }> {
    return this.#submit('addPartitions', { ...owner, partitions, version });
  }

  /** Answers when the outcome is visible to readers, with what the owner is from then on. */
  async end(
    owner: TransactionOwner,
    outcome: TransactionOutcome,
    version: TransactionVersion,
  ): Promise<EndReply> {
    let freshProducerId = NONE;
    for (;;) {
      const reply = await this.#submit('end', { ...owner, outcome, version, freshProducerId });
      if (reply.needsProducerId) freshProducerId = await this.#options.producerIds.next();
      else {
        if (reply.decided !== undefined) await this.#finish(reply.decided);
        return reply;
      }
    }
  }

  /** The owner's id, taken over for this process; what an earlier owner left is settled. */
  async takeOver(transactionalId: string): Promise<TransactionOwner> {
    const { markers, coordinatorEpoch } = this.#options;
    this.#held.add(transactionalId);
    const { error, producerId, producerEpoch } = await this.#init(transactionalId, NO_TIMEOUT_MS, undefined);
    if (error !== 'NONE')
      throw new TopicError(error, `The transactional id ${transactionalId} cannot be taken over.`);
    const { previousProducerId } = this.find(transactionalId) ?? { previousProducerId: -1 };
    // An owner in this process announces nothing; what it left open shows in the logs only.
    const open = markers.open();
    const left = [producerId, previousProducerId].flatMap((id) => {
      const found = open.get(id);
      if (found === undefined) return [];
      const epoch = id === producerId ? producerEpoch : found.producerEpoch;
      return markers.write(found.partitions, {
        producerId: id,
        producerEpoch: epoch,
        coordinatorEpoch,
        outcome: 'abort',
      });
    });
    await Promise.all(left);
    return { transactionalId, producerId, producerEpoch };
  }

  /** Whether nobody took over since; answers at once, so that an append right after it is still safe. */
  owns({ transactionalId, producerId, producerEpoch }: TransactionOwner): boolean {
    const state = this.find(transactionalId);
    return state?.producerId === producerId && state.producerEpoch === producerEpoch;
  }

  /**
   * Resolves when a crash can no longer bring back the owner's last transaction, which would take what the owner has
   * written since for a part of it. Clients need not ask: their next call waits for the same.
   */
  async completed({ transactionalId }: TransactionOwner): Promise<void> {
    await this.#completing.get(transactionalId);
  }

  /** Commits what the owner, who lives in this process, has durably written to these partitions. */
  async commitWritten(owner: TransactionOwner, partitions: readonly TopicPartition[]): Promise<void> {
    const reply = await this.#submit('decide', { ...owner, outcome: 'commit', partitions });
    if (reply.decided === undefined)
      throw new TopicError(reply.error, `The transactional id ${owner.transactionalId} has another owner.`);
    await this.#finish(reply.decided);
  }

  /** KIP-890: whether the transaction is open for this partition, asked right before an append to it. */
  verifyWrite(
    transactionalId: string | null,
    producer: ProducerIdentity,
    { topic, partition }: TopicPartition,
  ): ErrorName {
    const state = this.find(transactionalId ?? '');
    if (state === undefined || state.producerId !== producer.producerId) return 'INVALID_PRODUCER_ID_MAPPING';
    if (state.producerEpoch !== producer.producerEpoch) return 'INVALID_PRODUCER_EPOCH';
    if (state.state === 'PrepareCommit' || state.state === 'PrepareAbort') return 'CONCURRENT_TRANSACTIONS';
    const isOpen =
      state.state === 'Ongoing' &&
      state.partitions.some((other) => other.topic === topic && other.partition === partition);
    return isOpen ? 'NONE' : 'TRANSACTION_ABORTABLE';
  }

  /**
   * As verifyWrite for a client that announces nothing (version 2): what it writes to joins its transaction, or begins
   * one. In force when this returns, so that the append can follow at once; both must be durable before the answer.
   */
  joinWrite(
    transactionalId: string | null,
    producer: ProducerIdentity,
    partition: TopicPartition,
  ): JoinedWrite {
    const error = this.verifyWrite(transactionalId, producer, partition);
    if (error !== 'TRANSACTION_ABORTABLE') return { error };
    const { producerId, producerEpoch } = producer;
    const owner = { transactionalId: transactionalId ?? '', producerId, producerEpoch };
    const announced = this.addPartitions(owner, [partition], 2);
    // Who wrote awaits it later.
    announced.catch(() => {});
    const isIn = this.verifyWrite(transactionalId, producer, partition) === 'NONE';
    return isIn ? { error: 'NONE', announced } : { error: 'COORDINATOR_NOT_AVAILABLE' };
  }

  /** Ends a transaction in one partition, whatever its state: the last resort against one that hangs. */
  async writeMarker(partition: TopicPartition, marker: TransactionMarker): Promise<ErrorName> {
    // In the name of a later coordinator it would fence this one.
    if (marker.coordinatorEpoch > this.#options.coordinatorEpoch) return 'INVALID_REQUEST';
    return await this.#options.markers.writeOne(partition, marker);
  }

  describe(transactionalId: string): Promise<TransactionState | undefined> {
    return this.#options.partitions.submit(transactionalId, 'describe', { transactionalId });
  }

  async list(filter: TransactionFilter): Promise<TransactionCalls['list']['reply']> {
    const lists = this.#options.partitions.all().map(({ runner }) => runner.submit('list', filter));
    return (await Promise.all(lists)).flat();
  }

  find(transactionalId: string): TransactionState | undefined {
    return this.#options.partitions.of(transactionalId).machine.find(transactionalId);
  }

  async #init(
    transactionalId: string,
    timeoutMs: number,
    resume: ProducerIdentity | undefined,
  ): Promise<InitReply> {
    for (;;) {
      const freshProducerId = await this.#options.producerIds.next();
      const version = this.#options.version();
      const request = { transactionalId, timeoutMs, freshProducerId, resume, version };
      const reply = await this.#submit('init', request);
      if (reply.unfinished === undefined) return reply;
      await this.#finish(reply.unfinished);
    }
  }

  #submit<Kind extends 'init' | 'addPartitions' | 'end' | 'decide' | 'complete'>(
    kind: Kind,
    request: TransactionCalls[Kind]['request'] & { readonly transactionalId: string },
  ): Promise<TransactionCalls[Kind]['reply']> {
    return this.#options.partitions.submit(request.transactionalId, kind, request);
  }

  /** Several may want the same end; the markers are written once. */
  #finish(transaction: DecidedTransaction): Promise<void> {
    const { transactionalId } = transaction;
    let finishing = this.#finishing.get(transactionalId);
    if (finishing === undefined) {
      finishing = this.#writeMarkers(transaction).finally(() => this.#finishing.delete(transactionalId));
      this.#finishing.set(transactionalId, finishing);
    }
    return finishing;
  }

  async #writeMarkers(transaction: DecidedTransaction): Promise<void> {
    const { markers, coordinatorEpoch, logger } = this.#options;
    const { transactionalId, producerId, producerEpoch, outcome, partitions, version } = transaction;
    const marker = { producerId, producerEpoch, coordinatorEpoch, outcome, isBumped: version === 2 };
    await markers.write(partitions, marker);
    // Takes effect at once for who comes next; should it not become durable, the markers are written again.
    const completing = this.#submit('complete', { transactionalId, producerId, producerEpoch }).then(
      () => {},
    );
    this.#completing.set(transactionalId, completing);
    completing
      .then(() => {
        if (this.#completing.get(transactionalId) === completing) this.#completing.delete(transactionalId);
      })
      .catch((error: unknown) => {
        logger.warn('A finished transaction could not be noted as complete', { error: String(error) });
      });
  }

  #isAnnounced(
    producerId: number,
    open: { readonly producerEpoch: number },
    partition: TopicPartition,
  ): boolean {
    const [, state] = this.#ofProducer(producerId) ?? [];
    return (
      state?.state === 'Ongoing' &&
      state.producerEpoch === open.producerEpoch &&
      state.partitions.some((p) => p.topic === partition.topic && p.partition === partition.partition)
    );
  }

  #ofProducer(producerId: number): readonly [transactionalId: string, state: TransactionState] | undefined {
    for (const { machine } of this.#options.partitions.all()) {
      const found = machine.findByProducer(producerId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #scan(): Promise<void> {
    const { partitions, config, version } = this.#options;
    const request = {
      version: version(),
      idExpirationMs: config().idExpirationMs,
      isHeld: (transactionalId: string) => this.#held.has(transactionalId),
    };
    await Promise.all(
      partitions.all().map(async ({ runner }) => {
        const { decided } = await runner.submit('expire', request);
        await Promise.all(decided.map((transaction) => this.#finish(transaction)));
      }),
    );
  }
}

function refusedInit(error: ErrorName): InitReply {
  return { error, producerId: -1, producerEpoch: -1 };
}
