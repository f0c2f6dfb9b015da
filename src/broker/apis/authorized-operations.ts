import { type Access, CLUSTER_NAME, FULL_ACCESS, type Operation } from '../access.ts';
import { operations } from '../security/acl.ts';

/** KIP-430: "not asked for". */
const UNASKED = -2147483648;

const KINDS = {
  cluster: {
    type: 'CLUSTER',
    operations: [
      'CREATE',
      'ALTER',
      'DESCRIBE',
      'CLUSTER_ACTION',
      'DESCRIBE_CONFIGS',
      'ALTER_CONFIGS',
      'IDEMPOTENT_WRITE',
    ],
  },
  topic: {
    type: 'TOPIC',
    operations: [
      'READ',
      'WRITE',
      'CREATE',
      'DELETE',
      'ALTER',
      'DESCRIBE',
      'DESCRIBE_CONFIGS',
      'ALTER_CONFIGS',
    ],
  },
  group: { type: 'GROUP', operations: ['READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'] },
} as const;

/**
 * The field `...AuthorizedOperations` of an answer: of what can be done to a thing of this kind, what this client may, a
 * bit a code. A Java AdminClient that asked and gets nothing fails.
 */
export function authorizedOperations(
  kind: keyof typeof KINDS,
  wanted = true,
  access: Access = FULL_ACCESS,
  name = CLUSTER_NAME,
): number {
  if (!wanted) return UNASKED;
  const { type, operations: possible } = KINDS[kind];
  const allowed = (possible as readonly Operation[]).filter((each) => access.may(each, type, name, 'quiet'));
  return allowed.reduce((sum, each) => sum | (1 << operations.codeOf(each)), 0);
}

/** The same of the cluster, of which nobody hears who may not even describe it. */
export function clusterOperations(wanted: boolean, access: Access): number {
  if (!wanted) return UNASKED;
  return access.may('DESCRIBE', 'CLUSTER', CLUSTER_NAME, 'quiet')
    ? authorizedOperations('cluster', true, access)
    : 0;
}
