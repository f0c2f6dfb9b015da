import { type Api, api, type RequestContext } from '../api.ts';
import type { ShareGroupDescription } from '../group/share/share-group-calls.ts';
import type { Assignment } from '../group/share/share-group-entries.ts';
import type { LocalRegistry } from '../local-registry.ts';
import { authorizedOperations } from './authorized-operations.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import type { SharePlane } from './share-plane.ts';

/**
 * ShareGroupDescribe v1: members and what they have been given.
 *
 * - Asks for DESCRIBE on the group; a group with a topic its client may not describe is not shown.
 */
export const shareGroupDescribe = ({ groups, registry, isEnabled }: SharePlane): Api =>
  api('ShareGroupDescribe', [1, 1], async ({ groupIds, includeAuthorizedOperations }, { access }) => ({
    groups: await Promise.all(
      groupIds.map(async (groupId) => {
        if (!isEnabled()) return { groupId, ...errorFields('UNSUPPORTED_VERSION') };
        if (!access.may('DESCRIBE', 'GROUP', groupId))
          return { groupId, ...errorFields('GROUP_AUTHORIZATION_FAILED') };
        if (groupId === '') return { groupId, ...errorFields('INVALID_GROUP_ID') };
        try {
          const group = await groups.call('shareDescribe', { groupId });
          if (typeof group === 'string')
            return { groupId, groupState: 'Dead', ...errorFields('GROUP_ID_NOT_FOUND', group) };
          if (hidesTopics(group, access)) {
            const message = 'The group has described topic(s) that the client is not authorized to describe.';
            return { groupId, ...errorFields('TOPIC_AUTHORIZATION_FAILED', message) };
          }
          return {
            groupId,
            groupState: group.state,
            groupEpoch: group.epoch,
            assignmentEpoch: group.assignmentEpoch,
            assignorName: 'simple',
            authorizedOperations: authorizedOperations('group', includeAuthorizedOperations, access, groupId),
            members: group.members.map((member) => ({
              memberId: member.memberId,
              rackId: member.rackId,
              memberEpoch: member.memberEpoch,
              clientId: member.clientId,
              clientHost: member.clientHost,
              subscribedTopicNames: member.topics,
              assignment: { topicPartitions: named(member.assignment, registry) },
            })),
          };
        } catch (error) {
          return { groupId, errorCode: coordinatorError(error) };
        }
      }),
    ),
  }));

function named(assignment: Assignment, registry: LocalRegistry) {
  return assignment.flatMap(({ topicId, partitions }) => {
    const topic = registry.findById(topicId);
    return topic === undefined ? [] : [{ topicId, topicName: topic.name, partitions }];
  });
}

function hidesTopics({ members }: ShareGroupDescription, access: RequestContext['access']): boolean {
  const topics = new Set(members.flatMap((member) => member.topics));
  return [...topics].some((topic) => !access.may('DESCRIBE', 'TOPIC', topic));
}
