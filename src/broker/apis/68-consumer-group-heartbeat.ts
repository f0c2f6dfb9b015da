import type { ErrorName } from '../../protocol/errors.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { Access } from '../access.ts';
import { type Api, api } from '../api.ts';
import { GROUP_VERSION } from '../features.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/**
 * ConsumerGroupHeartbeat v0-1 (KIP-848): membership and assignment of the consumer protocol. Asks for READ of the
 * group and DESCRIBE of each topic named.
 *
 * - Not served at level 0 of `group.version`.
 * - v1 a regular expression for topics (RE2), and ids made by clients; v0 clients get theirs from here.
 */
export const consumerGroupHeartbeat = ({ groups, registry }: ControlPlane): Api =>
  api('ConsumerGroupHeartbeat', [0, 1], async (request, { apiVersion, access, clientId, clientHost }) => {
    const { groupId, memberId } = request;
    if (registry.level(GROUP_VERSION) < 1) return errorFields('UNSUPPORTED_VERSION');
    const refusal = accessRefusal(access, groupId, request.subscribedTopicNames);
    if (refusal !== 'NONE') return errorFields(refusal);
    if (apiVersion >= 1 && memberId === '') return errorFields('INVALID_REQUEST', "MemberId can't be empty.");
    try {
      const reply = await groups.call('consumerHeartbeat', {
        groupId,
        memberId,
        memberEpoch: request.memberEpoch,
        instanceId: request.instanceId,
        rackId: request.rackId,
        clientId: clientId ?? '',
        // As Java prints an address, which is what tools show.
        clientHost: `/${clientHost}`,
        rebalanceTimeoutMs: request.rebalanceTimeoutMs,
        subscribedTopics: request.subscribedTopicNames,
        subscribedRegex: request.subscribedTopicRegex,
        serverAssignor: request.serverAssignor,
        owned: request.topicPartitions,
        mayDescribe: (topic) => access.may('DESCRIBE', 'TOPIC', topic),
      });
      return {
        errorCode: errorCode(reply.error),
        errorMessage: reply.message,
        memberId: reply.memberId,
        memberEpoch: reply.memberEpoch,
        heartbeatIntervalMs: reply.heartbeatIntervalMs,
        assignment: reply.assignment && { topicPartitions: reply.assignment },
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });

function accessRefusal(access: Access, groupId: string, topics: readonly string[] | null): ErrorName {
  const ofGroup = groupRefusal(access, 'READ', groupId);
  if (ofGroup !== 'NONE') return ofGroup;
  const seesAll = topics?.every((topic) => access.may('DESCRIBE', 'TOPIC', topic)) ?? true;
  return seesAll ? 'NONE' : 'TOPIC_AUTHORIZATION_FAILED';
}
