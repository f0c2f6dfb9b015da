import type { Operation, ResourceType } from '../access.ts';

export type PatternType = 'LITERAL' | 'PREFIXED';
export type AclOperation = Operation | 'ALL';
export type Permission = 'ALLOW' | 'DENY';

/** The name that a literal pattern matches everything with, and the host that is any. */
export const WILDCARD = '*';
export const ANYBODY = 'User:*';

/** One rule: who may or may not do what, to what, from where. */
export interface AclBinding {
  readonly resourceType: ResourceType;
  readonly resourceName: string;
  readonly patternType: PatternType;
  /** `User:NAME`, or `User:*`. */
  readonly principal: string;
  /** An address as Java writes it, or `*`. */
  readonly host: string;
  readonly operation: AclOperation;
  readonly permission: Permission;
}

/** Kafka's numbers are the positions in these lists. */
const RESOURCE_TYPES = [
  'UNKNOWN',
  'ANY',
  'TOPIC',
  'GROUP',
  'CLUSTER',
  'TRANSACTIONAL_ID',
  'DELEGATION_TOKEN',
  'USER',
] as const;
const PATTERN_TYPES = ['UNKNOWN', 'ANY', 'MATCH', 'LITERAL', 'PREFIXED'] as const;
const OPERATIONS = [
  'UNKNOWN',
  'ANY',
  'ALL',
  'READ',
  'WRITE',
  'CREATE',
  'DELETE',
  'ALTER',
  'DESCRIBE',
  'CLUSTER_ACTION',
  'DESCRIBE_CONFIGS',
  'ALTER_CONFIGS',
  'IDEMPOTENT_WRITE',
  'CREATE_TOKENS',
  'DESCRIBE_TOKENS',
  'TWO_PHASE_COMMIT',
] as const;
const PERMISSIONS = ['UNKNOWN', 'ANY', 'DENY', 'ALLOW'] as const;

/** The words of a filter: those of a rule, `ANY`, for patterns `MATCH`, and `UNKNOWN` for what we cannot read. */
export type Codes<Words extends readonly string[]> = {
  readonly nameOf: (code: number) => Words[number];
  readonly codeOf: (name: Words[number]) => number;
};

function codes<const Words extends readonly string[]>(words: Words): Codes<Words> {
  return {
    nameOf: (code) => words[code] ?? words[0]!,
    codeOf: (name) => words.indexOf(name),
  };
}

export const resourceTypes = codes(RESOURCE_TYPES);
export const patternTypes = codes(PATTERN_TYPES);
export const operations = codes(OPERATIONS);
export const permissions = codes(PERMISSIONS);

export type FilteredResourceType = (typeof RESOURCE_TYPES)[number];
export type FilteredPatternType = (typeof PATTERN_TYPES)[number];
export type FilteredOperation = (typeof OPERATIONS)[number];
export type FilteredPermission = (typeof PERMISSIONS)[number];

export const ALL_RESOURCE_TYPES = RESOURCE_TYPES.slice(2) as readonly ResourceType[];
