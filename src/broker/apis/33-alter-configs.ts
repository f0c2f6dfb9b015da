import { type Api, api } from '../api.ts';
import { alterResources } from './alter-resources.ts';
import type { ControlPlane } from './control-plane.ts';

/** AlterConfigs v0-2: the old form, which sets everything named and resets everything else. Counts at once. */
export const alterConfigs = (plane: ControlPlane): Api =>
  api('AlterConfigs', [0, 2], async ({ resources, validateOnly }, context) => {
    const changed = resources.map(({ resourceType, resourceName, configs }) => ({
      resourceType,
      resourceName,
      changes: configs.map(({ name, value }) => ({ name, value, operation: 'set' as const })),
    }));
    return { responses: await alterResources(plane, context, changed, { replacesAll: true, validateOnly }) };
  });
