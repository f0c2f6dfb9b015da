import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/** DeleteGroups v0-2: an empty group with its offsets; with members NON_EMPTY_GROUP. */
export const deleteGroups = ({ groups }: ControlPlane): Api =>
  api('DeleteGroups', [0, 2], async ({ groupsNames }) => ({
    results: await Promise.all(
      groupsNames.map(async (groupId) => {
        try {
          const { error } = await groups.call('deleteGroup', { groupId });
          return { groupId, errorCode: errorCode(error) };
        } catch (error) {
          return { groupId, errorCode: coordinatorError(error) };
        }
      }),
    ),
  }));
