import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/** DeleteGroups v0-2: an empty group of any protocol with its offsets or share state; with members NON_EMPTY_GROUP. */
export const deleteGroups = ({ groups, shares }: ControlPlane): Api =>
  api('DeleteGroups', [0, 2], async ({ groupsNames }, { access }) => ({
    results: await Promise.all(
      [...new Set(groupsNames)].map(async (groupId) => {
        const refusal = groupRefusal(access, 'DELETE', groupId);
        if (refusal !== 'NONE') return { groupId, errorCode: errorCode(refusal) };
        try {
          // Its state first: a group that is named but has none is as good as new.
          const share = await groups.call('shareDescribe', { groupId });
          if (typeof share !== 'string' && share.members.length === 0)
            await shares.forget((key) => key.groupId === groupId);
          const { error } = await groups.call('deleteGroup', { groupId });
          return { groupId, errorCode: errorCode(error) };
        } catch (error) {
          return { groupId, errorCode: coordinatorError(error) };
        }
      }),
    ),
  }));
