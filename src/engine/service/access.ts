import type { Statement } from '../../sql/ast.ts';
import type { Planned } from '../../sql/planned.ts';
import type { Topics } from '../../topics/topics.ts';
import { FORBIDDEN, FORBIDDEN_TOPIC, KsqlError } from './ksql-error.ts';
import { sourceSteps } from './plan-walk.ts';
import type { SqlState } from './sql-state.ts';

/** read: queries and listings; write: rows; define: what is there; administer: the server itself. */
export const PERMISSIONS = ['read', 'write', 'define', 'administer'] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** By Kafka's names. */
export type TopicOperation = 'READ' | 'WRITE' | 'CREATE' | 'DELETE' | 'DESCRIBE';

/** What one asker may do. */
export interface SqlAccess {
  /** As Kafka writes principals: `User:ann`. */
  readonly principal: string;
  may(permission: Permission): boolean;
  /** Quiet: what is only left out of a list is not worth a line in the log. */
  mayTopic(operation: TopicOperation, topic: string, audit?: 'quiet'): boolean;
}

export const FULL_ACCESS: SqlAccess = {
  principal: 'User:ANONYMOUS',
  may: () => true,
  mayTopic: () => true,
};

const NEEDED: Readonly<Record<Statement['kind'], Permission>> = {
  query: 'read',
  print: 'read',
  list: 'read',
  describe: 'read',
  describeAll: 'read',
  describeFunction: 'read',
  describeConnector: 'read',
  explain: 'read',
  explainStatement: 'read',
  assertTopic: 'read',
  assertSchema: 'read',
  // Of the session alone.
  set: 'read',
  unset: 'read',
  define: 'read',
  undefine: 'read',
  insertValues: 'write',
  createSource: 'define',
  createAs: 'define',
  insertInto: 'define',
  drop: 'define',
  alter: 'define',
  createType: 'define',
  dropType: 'define',
  createConnector: 'define',
  dropConnector: 'define',
  terminate: 'define',
  pause: 'define',
  resume: 'define',
  runScript: 'define',
  alterSystem: 'administer',
};

/** Throws a KsqlError when one of the statements is not for this asker: then none of them runs. */
export function checkStatements(
  statements: readonly { readonly statement: Statement }[],
  access: SqlAccess,
): void {
  for (const { statement } of statements) checkPermission(NEEDED[statement.kind], access);
}

export function checkPermission(permission: Permission, access: SqlAccess): void {
  if (access.may(permission)) return;
  throw new KsqlError(
    FORBIDDEN,
    `${access.principal} may not do this: it needs the permission '${permission}'.`,
  );
}

export function checkTopic(operation: TopicOperation, topic: string, access: SqlAccess): void {
  if (access.mayTopic(operation, topic)) return;
  const verb = operation.toLowerCase();
  throw new KsqlError(
    FORBIDDEN_TOPIC,
    `${access.principal} has no right to ${verb} topic '${topic}'. An access control rule would give it.`,
  );
}

/** Whether the asker is shown what is about these topics: lists leave out what may not be described, as Kafka's do. */
export function maySee(topics: readonly string[], access: SqlAccess): boolean {
  return topics.every((topic) => access.mayTopic('DESCRIBE', topic, 'quiet'));
}

/** Throws a KsqlError when Kafka's rules keep the asker from a topic that the statement concerns. */
export async function checkTopics(
  planned: Planned,
  access: SqlAccess,
  { state, topics }: { readonly state: SqlState; readonly topics: Topics },
): Promise<void> {
  if (access === FULL_ACCESS) return;
  for (const { operation, topic } of await needsOf(planned, state, topics))
    checkTopic(operation, topic, access);
}

interface Need {
  readonly operation: TopicOperation;
  readonly topic: string;
}

async function needsOf(planned: Planned, state: SqlState, topics: Topics): Promise<Need[]> {
  const need = (operation: TopicOperation, topic: string | undefined): Need[] =>
    topic === undefined ? [] : [{ operation, topic }];
  const needOrMake = async (operation: TopicOperation, topic: string): Promise<Need[]> => {
    const isThere = (await topics.describe([topic])).length > 0;
    // The same comes first for a topic that is there and one that is not, so that a refusal does not tell which.
    return isThere ? need(operation, topic) : [...need(operation, topic), ...need('CREATE', topic)];
  };
  switch (planned.kind) {
    case 'createSource':
      return needOrMake('DESCRIBE', planned.source.topic);
    case 'alter':
      return need('DESCRIBE', planned.source.topic);
    case 'createQuery':
      return [...reads(planned.plan.sink), ...(await needOrMake('WRITE', planned.source.topic))];
    case 'insertQuery':
      return [...reads(planned.plan.sink), ...need('WRITE', planned.target.topic)];
    case 'insertValues':
      return need('WRITE', planned.target.topic);
    case 'push':
    case 'streamPull':
      return reads(planned.plan.root);
    case 'pull':
      return need('READ', state.source(planned.shape.source)?.topic);
    case 'print':
      return need('READ', planned.topic);
    case 'explainStatement': {
      const needs = await needsOf(planned.planned, state, topics);
      const read = needs.filter(({ operation }) => operation === 'READ');
      return read.flatMap(({ topic }) => need('DESCRIBE', topic));
    }
    case 'assertTopic':
      return need('DESCRIBE', planned.topic);
    case 'drop':
      return planned.deleteTopic ? need('DELETE', state.source(planned.name)?.topic) : [];
    default:
      return [];
  }
}

function reads(step: Parameters<typeof sourceSteps>[0]): Need[] {
  return sourceSteps(step).map(({ topic }) => ({ operation: 'READ', topic }));
}
