import {
  type AclBinding,
  type FilteredOperation,
  type FilteredPatternType,
  type FilteredPermission,
  type FilteredResourceType,
  WILDCARD,
} from './acl.ts';

/** Which rules DescribeAcls and DeleteAcls mean; null is any. */
export interface AclFilter {
  readonly resourceType: FilteredResourceType;
  readonly resourceName: string | null;
  /** `MATCH`: every pattern that would match the name, literal, prefixed or `*` (KIP-290). */
  readonly patternType: FilteredPatternType;
  readonly principal: string | null;
  readonly host: string | null;
  readonly operation: FilteredOperation;
  readonly permission: FilteredPermission;
}

/** What makes a filter one that no server can answer; undefined when it is fine. */
export function filterProblem(filter: AclFilter): string | undefined {
  if (filter.resourceType === 'UNKNOWN' || filter.patternType === 'UNKNOWN') return 'Unknown patternFilter.';
  if (filter.operation === 'UNKNOWN' || filter.permission === 'UNKNOWN') return 'Unknown entryFilter.';
  return undefined;
}

export function matchesFilter(filter: AclFilter, acl: AclBinding): boolean {
  return (
    isAnyOr(filter.resourceType, acl.resourceType) &&
    matchesPattern(filter, acl) &&
    (filter.principal === null || filter.principal === acl.principal) &&
    (filter.host === null || filter.host === acl.host) &&
    isAnyOr(filter.operation, acl.operation) &&
    isAnyOr(filter.permission, acl.permission)
  );
}

function isAnyOr(wanted: string, actual: string): boolean {
  return wanted === 'ANY' || wanted === actual;
}

function matchesPattern({ resourceName, patternType }: AclFilter, acl: AclBinding): boolean {
  if (patternType !== 'ANY' && patternType !== 'MATCH' && patternType !== acl.patternType) return false;
  if (resourceName === null) return true;
  if (patternType !== 'MATCH') return resourceName === acl.resourceName;
  return acl.patternType === 'PREFIXED'
    ? resourceName.startsWith(acl.resourceName)
    : acl.resourceName === resourceName || acl.resourceName === WILDCARD;
}
