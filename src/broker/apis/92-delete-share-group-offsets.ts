import { type Api, api } from '../api.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import type { SharePlane } from './share-plane.ts';

/**
 * DeleteShareGroupOffsets v0: an empty share group forgets topics, as if it had never read them.
 *
 * - Asks for DELETE on the group and READ on topics. A group with members answers NON_EMPTY_GROUP.
 */
export const deleteShareGroupOffsets = ({ groups, registry, shares, isEnabled }: SharePlane): Api =>
  api('DeleteShareGroupOffsets', [0, 0], async ({ groupId, topics }, { access }) => {
    if (!isEnabled()) return errorFields('UNSUPPORTED_VERSION');
    if (!access.may('DELETE', 'GROUP', groupId)) return errorFields('GROUP_AUTHORIZATION_FAILED');
    if (groupId === '') return errorFields('INVALID_GROUP_ID');
    try {
      const group = await groups.call('shareDescribe', { groupId });
      if (typeof group === 'string') return errorFields('GROUP_ID_NOT_FOUND', group);
      if (group.members.length > 0) return errorFields('NON_EMPTY_GROUP');
      const remove = async (topicName: string) => {
        if (!access.may('READ', 'TOPIC', topicName)) return errorFields('TOPIC_AUTHORIZATION_FAILED');
        const topic = registry.find(topicName);
        if (topic === undefined) return errorFields('UNKNOWN_TOPIC_OR_PARTITION');
        const { topicId } = topic;
        if (!group.partitions.some((known) => known.topicId === topicId))
          return errorFields('UNKNOWN_TOPIC_OR_PARTITION', 'There is no offset information to delete.');
        // The state first: what is named but has none is as good as new.
        await shares.forget((key) => key.groupId === groupId && key.topicId === topicId);
        await groups.call('shareRemoveTopics', { groupId, topicIds: [topicId] });
        return { topicId, ...errorFields('NONE') };
      };
      return {
        responses: await Promise.all(
          topics.map(async ({ topicName }) => ({ topicName, ...(await remove(topicName)) })),
        ),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
