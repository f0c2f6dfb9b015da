import { errorCode } from '../../protocol/errors.ts';
import type { Access } from '../access.ts';
import { type Api, api } from '../api.ts';
import { GROUP_VERSION } from '../features.ts';
import type { ConsumerGroupDescription } from '../group/consumer/consumer-calls.ts';
import { authorizedOperations } from './authorized-operations.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

const CLASSIC_MEMBER = 0;
const CONSUMER_MEMBER = 1;

/**
 * ConsumerGroupDescribe v0-1 (KIP-848): groups of the consumer protocol, with epochs, assignments and targets. Asks
 * for DESCRIBE of each group, and of every topic in it: one that is hidden hides the members.
 *
 * - v1 tells the protocol each member speaks (KIP-1099).
 */
export const consumerGroupDescribe = ({ groups, registry }: ControlPlane): Api =>
  api('ConsumerGroupDescribe', [0, 1], async (request, { access }) => {
    const describe = async (groupId: string) => {
      if (registry.level(GROUP_VERSION) < 1) return { groupId, ...errorFields('UNSUPPORTED_VERSION') };
      if (groupId === '') return { groupId, errorCode: errorCode('INVALID_GROUP_ID') };
      const refusal = groupRefusal(access, 'DESCRIBE', groupId);
      if (refusal !== 'NONE') return { groupId, errorCode: errorCode(refusal) };
      try {
        const group = await groups.call('describeConsumer', { groupId });
        if (group === undefined || group === 'other type') {
          const what = group === undefined ? 'not found' : 'is not a consumer group';
          return { groupId, ...errorFields('GROUP_ID_NOT_FOUND', `Group ${groupId} ${what}.`) };
        }
        const wantsOperations = request.includeAuthorizedOperations;
        return {
          ...described(group, access),
          authorizedOperations: authorizedOperations('group', wantsOperations, access, groupId),
        };
      } catch (error) {
        return { groupId, errorCode: coordinatorError(error) };
      }
    };
    return { groups: await Promise.all(request.groupIds.map(describe)) };
  });

function described(group: ConsumerGroupDescription, access: Access) {
  const topics = new Set(
    group.members.flatMap(({ assignment, target }) =>
      [...assignment, ...target].map(({ topicName }) => topicName),
    ),
  );
  const seesAll = [...topics].every((topic) => access.may('DESCRIBE', 'TOPIC', topic));
  const error = seesAll
    ? {}
    : errorFields(
        'TOPIC_AUTHORIZATION_FAILED',
        'The group has described topic(s) that the client is not authorized to describe.',
      );
  return {
    ...error,
    groupId: group.groupId,
    groupState: group.state,
    groupEpoch: group.epoch,
    assignmentEpoch: group.targetEpoch,
    assignorName: group.assignor,
    members: seesAll ? group.members.map(member) : [],
  };
}

function member(member: ConsumerGroupDescription['members'][number]) {
  const { memberId, instanceId, rackId, memberEpoch, clientId, clientHost } = member;
  return {
    ...{ memberId, instanceId, rackId, memberEpoch, clientId, clientHost },
    subscribedTopicNames: member.subscribedTopics,
    subscribedTopicRegex: member.subscribedRegex,
    assignment: { topicPartitions: member.assignment },
    targetAssignment: { topicPartitions: member.target },
    memberType: member.isClassic ? CLASSIC_MEMBER : CONSUMER_MEMBER,
  };
}
