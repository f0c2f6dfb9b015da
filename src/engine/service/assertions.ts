import { type Clock, sleep } from '../../base/clock.ts';
import type { SchemaRegistry } from '../../serde/schema-registry.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import type { Topics } from '../../topics/topics.ts';
import type { Entity } from './entities.ts';
import { ASSERTION_FAILED, BAD_STATEMENT, KsqlError } from './ksql-error.ts';

/** Asking costs next to nothing in the same process. */
const ASK_AGAIN_MS = 50;

/** ASSERT TOPIC: waits until a topic is, or is not, as the statement says; at most for its time-out. */
export async function assertTopic(
  planned: PlannedOf<'assertTopic'>,
  statementText: string,
  topics: Topics,
  clock: Clock,
): Promise<Entity> {
  await noFault(() => topicFault(planned, topics), planned.timeoutMs, statementText, clock);
  const { topic: topicName, exists } = planned;
  return { '@type': 'assert_topic', statementText, warnings: [], topicName, exists };
}

/** ASSERT SCHEMA: the same for a subject, a schema's id, or the id under the subject. */
export async function assertSchema(
  planned: PlannedOf<'assertSchema'>,
  statementText: string,
  registry: SchemaRegistry | undefined,
  clock: Clock,
): Promise<Entity> {
  if (!registry) {
    const message = 'This server has no schema registry: it was started with --registry off.';
    throw new KsqlError(BAD_STATEMENT, message, { text: statementText });
  }
  await noFault(() => schemaFault(planned, registry), planned.timeoutMs, statementText, clock);
  const { subject = null, id = null, exists } = planned;
  return { '@type': 'assert_schema', statementText, warnings: [], subject, id, exists };
}

async function noFault(
  faultOf: () => Promise<string | undefined>,
  timeoutMs: number,
  text: string,
  clock: Clock,
): Promise<void> {
  const deadlineMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const fault = await faultOf();
    if (fault === undefined) return;
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) throw new KsqlError(ASSERTION_FAILED, fault, { text });
    await sleep(clock, Math.min(ASK_AGAIN_MS, leftMs));
  }
}

async function schemaFault(
  { subject, id, exists }: PlannedOf<'assertSchema'>,
  registry: SchemaRegistry,
): Promise<string | undefined> {
  const what = [
    'Schema',
    ...(subject === undefined ? [] : [`with subject '${subject}'`]),
    ...(id === undefined ? [] : [`${subject === undefined ? 'with' : 'and'} id ${id}`]),
  ].join(' ');
  const isThere = await hasSchema(subject, id, registry);
  return isThere === exists ? undefined : `${what} ${exists ? 'does not exist' : 'exists'}.`;
}

async function hasSchema(
  subject: string | undefined,
  id: number | undefined,
  registry: SchemaRegistry,
): Promise<boolean> {
  if (id === undefined) return (await registry.latest(subject ?? '')) !== undefined;
  const schema = await registry.byId(id);
  if (schema === undefined || subject === undefined) return schema !== undefined;
  return (await registry.lookup(subject, schema)) !== undefined;
}

async function topicFault(
  { topic, exists, partitions, replicas }: PlannedOf<'assertTopic'>,
  topics: Topics,
): Promise<string | undefined> {
  const [found] = await topics.describe([topic]);
  if (!exists) return found ? `Topic '${topic}' exists.` : undefined;
  if (!found) return `Topic '${topic}' does not exist.`;
  const faults = [
    ['partitions', found.partitionCount, partitions] as const,
    ['replicas', found.replicationFactor, replicas] as const,
  ].filter(([, actual, wanted]) => wanted !== undefined && actual !== wanted);
  if (faults.length === 0) return undefined;
  return faults
    .map(([what, actual, wanted]) => `Topic '${topic}' has ${actual} ${what}, not ${wanted}.`)
    .join('\n');
}
