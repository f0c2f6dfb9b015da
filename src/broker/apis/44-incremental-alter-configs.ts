import { type Api, api } from '../api.ts';
import type { ConfigOperation } from '../metadata/metadata-calls.ts';
import { configResource } from './config-resource.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError, errorFields } from './error-fields.ts';

/** In the order of their numbers. */
const OPERATIONS: readonly ConfigOperation[] = ['set', 'delete', 'append', 'subtract'];

/** IncrementalAlterConfigs v0-1: changes what is named and leaves the rest (KIP-339). Counts at once. */
export const incrementalAlterConfigs = (plane: ControlPlane): Api =>
  api('IncrementalAlterConfigs', [0, 1], async ({ resources, validateOnly }) => ({
    responses: await Promise.all(
      resources.map(async ({ resourceType, resourceName, configs }) => {
        const named = { resourceType, resourceName };
        const resource = configResource(plane, resourceType, resourceName);
        if ('error' in resource) return { ...named, ...errorFields(resource.error, resource.message) };
        const unknown = configs.find(({ configOperation }) => OPERATIONS[configOperation] === undefined);
        if (unknown !== undefined) {
          const message = `Unknown operation type ${unknown.configOperation} for config ${unknown.name}.`;
          return { ...named, ...errorFields('INVALID_REQUEST', message) };
        }
        try {
          const changes = configs.map(({ name, value, configOperation }) => ({
            name,
            value,
            operation: OPERATIONS[configOperation]!,
          }));
          const request = { resource, changes, validateOnly, replacesAll: false };
          const { error, message } = await plane.registry.alterConfigs(request);
          return { ...named, ...errorFields(error, message) };
        } catch (error) {
          return { ...named, errorCode: coordinatorError(error) };
        }
      }),
    ),
  }));
