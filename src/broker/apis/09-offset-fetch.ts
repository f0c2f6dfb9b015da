import { errorCode } from '../../protocol/errors.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import { type Api, api } from '../api.ts';
import type { FetchOffsetsReply } from '../group/group-calls.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

interface WantedGroup {
  readonly groupId: string;
  readonly topics: readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] | null;
}

/**
 * OffsetFetch v1-9 (v10 is unstable in 4.1).
 *
 * - Nothing committed is offset -1 without an error, also for a group nobody knows.
 * - v2+ null topics ask for everything; v7+ RequireStable (KIP-447); v8+ several groups at once.
 */
export const offsetFetch = ({ groups }: ControlPlane): Api =>
  api('OffsetFetch', [1, 9], async (request, { apiVersion }) => {
    const fetchGroup = async ({ groupId, topics }: WantedGroup) => {
      const partitions = topics === null ? ('all' as const) : topics.flatMap(partitionsOf);
      try {
        const { requireStable } = request;
        const { offsets } = await groups.call('fetchOffsets', { groupId, partitions, requireStable });
        return { groupId, topics: byTopic(offsets), errorCode: errorCode('NONE') };
      } catch (error) {
        return { groupId, topics: [], errorCode: coordinatorError(error) };
      }
    };
    if (apiVersion < 8) return fetchGroup(request);
    return { groups: await Promise.all(request.groups.map(fetchGroup)) };
  });

function partitionsOf({
  name,
  partitionIndexes,
}: NonNullable<WantedGroup['topics']>[number]): TopicPartition[] {
  return partitionIndexes.map((partition) => ({ topic: name, partition }));
}

function byTopic(offsets: FetchOffsetsReply['offsets']) {
  const topics = Map.groupBy(offsets, ({ topic }) => topic);
  return [...topics].map(([name, partitions]) => ({
    name,
    partitions: partitions.map((committed) => ({
      partitionIndex: committed.partition,
      committedOffset: committed.offset,
      committedLeaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      errorCode: errorCode(committed.error),
    })),
  }));
}
