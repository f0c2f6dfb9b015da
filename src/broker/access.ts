/** What can be done to a resource, by Kafka's names (AclOperation). */
export type Operation =
  | 'READ'
  | 'WRITE'
  | 'CREATE'
  | 'DELETE'
  | 'ALTER'
  | 'DESCRIBE'
  | 'CLUSTER_ACTION'
  | 'DESCRIBE_CONFIGS'
  | 'ALTER_CONFIGS'
  | 'IDEMPOTENT_WRITE'
  | 'CREATE_TOKENS'
  | 'DESCRIBE_TOKENS'
  | 'TWO_PHASE_COMMIT';

/** What operations are done to, by Kafka's names. The one cluster is named `kafka-cluster`. */
export type ResourceType = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID' | 'DELEGATION_TOKEN' | 'USER';

export const CLUSTER_NAME = 'kafka-cluster';

/**
 * Who hears of a decision: `logged` writes a line for the operator; `quiet` is for what was not asked for by name, as
 * the topics that a list leaves out.
 */
export type Audit = 'logged' | 'quiet';

/** What one client may do; every handler asks before it acts or shows. */
export interface Access {
  /** As Kafka writes principals: `User:ANONYMOUS`. */
  readonly principal: string;
  may(operation: Operation, type: ResourceType, name: string, audit?: Audit): boolean;
  /** Whether there is any resource of this type that it may do this to, existing or not (KIP-679). */
  mayAny(operation: Operation, type: ResourceType): boolean;
}

export const ANONYMOUS = 'User:ANONYMOUS';

/** Of everybody while no authorizer is configured. */
export function fullAccess(principal: string): Access {
  return { principal, may: () => true, mayAny: () => true };
}

export const FULL_ACCESS = fullAccess(ANONYMOUS);

/** Of clients that have not shown yet who they are. */
export const NO_ACCESS: Access = { principal: ANONYMOUS, may: () => false, mayAny: () => false };
