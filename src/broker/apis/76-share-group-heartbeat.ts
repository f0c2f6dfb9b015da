import { type Api, api } from '../api.ts';
import { coordinatorError, errorFields } from './error-fields.ts';
import type { SharePlane } from './share-plane.ts';

/**
 * ShareGroupHeartbeat v1 (KIP-932): joins (epoch 0), stays in, or leaves (epoch -1) a share group; the answer has the
 * assignment when the member does not know it yet.
 *
 * - Asks for READ on the group and DESCRIBE on every topic subscribed to.
 */
export const shareGroupHeartbeat = ({ groups, isEnabled }: SharePlane): Api =>
  api('ShareGroupHeartbeat', [1, 1], async (request, { access, clientId, clientHost }) => {
    const { groupId, memberId, memberEpoch, rackId, subscribedTopicNames: topics } = request;
    if (!isEnabled()) return errorFields('UNSUPPORTED_VERSION');
    if (!access.may('READ', 'GROUP', groupId)) return errorFields('GROUP_AUTHORIZATION_FAILED');
    if (topics?.some((topic) => !access.may('DESCRIBE', 'TOPIC', topic)))
      return errorFields('TOPIC_AUTHORIZATION_FAILED');
    try {
      const reply = await groups.call('shareHeartbeat', {
        ...{ groupId, memberId, memberEpoch, rackId, topics },
        clientId: clientId ?? '',
        clientHost: `/${clientHost}`,
      });
      if (reply.error !== 'NONE') return errorFields(reply.error, reply.message);
      return {
        memberId,
        memberEpoch: reply.memberEpoch,
        heartbeatIntervalMs: reply.heartbeatIntervalMs,
        assignment: reply.assignment && { topicPartitions: reply.assignment },
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
