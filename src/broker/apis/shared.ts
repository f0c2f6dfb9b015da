import type { PartitionLog } from '../../log/partition-log.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import type { TopicDescription } from '../../topics/topics.ts';
import type { Access } from '../access.ts';
import { METADATA_TOPIC } from '../internal-topics.ts';
import { topicNameProblem } from '../metadata/topic-name.ts';
import type { TopicRegistry } from '../topic-registry.ts';

/** Whether a client may have the records of a topic. What the server keeps of its own holds credentials (KIP-554). */
export function mayReadTopic(access: Access, name: string): boolean {
  return name !== METADATA_TOPIC && access.may('READ', 'TOPIC', name);
}

export function partitionNumbers({ partitionCount }: TopicDescription): number[] {
  return Array.from({ length: partitionCount }, (_, index) => index);
}

/** KIP-320: the client names the leader epoch it knows; -1 is none. A different one means its metadata is wrong. */
export function leaderEpochError(log: PartitionLog, currentLeaderEpoch: number): ErrorName | null {
  if (currentLeaderEpoch < 0 || currentLeaderEpoch === log.leaderEpoch) return null;
  return currentLeaderEpoch < log.leaderEpoch ? 'FENCED_LEADER_EPOCH' : 'UNKNOWN_LEADER_EPOCH';
}

/** Whoever asks for a name that no topic can have learns that, rather than to try again later. */
export function missingTopicError(name: string): ErrorName {
  return topicNameProblem(name) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'INVALID_TOPIC_EXCEPTION';
}

/** Why a partition has no log: there is no such partition, or its files could not be opened. */
export function missingLogError(topics: TopicRegistry, topic: string, partition: number): ErrorName {
  const partitionCount = topics.find(topic)?.partitionCount ?? 0;
  const exists = partition >= 0 && partition < partitionCount;
  return exists ? 'KAFKA_STORAGE_ERROR' : 'UNKNOWN_TOPIC_OR_PARTITION';
}
