/** AclOperation codes of Kafka. */
const CODES = {
  READ: 3,
  WRITE: 4,
  CREATE: 5,
  DELETE: 6,
  ALTER: 7,
  DESCRIBE: 8,
  CLUSTER_ACTION: 9,
  DESCRIBE_CONFIGS: 10,
  ALTER_CONFIGS: 11,
  IDEMPOTENT_WRITE: 12,
} as const;

type Operation = keyof typeof CODES;

/** KIP-430: "not asked for". */
const UNASKED = -2147483648;

/** Without an authorizer everybody may do everything that can be done to a thing of its kind: a bit a code. */
const ALL = {
  cluster: bits(
    'CREATE',
    'ALTER',
    'DESCRIBE',
    'CLUSTER_ACTION',
    'DESCRIBE_CONFIGS',
    'ALTER_CONFIGS',
    'IDEMPOTENT_WRITE',
  ),
  topic: bits('READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'),
  group: bits('READ', 'DELETE', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'),
};

/** The field `...AuthorizedOperations` of an answer. A Java AdminClient that asked and gets nothing fails. */
export function authorizedOperations(kind: keyof typeof ALL, wanted = true): number {
  return wanted ? ALL[kind] : UNASKED;
}

function bits(...operations: readonly Operation[]): number {
  return operations.reduce((sum, operation) => sum | (1 << CODES[operation]), 0);
}
