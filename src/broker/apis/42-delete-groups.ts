import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/** DeleteGroups v0-2: an empty group of any protocol with its offsets; with members NON_EMPTY_GROUP. */
export const deleteGroups = ({ groups }: ControlPlane): Api =>
  api('DeleteGroups', [0, 2], async ({ groupsNames }, { access }) => ({
    results: await Promise.all(
      [...new Set(groupsNames)].map(async (groupId) => {
        const refusal = groupRefusal(access, 'DELETE', groupId);
        if (refusal !== 'NONE') return { groupId, errorCode: errorCode(refusal) };
        try {
          const { error } = await groups.call('deleteGroup', { groupId });
          return { groupId, errorCode: errorCode(error) };
        } catch (error) {
          return { groupId, errorCode: coordinatorError(error) };
        }
      }),
    ),
  }));
