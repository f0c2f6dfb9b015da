import { Buffer } from 'node:buffer';
import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/**
 * JoinGroup v0-9: answered when the join phase ends (group/rebalance.ts). Asks for READ of the group.
 *
 * - In a group of the consumer protocol a member joins like one of that protocol (group/consumer/classic-join.ts).
 * - v0 has no rebalance timeout: the session timeout stands in for it.
 * - v4+ a new member is told its id first (KIP-394); v5+ static members (KIP-345); v9 SkipAssignment (KIP-814).
 */
export const joinGroup = ({ groups }: ControlPlane): Api =>
  api('JoinGroup', [0, 9], async (request, { apiVersion, clientId, clientHost, access }) => {
    const refusal = groupRefusal(access, 'READ', request.groupId);
    if (refusal !== 'NONE') return failed(request, errorCode(refusal));
    try {
      const reply = await groups.call('join', {
        groupId: request.groupId,
        memberId: request.memberId,
        instanceId: request.groupInstanceId,
        clientId: clientId ?? '',
        // As Java prints an address, which is what tools show.
        clientHost: `/${clientHost}`,
        sessionTimeoutMs: request.sessionTimeoutMs,
        rebalanceTimeoutMs:
          request.rebalanceTimeoutMs < 0 ? request.sessionTimeoutMs : request.rebalanceTimeoutMs,
        protocolType: request.protocolType,
        // Copies: the group keeps them, and the request's whole frame should not stay with them.
        protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) })),
        mustKnowItsId: apiVersion >= 4,
        canSkipAssignment: apiVersion >= 9,
        mayDescribe: (topic) => access.may('DESCRIBE', 'TOPIC', topic),
      });
      return {
        errorCode: errorCode(reply.error),
        generationId: reply.generation,
        protocolType: reply.protocolType,
        protocolName: apiVersion >= 7 ? reply.protocol : (reply.protocol ?? ''),
        leader: reply.leader,
        skipAssignment: reply.skipAssignment,
        memberId: reply.memberId,
        members: reply.members.map(({ memberId, instanceId, metadata }) => ({
          memberId,
          groupInstanceId: instanceId,
          metadata,
        })),
      };
    } catch (error) {
      return failed(request, coordinatorError(error));
    }
  });

function failed({ memberId }: { readonly memberId: string }, code: number) {
  return { errorCode: code, generationId: -1, protocolName: '', memberId };
}
