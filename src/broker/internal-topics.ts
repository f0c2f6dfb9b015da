import type { TopicDescription } from '../topics/topics.ts';
import { OFFSETS_TOPIC } from './group/group-coordinator.ts';
import type { TopicToCreate } from './metadata/metadata-calls.ts';
import { SHARE_STATE_TOPIC } from './share/share-coordinator.ts';
import { TRANSACTIONS_TOPIC } from './txn/txn-coordinator.ts';

export const METADATA_TOPIC = '__millrace_metadata';

/** The server cannot run without these: nobody may delete them. */
export const COORDINATOR_TOPICS: ReadonlySet<string> = new Set([
  METADATA_TOPIC,
  OFFSETS_TOPIC,
  TRANSACTIONS_TOPIC,
  SHARE_STATE_TOPIC,
]);

const CONFIG: ReadonlyMap<string, string> = new Map([
  ['cleanup.policy', 'compact'],
  ['compression.type', 'producer'],
  // One decision is one batch, however many members or partitions it names.
  ['max.message.bytes', '104857600'],
  // A start reads the active segment and what compaction left of the others: Kafka's 100 MiB would take seconds.
  ['segment.bytes', '8388608'],
]);

/** Its records are changes, which no later one replaces; it cuts itself (ShareCoordinator). */
const SHARE_STATE_CONFIG: ReadonlyMap<string, string> = new Map([
  ...CONFIG,
  ['cleanup.policy', 'delete'],
  ['retention.ms', '-1'],
]);

/** The metadata topic as it is before its own record of it has been read. */
export const METADATA_TOPIC_DESCRIPTION: TopicDescription = {
  name: METADATA_TOPIC,
  topicId: '0'.repeat(32),
  partitionCount: 1,
  replicationFactor: 1,
  config: CONFIG,
  internal: true,
};

/** What the server needs for itself, created at the first start. */
export function internalTopics(partitionCounts: {
  readonly offsets: number;
  readonly transactions: number;
  readonly shareState: number;
}): readonly TopicToCreate[] {
  const topic = (name: string, partitionCount: number, config = CONFIG) => ({
    name,
    partitionCount,
    replicationFactor: 1,
    config,
    internal: true,
  });
  return [
    topic(METADATA_TOPIC, 1),
    topic(OFFSETS_TOPIC, partitionCounts.offsets),
    topic(TRANSACTIONS_TOPIC, partitionCounts.transactions),
    topic(SHARE_STATE_TOPIC, partitionCounts.shareState, SHARE_STATE_CONFIG),
  ];
}
