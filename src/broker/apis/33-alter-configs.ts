import { type Api, api } from '../api.ts';
import { configResource } from './config-resource.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';

/** AlterConfigs v0-2: the old form, which sets everything named and resets everything else. Counts at once. */
export const alterConfigs = (plane: ControlPlane): Api =>
  api('AlterConfigs', [0, 2], async ({ resources, validateOnly }) => ({
    responses: await Promise.all(
      resources.map(async ({ resourceType, resourceName, configs }) => {
        const named = { resourceType, resourceName };
        const resource = configResource(plane, resourceType, resourceName);
        if ('error' in resource) return { ...named, ...errorFields(resource.error, resource.message) };
        try {
          const changes = configs.map(({ name, value }) => ({ name, value, operation: 'set' as const }));
          const request = { resource, changes, validateOnly, replacesAll: true };
          const { error, message } = await plane.registry.alterConfigs(request);
          return { ...named, ...errorFields(error, message) };
        } catch (error) {
          return { ...named, errorCode: coordinatorError(error) };
        }
      }),
    ),
  }));
