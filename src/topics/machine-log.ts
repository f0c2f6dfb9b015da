import type { Buffer } from 'node:buffer';
import type { ProducerIdentity, TransactionMarker } from './state-machine.ts';
import type { TopicPartition, Topics } from './topics.ts';

/** The partition under a state machine. Appends become durable in the order they were made. */
export interface MachineLog {
  /** Of the partition, for messages. */
  readonly name: string;
  firstOffset(): Promise<number>;
  /** Whole batches, also of open transactions; no bytes at the end of the log. */
  read(offset: number): Promise<{ readonly bytes: Buffer; readonly nextOffset: number }>;
  /** Takes an unsealed batch; resolves when it is durable. */
  append(batch: Buffer, producer: ProducerIdentity | undefined): Promise<void>;
  appendMarker?(marker: TransactionMarker): Promise<void>;
}

const READ_BYTES = 4 * 1024 * 1024;

/** A machine's log through the topics port, where nobody else writes and nothing is transactional. */
export function topicMachineLog(topics: Topics, partition: TopicPartition): MachineLog {
  return {
    name: `${partition.topic}-${partition.partition}`,
    firstOffset: async () => (await topics.offsets(partition)).logStartOffset,
    read: (offset) => topics.read(partition, offset, { maxBytes: READ_BYTES, isolation: 'read_uncommitted' }),
    append: async (batch) => {
      await topics.append({ ...partition, batch });
    },
  };
}
