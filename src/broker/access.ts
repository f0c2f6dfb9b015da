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
  | 'TWO_PHASE_COMMIT';

/** What operations are done to, by Kafka's names. The one cluster is named `kafka-cluster`. */
export type ResourceType = 'TOPIC' | 'GROUP' | 'CLUSTER' | 'TRANSACTIONAL_ID' | 'DELEGATION_TOKEN' | 'USER';

export const CLUSTER_NAME = 'kafka-cluster';

/** What one client may do; every handler asks before it acts or shows. */
export interface Access {
  /** As Kafka writes principals: `User:ANONYMOUS`. */
  readonly principal: string;
  may(operation: Operation, type: ResourceType, name: string): boolean;
}

/** Of everybody while no authorizer is configured. */
export const FULL_ACCESS: Access = { principal: 'User:ANONYMOUS', may: () => true };
