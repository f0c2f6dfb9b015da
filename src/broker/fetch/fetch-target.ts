import type { Isolation } from '../../log/log-types.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { leaderEpochError, missingLogError } from '../apis/shared.ts';
import type { TopicRegistry } from '../topic-registry.ts';

/** One partition as a client asks for it: by name, or by id from v13 on. */
export interface FetchTarget {
  readonly topic: string;
  readonly topicId: string;
  readonly byId: boolean;
  readonly partition: number;
  readonly fetchOffset: number;
  readonly maxBytes: number;
  readonly currentLeaderEpoch: number;
  readonly lastFetchedEpoch: number;
}

/** Why a target cannot be read; `log` is there when the partition at least exists. */
export interface Unreadable {
  readonly error: ErrorName;
  readonly log?: PartitionLog;
}

export function targetKey({
  topic,
  topicId,
  byId,
  partition,
}: Pick<FetchTarget, 'topic' | 'topicId' | 'byId' | 'partition'>): string {
  return `${byId ? topicId : topic}:${partition}`;
}

/** Looks the target up anew each time: its topic may have been deleted while the fetch was parked. */
export function locate(
  topics: TopicRegistry,
  target: FetchTarget,
): { readonly log: PartitionLog } | Unreadable {
  const topic = target.byId ? topics.findById(target.topicId) : topics.find(target.topic);
  if (topic === undefined) return { error: target.byId ? 'UNKNOWN_TOPIC_ID' : 'UNKNOWN_TOPIC_OR_PARTITION' };
  const log = topics.partitionLog(topic.name, target.partition);
  if (log === undefined) return { error: missingLogError(topics, topic.name, target.partition) };
  const epochError = leaderEpochError(log, target.currentLeaderEpoch);
  if (epochError !== null) return { error: epochError, log };
  const { fetchOffset } = target;
  if (fetchOffset < log.logStartOffset || fetchOffset > log.endOffset)
    return { error: 'OFFSET_OUT_OF_RANGE', log };
  return { log };
}

/** KIP-320: the client's last record has an epoch that ended here before the offset it asks for. */
export function divergence(
  log: PartitionLog,
  { lastFetchedEpoch, fetchOffset }: FetchTarget,
): { readonly epoch: number; readonly endOffset: number } | null {
  if (lastFetchedEpoch < 0) return null;
  const { leaderEpoch, endOffset } = log.epochEnd(lastFetchedEpoch);
  if (endOffset >= fetchOffset && leaderEpoch >= lastFetchedEpoch) return null;
  return { epoch: leaderEpoch, endOffset };
}

/** What one partition can add to the bytes a fetch waits for. */
export function availableBytes(log: PartitionLog, target: FetchTarget, isolation: Isolation): number {
  return Math.min(log.bytesAvailable(target.fetchOffset, isolation), Math.max(0, target.maxBytes));
}
