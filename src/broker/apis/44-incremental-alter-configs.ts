import { type Api, api } from '../api.ts';
import type { ConfigOperation } from '../metadata/metadata-calls.ts';
import { alterResources } from './alter-resources.ts';
import type { ControlPlane } from './control-plane.ts';

/** In the order of their numbers. */
const OPERATIONS: readonly ConfigOperation[] = ['set', 'delete', 'append', 'subtract'];

/** IncrementalAlterConfigs v0-1: changes what is named and leaves the rest (KIP-339). Counts at once. */
export const incrementalAlterConfigs = (plane: ControlPlane): Api =>
  api('IncrementalAlterConfigs', [0, 1], async ({ resources, validateOnly }, context) => {
    const changed = resources.map(({ resourceType, resourceName, configs }) => {
      const unknown = configs.find(({ configOperation }) => OPERATIONS[configOperation] === undefined);
      return {
        resourceType,
        resourceName,
        changes: configs.map(({ name, value, configOperation }) => ({
          name,
          value,
          operation: OPERATIONS[configOperation] ?? 'delete',
        })),
        problem: unknown && {
          error: 'INVALID_REQUEST' as const,
          message: `Unknown operations type ${unknown.configOperation}`,
        },
      };
    });
    return { responses: await alterResources(plane, context, changed, { replacesAll: false, validateOnly }) };
  });
