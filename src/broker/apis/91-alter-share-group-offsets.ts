import type { ErrorName } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import type { SharePlane } from './share-plane.ts';

/**
 * AlterShareGroupOffsets v0: moves where an empty share group begins; everything it knew of the partition is gone.
 *
 * - Asks for READ on group and topics. A group with members answers NON_EMPTY_GROUP.
 */
export const alterShareGroupOffsets = ({ groups, registry, shares, isEnabled }: SharePlane): Api =>
  api('AlterShareGroupOffsets', [0, 0], async ({ groupId, topics }, { access }) => {
    if (!isEnabled()) return errorFields('UNSUPPORTED_VERSION');
    if (!access.may('READ', 'GROUP', groupId)) return errorFields('GROUP_AUTHORIZATION_FAILED');
    if (groupId === '') return errorFields('INVALID_GROUP_ID');
    try {
      const group = await groups.call('shareDescribe', { groupId });
      if (typeof group === 'string') return errorFields('GROUP_ID_NOT_FOUND', group);
      if (group.members.length > 0) return errorFields('NON_EMPTY_GROUP');
      const alter = async (topicName: string, partition: number, startOffset: number): Promise<ErrorName> => {
        if (!access.may('READ', 'TOPIC', topicName)) return 'TOPIC_AUTHORIZATION_FAILED';
        const topic = registry.find(topicName);
        const log = registry.partitionLog(topicName, partition);
        if (topic === undefined || log === undefined) return 'UNKNOWN_TOPIC_OR_PARTITION';
        const { topicId, name, partitionCount } = topic;
        const partitions = Array.from({ length: partitionCount }, (_, each) => each);
        await groups.call('shareAddPartitions', { groupId, topics: [{ topicId, name, partitions }] });
        const key = { groupId, topicId, partition };
        await shares.call('alter', { key, startOffset, leaderEpoch: log.leaderEpoch });
        return 'NONE';
      };
      return {
        responses: await Promise.all(
          topics.map(async ({ topicName, partitions }) => ({
            topicName,
            topicId: registry.find(topicName)?.topicId,
            partitions: await Promise.all(
              partitions.map(async ({ partitionIndex, startOffset }) => ({
                partitionIndex,
                ...errorFields(await alter(topicName, partitionIndex, startOffset)),
              })),
            ),
          })),
        ),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
