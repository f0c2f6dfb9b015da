import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import { authorizedOperations } from './authorized-operations.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/**
 * DescribeGroups v0-6: classic groups with members, and their assignments when the group is stable.
 *
 * - An unknown group is Dead without an error; v6+ answers GROUP_ID_NOT_FOUND for it (KIP-1043).
 */
export const describeGroups = ({ groups }: ControlPlane): Api =>
  api('DescribeGroups', [0, 6], async (request, { apiVersion }) => ({
    groups: await Promise.all(
      request.groups.map(async (groupId) => {
        try {
          const group = await groups.call('describe', { groupId });
          if (group === undefined) {
            if (apiVersion < 6) return { groupId, groupState: 'Dead' };
            const errorMessage = `Group ${groupId} not found.`;
            return { groupId, groupState: 'Dead', errorCode: errorCode('GROUP_ID_NOT_FOUND'), errorMessage };
          }
          return {
            groupId,
            groupState: group.state,
            protocolType: group.protocolType,
            protocolData: group.protocol,
            authorizedOperations: authorizedOperations('group', request.includeAuthorizedOperations),
            members: group.members.map((member) => ({
              memberId: member.memberId,
              groupInstanceId: member.instanceId,
              clientId: member.clientId,
              clientHost: member.clientHost,
              memberMetadata: member.metadata,
              memberAssignment: member.assignment,
            })),
          };
        } catch (error) {
          return { groupId, errorCode: coordinatorError(error) };
        }
      }),
    ),
  }));
