import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/**
 * ListGroups v0-5: v4+ filters by state (KIP-518), v5 by type (KIP-848); names compare without case.
 *
 * - Who may not DESCRIBE the cluster sees the groups it may DESCRIBE.
 */
export const listGroups = ({ groups }: ControlPlane): Api =>
  api('ListGroups', [0, 5], async ({ statesFilter, typesFilter }, { access }) => {
    try {
      const states = new Set(statesFilter.map((state) => state.trim().toLowerCase()));
      const types = new Set(typesFilter.map((type) => type.trim().toLowerCase()));
      const seesAll = access.may('DESCRIBE', 'CLUSTER', CLUSTER_NAME);
      const all = await groups.list();
      const wanted = all.filter(
        ({ groupId, type, state }) =>
          (states.size === 0 || states.has(state.toLowerCase())) &&
          (types.size === 0 || types.has(type)) &&
          (seesAll || access.may('DESCRIBE', 'GROUP', groupId)),
      );
      return {
        groups: wanted.map(({ groupId, type, protocolType, state }) => ({
          groupId,
          protocolType,
          groupState: state,
          groupType: type,
        })),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
