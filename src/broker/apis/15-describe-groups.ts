import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { GroupDescription } from '../group/group-calls.ts';
import { authorizedOperations } from './authorized-operations.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/**
 * DescribeGroups v0-6: classic groups with members, and their assignments when the group is stable. Asks for
 * DESCRIBE of each group.
 *
 * - A group that is unknown or of another protocol is Dead without an error; v6+ answers GROUP_ID_NOT_FOUND for it
 *   (KIP-1043), from which tools learn to ask by the other protocol's API.
 */
export const describeGroups = ({ groups }: ControlPlane): Api =>
  api('DescribeGroups', [0, 6], async (request, { apiVersion, access }) => {
    const describe = async (groupId: string) => {
      const refusal = groupRefusal(access, 'DESCRIBE', groupId);
      if (refusal !== 'NONE') return { groupId, errorCode: errorCode(refusal) };
      try {
        const group = await groups.call('describe', { groupId });
        if (group === undefined || group === 'other type') {
          if (apiVersion < 6) return { groupId, groupState: 'Dead' };
          const what = group === undefined ? 'not found' : 'is not a classic group';
          const errorMessage = `Group ${groupId} ${what}.`;
          return { groupId, groupState: 'Dead', errorCode: errorCode('GROUP_ID_NOT_FOUND'), errorMessage };
        }
        const wantsOperations = request.includeAuthorizedOperations;
        return {
          ...described(group),
          authorizedOperations: authorizedOperations('group', wantsOperations, access, groupId),
        };
      } catch (error) {
        return { groupId, errorCode: coordinatorError(error) };
      }
    };
    return { groups: await Promise.all(request.groups.map(describe)) };
  });

function described({ groupId, state, protocolType, protocol, members }: GroupDescription) {
  return {
    groupId,
    groupState: state,
    protocolType,
    protocolData: protocol,
    members: members.map((member) => ({
      memberId: member.memberId,
      groupInstanceId: member.instanceId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      memberMetadata: member.metadata,
      memberAssignment: member.assignment,
    })),
  };
}
