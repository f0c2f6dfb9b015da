import type { PartitionLog } from '../log/partition-log.ts';
import type { TopicDescription } from '../topics/topics.ts';

/** The topics that exist, with their logs, as the request handlers see them. All but `autoCreate` answer at once. */
export interface TopicRegistry {
  find(name: string): TopicDescription | undefined;
  /** By incarnation: the id of a deleted topic is unknown even when its name exists again. */
  findById(topicId: string): TopicDescription | undefined;
  list(): readonly TopicDescription[];
  /** `undefined` when the topic or the partition does not exist. */
  partitionLog(topic: string, partition: number): PartitionLog | undefined;
  /**
   * Creates the topic with the broker's defaults when auto.create.topics.enable allows it. Rejects with a
   * TopicError: UNKNOWN_TOPIC_OR_PARTITION when it is not allowed, INVALID_TOPIC_EXCEPTION for a bad name.
   */
  autoCreate(name: string): Promise<TopicDescription>;
}
