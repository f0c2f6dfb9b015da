import type { PartitionLog } from '../../log/partition-log.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { TransactionMarker } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import { type GroupCoordinator, OFFSETS_TOPIC } from '../group/group-coordinator.ts';

/** Where transactions leave open ends, and where their markers go. */
export interface TransactionLogs {
  partitionLog(topic: string, partition: number): PartitionLog | undefined;
  /** Every partition of the server. */
  logs(): Iterable<PartitionLog>;
}

/** Writes the markers that end a transaction, in all its partitions at once. */
export class MarkerWriter {
  readonly #logs: TransactionLogs;
  readonly #groups: GroupCoordinator;

  constructor(logs: TransactionLogs, groups: GroupCoordinator) {
    this.#logs = logs;
    this.#groups = groups;
  }

  /** Durable when resolved. A partition that was deleted meanwhile needs no marker. */
  async write(partitions: readonly TopicPartition[], marker: TransactionMarker): Promise<void> {
    await Promise.all(
      partitions.map(({ topic, partition }) => {
        const log = this.#logs.partitionLog(topic, partition);
        // A start finishes what was decided; where the producer has gone on since, the marker is there already.
        if (log === undefined || log.markerProblem(marker)?.code === 'INVALID_PRODUCER_EPOCH')
          return undefined;
        return this.#append(log, marker);
      }),
    );
  }

  /** One marker that somebody asks for; what the log refuses is told. Durable when resolved. */
  async writeOne({ topic, partition }: TopicPartition, marker: TransactionMarker): Promise<ErrorName> {
    const log = this.#logs.partitionLog(topic, partition);
    if (log === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
    const problem = log.markerProblem(marker);
    if (problem !== undefined) return problem.code;
    await this.#append(log, marker);
    return 'NONE';
  }

  #append(log: PartitionLog, marker: TransactionMarker): Promise<void> {
    // The group coordinator must see the marker too: it holds the undecided offsets.
    if (log.topic === OFFSETS_TOPIC) return this.#groups.endTransaction(log.partition, marker);
    return log.appendMarker(marker).durable;
  }

  /** The open transactions of the logs, with the partitions they hold up, by producer. */
  open(): Map<number, { readonly producerEpoch: number; readonly partitions: TopicPartition[] }> {
    const found = new Map<number, { producerEpoch: number; partitions: TopicPartition[] }>();
    for (const log of this.#logs.logs()) {
      const { topic, partition } = log;
      for (const { producerId, producerEpoch } of log.openTransactions()) {
        const known = found.get(producerId);
        if (known === undefined) found.set(producerId, { producerEpoch, partitions: [{ topic, partition }] });
        else {
          known.partitions.push({ topic, partition });
          known.producerEpoch = Math.max(known.producerEpoch, producerEpoch);
        }
      }
    }
    return found;
  }
}
