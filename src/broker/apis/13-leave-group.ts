import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/**
 * LeaveGroup v0-5: the rest of the group rebalances at once instead of after the session timeout.
 *
 * - v0-2 one member, its error at the top; v3+ a list (KIP-345), one error each; v5 a reason, which is not kept.
 */
export const leaveGroup = ({ groups }: ControlPlane): Api =>
  api('LeaveGroup', [0, 5], async (request, { apiVersion, access }) => {
    const { groupId } = request;
    const refusal = groupRefusal(access, 'READ', groupId);
    if (refusal !== 'NONE') return { errorCode: errorCode(refusal) };
    const leaving =
      apiVersion < 3
        ? [{ memberId: request.memberId, instanceId: null }]
        : request.members.map((member) => ({
            memberId: member.memberId,
            instanceId: member.groupInstanceId,
          }));
    try {
      const { members } = await groups.call('leave', { groupId, members: leaving });
      if (apiVersion < 3) return { errorCode: errorCode(members[0]!.error) };
      return {
        members: members.map(({ memberId, instanceId, error }) => ({
          memberId,
          groupInstanceId: instanceId,
          errorCode: errorCode(error),
        })),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
