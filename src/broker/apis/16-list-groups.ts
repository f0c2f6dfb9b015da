import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/** ListGroups v0-5: v4+ filters by state (KIP-518), v5 by type (KIP-848); names compare without case. */
export const listGroups = ({ groups }: ControlPlane): Api =>
  api('ListGroups', [0, 5], async ({ statesFilter, typesFilter }) => {
    try {
      const states = new Set(statesFilter.map((state) => state.toLowerCase()));
      const types = new Set(typesFilter.map((type) => type.toLowerCase()));
      const all = await groups.list();
      const wanted = all.filter(
        ({ state }) =>
          (states.size === 0 || states.has(state.toLowerCase())) &&
          (types.size === 0 || types.has('classic')),
      );
      return {
        groups: wanted.map(({ groupId, protocolType, state }) => ({
          groupId,
          protocolType,
          groupState: state,
          groupType: 'classic',
        })),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
