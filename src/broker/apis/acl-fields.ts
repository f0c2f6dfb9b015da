import type { ResourceType } from '../access.ts';
import { CLUSTER_NAME } from '../access.ts';
import {
  type AclBinding,
  type AclOperation,
  operations,
  type PatternType,
  type Permission,
  patternTypes,
  permissions,
  resourceTypes,
} from '../security/acl.ts';
import type { AclFilter } from '../security/acl-filter.ts';

interface RequestedFilter {
  readonly resourceTypeFilter: number;
  readonly resourceNameFilter: string | null;
  readonly patternTypeFilter: number;
  readonly principalFilter: string | null;
  readonly hostFilter: string | null;
  readonly operation: number;
  readonly permissionType: number;
}

interface RequestedAcl {
  readonly resourceType: number;
  readonly resourceName: string;
  readonly resourcePatternType: number;
  readonly principal: string;
  readonly host: string;
  readonly operation: number;
  readonly permissionType: number;
}

export function filterOf(fields: RequestedFilter): AclFilter {
  return {
    resourceType: resourceTypes.nameOf(fields.resourceTypeFilter),
    resourceName: fields.resourceNameFilter,
    patternType: patternTypes.nameOf(fields.patternTypeFilter),
    principal: fields.principalFilter,
    host: fields.hostFilter,
    operation: operations.nameOf(fields.operation),
    permission: permissions.nameOf(fields.permissionType),
  };
}

/** The rule a request describes, or what is wrong with it, in Kafka's words. */
export function aclOf(fields: RequestedAcl): AclBinding | string {
  const resourceType = resourceTypes.nameOf(fields.resourceType);
  const patternType = patternTypes.nameOf(fields.resourcePatternType);
  const operation = operations.nameOf(fields.operation);
  const permission = permissions.nameOf(fields.permissionType);
  const { resourceName, principal, host } = fields;
  if (resourceType === 'UNKNOWN' || resourceType === 'ANY') return `Invalid resourceType ${resourceType}`;
  if (resourceType === 'CLUSTER' && resourceName !== CLUSTER_NAME)
    return `The only valid name for the CLUSTER resource is ${CLUSTER_NAME}`;
  if (resourceName === '') return 'Invalid empty resource name';
  if (patternType !== 'LITERAL' && patternType !== 'PREFIXED') return `Invalid patternType ${patternType}`;
  if (operation === 'UNKNOWN' || operation === 'ANY') return `Invalid operation ${operation}`;
  if (permission !== 'ALLOW' && permission !== 'DENY') return `Invalid permissionType ${permission}`;
  if (!/^[^:]+:/.test(principal))
    return `Could not parse principal from \`${principal}\` (no colon is present separating the principal type from the principal name)`;
  return { resourceType, resourceName, patternType, principal, host, operation, permission };
}

/** What a rule is about. */
export interface Pattern {
  readonly resourceType: ResourceType;
  readonly resourceName: string;
  readonly patternType: PatternType;
}

export function patternFields({ resourceType, resourceName, patternType }: Pattern) {
  return {
    resourceType: resourceTypes.codeOf(resourceType),
    resourceName,
    patternType: patternTypes.codeOf(patternType),
  };
}

export function entryFields(acl: {
  readonly principal: string;
  readonly host: string;
  readonly operation: AclOperation;
  readonly permission: Permission;
}) {
  return {
    principal: acl.principal,
    host: acl.host,
    operation: operations.codeOf(acl.operation),
    permissionType: permissions.codeOf(acl.permission),
  };
}
