import type { DescribeShareGroupOffsetsRequest } from '../../protocol/messages.gen.ts';
import type { Access } from '../access.ts';
import { type Api, api } from '../api.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import type { SharePlane } from './share-plane.ts';

type Group = DescribeShareGroupOffsetsRequest['groups'][number];

/**
 * DescribeShareGroupOffsets v0: where share groups begin, of the topics named or of all they keep a state for.
 *
 * - -1 stands for a partition the group has not begun to read.
 * - Asks for DESCRIBE on group and topic; of all topics those not allowed are left out.
 */
export const describeShareGroupOffsets = (plane: SharePlane): Api =>
  api('DescribeShareGroupOffsets', [0, 0], async ({ groups }, { access }) => ({
    groups: await Promise.all(
      groups.map(async (group) => {
        const { groupId } = group;
        if (!plane.isEnabled()) return { groupId, ...errorFields('UNSUPPORTED_VERSION') };
        if (!access.may('DESCRIBE', 'GROUP', groupId))
          return { groupId, ...errorFields('GROUP_AUTHORIZATION_FAILED') };
        if (groupId === '') return { groupId, ...errorFields('INVALID_GROUP_ID') };
        try {
          const topics = await wantedTopics(plane, group, access);
          return {
            groupId,
            topics: await Promise.all(topics.map((topic) => describe(plane, groupId, topic, access))),
          };
        } catch (error) {
          return { groupId, errorCode: coordinatorError(error) };
        }
      }),
    ),
  }));

async function wantedTopics({ groups }: SharePlane, { groupId, topics }: Group, access: Access) {
  if (topics !== null) return topics;
  const group = await groups.call('shareDescribe', { groupId });
  if (typeof group === 'string') return [];
  return group.partitions
    .filter(({ name }) => access.may('DESCRIBE', 'TOPIC', name))
    .map(({ name, partitions }) => ({ topicName: name, partitions }));
}

async function describe(
  { registry, shares }: SharePlane,
  groupId: string,
  { topicName, partitions }: { readonly topicName: string; readonly partitions: readonly number[] },
  access: Access,
) {
  const topic = registry.find(topicName);
  const error = !access.may('DESCRIBE', 'TOPIC', topicName)
    ? 'TOPIC_AUTHORIZATION_FAILED'
    : topic === undefined
      ? 'UNKNOWN_TOPIC_OR_PARTITION'
      : undefined;
  if (topic === undefined || error !== undefined) {
    const failed = partitions.map((partitionIndex) => ({ partitionIndex, ...errorFields(error ?? 'NONE') }));
    return { topicName, partitions: failed };
  }
  const { topicId } = topic;
  return {
    ...{ topicName, topicId },
    partitions: await Promise.all(
      partitions.map(async (partition) => {
        const key = { groupId, topicId, partition };
        const { startOffset, leaderEpoch } = await shares.call('describe', { key });
        return { partitionIndex: partition, startOffset, leaderEpoch };
      }),
    ),
  };
}
