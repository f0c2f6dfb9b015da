import { type ErrorName, errorByName } from '../../protocol/errors.ts';
import { TopicError } from '../../topics/topics.ts';
import type { RequestContext } from '../api.ts';
import { alterLogLevels } from '../config/alter-log-levels.ts';
import type { ConfigChange, Verdict } from '../metadata/metadata-calls.ts';
import { accessProblem, alteredResource } from './config-resource.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

/** The changes asked for one resource, in either form of the request. */
export interface ResourceChanges {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly changes: readonly ConfigChange[];
  /** What is wrong with the request itself. */
  readonly problem?: Verdict | undefined;
}

/** Each resource fails or counts by itself; one named twice is not changed at all. */
export async function alterResources(
  plane: ControlPlane,
  { access }: RequestContext,
  resources: readonly ResourceChanges[],
  options: { readonly replacesAll: boolean; readonly validateOnly: boolean },
) {
  const times = new Map<string, number>();
  const keyOf = ({ resourceType, resourceName }: ResourceChanges) => `${resourceType}:${resourceName}`;
  for (const each of resources) times.set(keyOf(each), (times.get(keyOf(each)) ?? 0) + 1);
  return await Promise.all(
    resources.map(async (each) => {
      const { resourceType, resourceName } = each;
      const isRepeated = times.get(keyOf(each))! > 1;
      const { error, message } = isRepeated
        ? refusal('INVALID_REQUEST', 'Each resource must appear at most once.')
        : await alterOne(plane, access, each, options);
      return { resourceType, resourceName, ...errorFields(error, message) };
    }),
  );
}

async function alterOne(
  plane: ControlPlane,
  access: RequestContext['access'],
  { resourceType, resourceName, changes, problem }: ResourceChanges,
  options: { readonly replacesAll: boolean; readonly validateOnly: boolean },
): Promise<Verdict> {
  const names = changes.map(({ name }) => name);
  if (new Set(names).size < names.length)
    return refusal('INVALID_REQUEST', 'Error due to duplicate config keys');
  const empty = changes.filter(({ operation, value }) => operation !== 'delete' && value === null);
  if (empty.length > 0) {
    const list = empty.map(({ name }) => name).join(', ');
    return refusal('INVALID_REQUEST', `Null value not supported for : ${list}`);
  }
  if (problem !== undefined) return problem;
  const resource = alteredResource(plane, resourceType, resourceName);
  if ('error' in resource && resource.error === 'INVALID_REQUEST') return resource;
  const forbidden = accessProblem(access, 'ALTER_CONFIGS', resourceType, resourceName);
  if (forbidden !== undefined) return { error: forbidden, message: null };
  if ('error' in resource) return resource;
  if (resource.kind === 'broker-logger') {
    // Only the newer form can change levels (KIP-412).
    if (options.replacesAll) return refusal('INVALID_REQUEST', `Unknown resource type ${resourceType}`);
    return alterLogLevels(plane.logLevels, changes, options.validateOnly);
  }
  try {
    return await plane.registry.alterConfigs({ resource, changes, ...options });
  } catch (error) {
    if (error instanceof TopicError)
      return { error: errorByName(error.code).name as ErrorName, message: error.message };
    throw error;
  }
}

function refusal(error: ErrorName, message: string): Verdict {
  return { error, message };
}
