import { type Clock, sleep } from '../../base/clock.ts';
import type { PlannedOf } from '../../sql/planned.ts';
import type { Topics } from '../../topics/topics.ts';
import type { Entity } from './entities.ts';
import { ASSERTION_FAILED, KsqlError } from './ksql-error.ts';

/** Asking costs next to nothing in the same process. */
const ASK_AGAIN_MS = 50;

/** ASSERT TOPIC: waits until a topic is, or is not, as the statement says; at most for its time-out. */
export async function assertTopic(
  planned: PlannedOf<'assertTopic'>,
  statementText: string,
  topics: Topics,
  clock: Clock,
): Promise<Entity> {
  const deadlineMs = clock.monotonicMs() + planned.timeoutMs;
  for (;;) {
    const fault = await faultOf(planned, topics);
    const { topic: topicName, exists } = planned;
    if (fault === undefined)
      return { '@type': 'assert_topic', statementText, warnings: [], topicName, exists };
    const leftMs = deadlineMs - clock.monotonicMs();
    if (leftMs <= 0) throw new KsqlError(ASSERTION_FAILED, fault, { text: statementText });
    await sleep(clock, Math.min(ASK_AGAIN_MS, leftMs));
  }
}

async function faultOf(
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
