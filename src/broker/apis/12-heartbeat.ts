import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/** Heartbeat v0-4: keeps a session and tells of a rebalance. v3+ knows static members (KIP-345). */
export const heartbeat = ({ groups }: ControlPlane): Api =>
  api('Heartbeat', [0, 4], async (request, { access }) => {
    const refusal = groupRefusal(access, 'READ', request.groupId);
    if (refusal !== 'NONE') return { errorCode: errorCode(refusal) };
    try {
      const { error } = await groups.call('heartbeat', {
        groupId: request.groupId,
        memberId: request.memberId,
        instanceId: request.groupInstanceId,
        generation: request.generationId,
      });
      return { errorCode: errorCode(error) };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
