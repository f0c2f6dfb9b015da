import type { DescribeClientQuotasRequest } from '../../protocol/messages.gen.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { Verdict } from '../metadata/metadata-calls.ts';
import { ENTITY_TYPES, type EntityType, isEntityType, type QuotaEntity } from '../quota/quota-entity.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

type Component = DescribeClientQuotasRequest['components'][number];

const EXACT = 0;
const DEFAULT = 1;
const ANY = 2;

/** DescribeClientQuotas v0-1 (KIP-546): the quotas of whom a filter matches; a strict one matches no further types. */
export const describeClientQuotas = ({ registry }: Pick<ControlPlane, 'registry'>): Api =>
  api('DescribeClientQuotas', [0, 1], ({ components, strict }, { access }) => {
    const failed = (...error: Parameters<typeof errorFields>) => ({
      ...errorFields(...error),
      entries: null,
    });
    if (!access.may('DESCRIBE_CONFIGS', 'CLUSTER', CLUSTER_NAME))
      return failed('CLUSTER_AUTHORIZATION_FAILED');
    const problem = filterProblem(components);
    if (problem !== undefined) return failed(problem.error, problem.message);
    const entries = [...registry.quotas.list()]
      .filter(({ entity }) => matches(entity, components, strict))
      .map(({ entity, values }) => ({
        entity: ENTITY_TYPES.flatMap((entityType) => {
          const entityName = entity[entityType];
          return entityName === undefined ? [] : [{ entityType, entityName }];
        }),
        values: Object.entries(values).map(([key, value]) => ({ key, value })),
      }));
    return { entries };
  });

function matches(entity: QuotaEntity, components: readonly Component[], strict: boolean): boolean {
  if (strict && Object.keys(entity).length !== components.length) return false;
  return components.every(({ entityType, matchType, match }) => {
    const name = entity[entityType as EntityType];
    if (name === undefined) return false;
    return matchType === ANY || name === (matchType === DEFAULT ? null : match);
  });
}

function filterProblem(components: readonly Component[]): Verdict | undefined {
  const refuse = (message: string): Verdict => ({ error: 'INVALID_REQUEST', message });
  const types = new Set<string>();
  for (const { entityType, matchType, match } of components) {
    if (entityType === '') return refuse('Invalid empty entity type.');
    if (types.has(entityType))
      return refuse(`Entity type ${entityType} cannot appear more than once in the filter.`);
    if (!isEntityType(entityType))
      return { error: 'UNSUPPORTED_VERSION', message: `Unsupported entity type ${entityType}` };
    types.add(entityType);
    if (matchType < EXACT || matchType > ANY) return refuse(`Unknown match type ${matchType}`);
    if (matchType === EXACT && match === null)
      return refuse('Request specified MATCH_TYPE_EXACT, but set match string to null.');
    if (matchType !== EXACT && match !== null) {
      const type = matchType === DEFAULT ? 'MATCH_TYPE_DEFAULT' : 'MATCH_TYPE_SPECIFIED';
      return refuse(`Request specified ${type}, but also specified a match string.`);
    }
  }
  return types.has('ip') && types.size > 1
    ? refuse(
        'Invalid entity filter component combination. IP filter component should not be used with user or clientId filter component.',
      )
    : undefined;
}
