import { Buffer } from 'node:buffer';
import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/** SyncGroup v0-5: waits for the leader's assignment, which is durable when answered. v5 checks the protocol. */
export const syncGroup = ({ groups }: ControlPlane): Api =>
  api('SyncGroup', [0, 5], async (request, { access }) => {
    const refusal = groupRefusal(access, 'READ', request.groupId);
    if (refusal !== 'NONE') return { errorCode: errorCode(refusal) };
    try {
      const reply = await groups.call('sync', {
        groupId: request.groupId,
        memberId: request.memberId,
        instanceId: request.groupInstanceId,
        generation: request.generationId,
        protocolType: request.protocolType,
        protocol: request.protocolName,
        assignments: request.assignments.map(({ memberId, assignment }) => ({
          memberId,
          // A copy: the group keeps it, and the request's whole frame should not stay with it.
          assignment: Buffer.from(assignment),
        })),
      });
      return {
        errorCode: errorCode(reply.error),
        protocolType: reply.protocolType,
        protocolName: reply.protocol,
        assignment: reply.assignment,
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
