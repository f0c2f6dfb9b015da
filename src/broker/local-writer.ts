import { SerialQueue } from '../base/async.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { batchRecordCount } from '../record/batch.ts';
import { sealBatch } from '../record/batch-builder.ts';
import {
  type PartitionBatch,
  type Position,
  TopicError,
  type TopicPartition,
  type TransactionalWriter,
} from '../topics/topics.ts';
import type { GroupCoordinator } from './group/group-coordinator.ts';
import { asTopicError } from './topic-errors.ts';
import type { TransactionOwner } from './txn/txn-calls.ts';
import type { TransactionCoordinator } from './txn/txn-coordinator.ts';

type Work = Parameters<TransactionalWriter['commit']>[0];

/** Sequences are 31-bit counters. */
const SEQUENCES = 2 ** 31;

/**
 * A transactional producer inside the broker's process.
 *
 * ```
 *  batches ──append──> partitions ───────┐
 *  positions ──────> __consumer_offsets ─┴─ durable ──> decision durable ──> markers durable ──> resolved
 * ```
 * All partitions sync at the same time, so a commit costs three syncs however much it writes; a fourth, which notes that
 * it is complete, goes on beside whatever the owner does until its next commit, which waits for it. What was appended
 * before a failure stays undecided, hence invisible, until the id is taken over anew.
 */
export class LocalWriter implements TransactionalWriter {
  readonly #owner: TransactionOwner;
  readonly #log: (partition: TopicPartition) => PartitionLog;
  readonly #groups: GroupCoordinator;
  readonly #transactions: TransactionCoordinator;
  readonly #nextSequence = new Map<PartitionLog, number>();
  readonly #queue = new SerialQueue();
  #failure: unknown;

  constructor(
    owner: TransactionOwner,
    log: (partition: TopicPartition) => PartitionLog,
    groups: GroupCoordinator,
    transactions: TransactionCoordinator,
  ) {
    this.#owner = owner;
    this.#log = log;
    this.#groups = groups;
    this.#transactions = transactions;
  }

  async positions(group: string): Promise<readonly Position[]> {
    const { offsets } = await this.#groups.call('fetchOffsets', {
      groupId: group,
      partitions: 'all',
      requireStable: false,
    });
    return offsets.map(({ topic, partition, offset }) => ({ topic, partition, offset }));
  }

  commit(work: Work): Promise<readonly number[]> {
    return this.#queue.run(() => this.#commit(work));
  }

  async #commit(work: Work): Promise<readonly number[]> {
    if (this.#failure !== undefined) throw this.#failure;
    try {
      return await asTopicError(() => this.#commitOnce(work));
    } catch (error) {
      this.#failure = error;
      throw error;
    }
  }

  async #commitOnce({ batches, group, positions }: Work): Promise<readonly number[]> {
    // A position of a deleted topic would turn up again in the next topic of that name.
    for (const position of positions) this.#log(position);
    if (batches.length === 0) {
      // Positions alone are one record batch: all or nothing without a transaction.
      await this.#commitPositions(group, positions, false);
      return [];
    }
    await this.#transactions.completed(this.#owner);
    this.#checkOwner();
    const logs = batches.map((batch) => this.#log(batch));
    const appended = batches.map((batch, index) => this.#append(logs[index]!, batch));
    await Promise.all([
      ...appended.map(({ durable }) => durable),
      this.#commitPositions(group, positions, true),
    ]);
    await this.#transactions.commitWritten(this.#owner, this.#partitions(batches, group, positions));
    return appended.map(({ baseOffset }) => baseOffset);
  }

  /** Another owner shows here before anything is written; nothing can come between this and the appends. */
  #checkOwner(): void {
    if (this.#transactions.owns(this.#owner)) return;
    throw new TopicError(
      'PRODUCER_FENCED',
      `The transactional id ${this.#owner.transactionalId} has another owner.`,
    );
  }

  #append(log: PartitionLog, { batch }: PartitionBatch) {
    const { producerId, producerEpoch } = this.#owner;
    const baseSequence = this.#nextSequence.get(log) ?? 0;
    sealBatch(batch, { producerId, producerEpoch, baseSequence, transactional: true });
    const appended = log.append(batch, { origin: 'internal' });
    this.#nextSequence.set(log, (baseSequence + batchRecordCount(batch, 0)) % SEQUENCES);
    // Someone awaits it only after all appends; a failure before that must not count as unhandled.
    appended.durable.catch(() => {});
    return appended;
  }

  async #commitPositions(
    group: string,
    positions: readonly Position[],
    inTransaction: boolean,
  ): Promise<void> {
    if (positions.length === 0) return;
    this.#checkOwner();
    const { error } = await this.#groups.call('commit', {
      groupId: group,
      memberId: '',
      instanceId: null,
      generation: -1,
      offsets: positions.map((position) => ({ ...position, leaderEpoch: -1, metadata: '' })),
      // A query may rest for months and must still know where it was.
      neverExpires: true,
      ...(inTransaction ? { producer: this.#owner } : {}),
    });
    if (error !== 'NONE') throw new TopicError(error, `The positions of ${group} cannot be committed.`);
  }

  #partitions(
    batches: readonly PartitionBatch[],
    group: string,
    positions: readonly Position[],
  ): TopicPartition[] {
    const touched = new Map<string, TopicPartition>();
    for (const { topic, partition } of batches) touched.set(`${topic}-${partition}`, { topic, partition });
    if (positions.length > 0) {
      const offsets = this.#groups.offsetsPartition(group);
      touched.set(`${offsets.topic}-${offsets.partition}`, offsets);
    }
    return [...touched.values()];
  }
}
