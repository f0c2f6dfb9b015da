import type { Buffer } from 'node:buffer';
import type { PartitionLog } from '../log/partition-log.ts';
import { sealBatch } from '../record/batch-builder.ts';
import {
  type Isolation,
  type LogChunk,
  type NewTopic,
  type PartitionBatch,
  type PartitionOffsets,
  type TopicDescription,
  TopicError,
  type TopicPartition,
  type Topics,
  type TransactionalWriter,
} from '../topics/topics.ts';
import type { GroupCoordinator } from './group/group-coordinator.ts';
import { COORDINATOR_TOPICS, METADATA_TOPIC } from './internal-topics.ts';
import type { LocalRegistry } from './local-registry.ts';
import { LocalWriter } from './local-writer.ts';
import { asTopicError } from './topic-errors.ts';
import type { TransactionCoordinator } from './txn/txn-coordinator.ts';

/** The topics port in the process of the log: no socket, no protocol. */
export class LocalTopics implements Topics {
  readonly #registry: LocalRegistry;
  readonly #groups: GroupCoordinator;
  readonly #transactions: TransactionCoordinator;

  constructor(registry: LocalRegistry, groups: GroupCoordinator, transactions: TransactionCoordinator) {
    this.#registry = registry;
    this.#groups = groups;
    this.#transactions = transactions;
  }

  async create(topic: NewTopic): Promise<TopicDescription> {
    const wanted = { ...topic, replicationFactor: topic.replicationFactor ?? null };
    const [result] = await this.#registry.createTopics([wanted], false);
    if (result?.topic !== undefined) return result.topic;
    throw new TopicError(result!.error, result!.message ?? `The topic ${topic.name} cannot be created.`);
  }

  async delete(name: string): Promise<void> {
    if (COORDINATOR_TOPICS.has(name))
      throw new TopicError('INVALID_TOPIC_EXCEPTION', `The topic ${name} belongs to the broker itself.`);
    const [result] = await this.#registry.deleteTopics([name], { internalToo: true });
    if (result!.error !== 'NONE')
      throw new TopicError(result!.error, result!.message ?? `There is no topic ${name}.`);
  }

  async describe(names?: readonly string[]): Promise<readonly TopicDescription[]> {
    if (names === undefined) return this.#registry.list();
    return names.map((name) => this.#registry.find(name)).filter((topic) => topic !== undefined);
  }

  async offsets(partition: TopicPartition): Promise<PartitionOffsets> {
    const { logStartOffset, highWatermark, lastStableOffset } = this.#log(partition);
    return { logStartOffset, highWatermark, lastStableOffset };
  }

  read(
    partition: TopicPartition,
    offset: number,
    options: { readonly maxBytes: number; readonly isolation: Isolation },
  ): Promise<LogChunk> {
    return asTopicError(() => {
      // SQL's PRINT would show whoever may use HTTP what is kept of passwords (KIP-554).
      if (partition.topic === METADATA_TOPIC)
        throw new TopicError('TOPIC_AUTHORIZATION_FAILED', `Only the broker itself reads ${METADATA_TOPIC}.`);
      return this.#log(partition).read(offset, options);
    });
  }

  append({ topic, partition, batch }: PartitionBatch): Promise<number> {
    return asTopicError(async () => {
      const log = this.#log({ topic, partition });
      sealBatch(batch as Buffer);
      const { baseOffset, durable } = log.append(batch, { origin: 'internal' });
      await durable;
      return baseOffset;
    });
  }

  async transact(transactionalId: string): Promise<TransactionalWriter> {
    const owner = await asTopicError(() => this.#transactions.takeOver(transactionalId));
    return new LocalWriter(owner, (partition) => this.#log(partition), this.#groups, this.#transactions);
  }

  watch(partitions: readonly TopicPartition[], onAdvance: () => void): () => void {
    // All are found before the first is watched: a missing one must leave no listener behind.
    const logs = partitions.map((partition) => this.#log(partition));
    const stops = logs.map((log) => log.onAdvance(onAdvance));
    return () => {
      for (const stop of stops) stop();
    };
  }

  #log({ topic, partition }: TopicPartition): PartitionLog {
    const log = this.#registry.partitionLog(topic, partition);
    if (log !== undefined) return log;
    const found = this.#registry.find(topic);
    // The topic has the partition, but its files are damaged or its logs are just being opened.
    if (found !== undefined && partition < found.partitionCount && partition >= 0)
      throw new TopicError('KAFKA_STORAGE_ERROR', `The log of ${topic}-${partition} is offline.`);
    throw new TopicError('UNKNOWN_TOPIC_OR_PARTITION', `There is no partition ${topic}-${partition}.`);
  }
}
