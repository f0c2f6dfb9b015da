import { errorCode } from '../../protocol/errors.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import { type Api, api } from '../api.ts';
import type { CommittedOffset } from '../group/group-calls.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

interface WantedGroup {
  readonly groupId: string;
  readonly topics: readonly { readonly name: string; readonly partitionIndexes: readonly number[] }[] | null;
  readonly memberId?: string | null;
  readonly memberEpoch?: number;
}

type Answer = CommittedOffset & { readonly code: number };

/**
 * OffsetFetch v1-9 (v10 is unstable in 4.1). Asks for DESCRIBE of the group and of each topic.
 *
 * - Nothing committed is offset -1 without an error, also for a group nobody knows.
 * - v2+ null topics ask for everything, of which a client sees what it may; v7+ RequireStable (KIP-447); v8+ several
 *   groups at once; v9 a member and its epoch (KIP-848).
 * - v1 has no error of the group: each partition carries it.
 */
export const offsetFetch = ({ groups }: ControlPlane): Api =>
  api('OffsetFetch', [1, 9], async (request, { apiVersion, access }) => {
    const maySee = ({ topic }: TopicPartition) => access.may('DESCRIBE', 'TOPIC', topic);
    const fetchGroup = async (wanted: WantedGroup) => {
      const { groupId, topics, memberId, memberEpoch = -1 } = wanted;
      const asked = topics === null ? ('all' as const) : topics.flatMap(partitionsOf);
      const failed = (code: number) => {
        const offsets = apiVersion < 2 && asked !== 'all' ? asked.map((one) => without(one, code)) : [];
        return { groupId, topics: byTopic(offsets), errorCode: code };
      };
      const refusal = groupRefusal(access, 'DESCRIBE', groupId);
      if (refusal !== 'NONE') return failed(errorCode(refusal));
      try {
        const { error, offsets } = await groups.call('fetchOffsets', {
          groupId,
          partitions: asked === 'all' ? asked : asked.filter(maySee),
          requireStable: request.requireStable,
          ...(typeof memberId === 'string' && { member: { memberId, epoch: memberEpoch } }),
        });
        if (error !== 'NONE') return failed(errorCode(error));
        const visible = offsets.filter(maySee).map((one) => ({ ...one, code: errorCode(one.error) }));
        const hidden = asked === 'all' ? [] : asked.filter((one) => !maySee(one));
        const code = errorCode('TOPIC_AUTHORIZATION_FAILED');
        const all = [...visible, ...hidden.map((one) => without(one, code))];
        return { groupId, topics: byTopic(all), errorCode: errorCode('NONE') };
      } catch (error) {
        return failed(coordinatorError(error));
      }
    };
    if (apiVersion < 8) return fetchGroup(request);
    return { groups: await Promise.all(request.groups.map(fetchGroup)) };
  });

function without({ topic, partition }: TopicPartition, code: number): Answer {
  return { topic, partition, offset: -1, leaderEpoch: -1, metadata: '', code };
}

function partitionsOf({
  name,
  partitionIndexes,
}: NonNullable<WantedGroup['topics']>[number]): TopicPartition[] {
  return partitionIndexes.map((partition) => ({ topic: name, partition }));
}

function byTopic(offsets: readonly Answer[]) {
  const topics = Map.groupBy(offsets, ({ topic }) => topic);
  return [...topics].map(([name, partitions]) => ({
    name,
    partitions: partitions.map((committed) => ({
      partitionIndex: committed.partition,
      committedOffset: committed.offset,
      committedLeaderEpoch: committed.leaderEpoch,
      metadata: committed.metadata,
      errorCode: committed.code,
    })),
  }));
}
