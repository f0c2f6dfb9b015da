import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { OffsetToCommit } from '../group/group-calls.ts';
import type { TopicRegistry } from '../topic-registry.ts';

interface CommitTopic {
  readonly name: string;
  readonly partitions: readonly {
    readonly partitionIndex: number;
    readonly committedOffset: number;
    readonly committedLeaderEpoch: number;
    readonly committedMetadata: string | null;
  }[];
}

type ResultOf = (topic: string, partition: number) => number;

/** Commits the offsets of partitions that exist and may be read; the result tells each partition's error code. */
export async function commitKnown(
  registry: TopicRegistry,
  topics: readonly CommitTopic[],
  commit: (offsets: readonly OffsetToCommit[]) => Promise<{ readonly results: readonly ErrorName[] }>,
  mayRead: (topic: string) => boolean = () => true,
): Promise<ResultOf> {
  const known: OffsetToCommit[] = topics.flatMap(({ name, partitions }) => {
    if (!mayRead(name)) return [];
    const count = registry.find(name)?.partitionCount ?? 0;
    return partitions
      .filter(({ partitionIndex }) => partitionIndex >= 0 && partitionIndex < count)
      .map((partition) => ({
        topic: name,
        partition: partition.partitionIndex,
        offset: partition.committedOffset,
        leaderEpoch: partition.committedLeaderEpoch,
        metadata: partition.committedMetadata ?? '',
      }));
  });
  // Also without a single known partition: the group's own errors come first.
  const { results } = await commit(known);
  const codes = new Map<string, number>();
  known.forEach(({ topic, partition }, index) => {
    codes.set(`${topic}-${partition}`, errorCode(results[index]!));
  });
  return (topic, partition) =>
    codes.get(`${topic}-${partition}`) ??
    errorCode(mayRead(topic) ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'TOPIC_AUTHORIZATION_FAILED');
}
