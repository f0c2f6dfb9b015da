import type { QueryPlan } from '../../sql/plan.ts';
import type { Position, Topics } from '../../topics/topics.ts';
import { BAD_REQUEST, KsqlError } from './ksql-error.ts';
import { sourceSteps } from './plan-walk.ts';
import type { QueryRegistry } from './query-registry.ts';

/**
 * Makes a table as new as its asker may expect: everything that was acknowledged before the request is in it.
 * A table over other queries' results waits for those first, since only then is it known what it has to read:
 *
 *   events --> [query A] --> topic A --> [query B] --> table B
 *   1. A reached the end of events    2. B reached the end of topic A    3. read table B
 */
export class Consistency {
  readonly #topics: Topics;
  readonly #queries: QueryRegistry;

  constructor(topics: Topics, queries: QueryRegistry) {
    this.#topics = topics;
    this.#queries = queries;
  }

  /** Rejects when the query does not get there in `timeoutMs`, or cannot because it has failed. 0: no waiting at all. */
  async settle(queryId: string, timeoutMs: number): Promise<void> {
    if (timeoutMs === 0) return;
    await this.#settle(queryId, timeoutMs, new Set());
  }

  async #settle(queryId: string, timeoutMs: number, seen: Set<string>): Promise<void> {
    // INSERT INTO can tie queries into a loop; each is waited for once.
    if (seen.has(queryId)) return;
    seen.add(queryId);
    const entry = this.#queries.find(queryId);
    if (!entry?.running) return;
    const topics = new Set(sourceSteps(entry.plan.sink).map(({ topic }) => topic));
    const writers = [...this.#queries.persistent()].filter(({ plan }) => topics.has(plan.sink.topic));
    await Promise.all(writers.map(({ plan }) => this.#settle(plan.queryId, timeoutMs, seen)));
    const behind = missing(entry.running.positions(), await this.ends([...topics]));
    if (behind.length === 0) return;
    if (entry.running.state === 'ERROR')
      throw new KsqlError(BAD_REQUEST, stoppedMessage(entry.plan, entry.running.error));
    try {
      await entry.running.reached(behind, timeoutMs);
    } catch (error) {
      throw new KsqlError(
        50301,
        `Query ${queryId} has not caught up with its sources: ${(error as Error).message}`,
      );
    }
  }

  /** Where committed records end now, for all partitions of the topics. */
  async ends(topics: readonly string[]): Promise<Position[]> {
    const ends: Promise<Position>[] = [];
    for (const { name: topic, partitionCount } of await this.#topics.describe(topics))
      for (let partition = 0; partition < partitionCount; partition++) ends.push(this.#end(topic, partition));
    return Promise.all(ends);
  }

  async #end(topic: string, partition: number): Promise<Position> {
    const { lastStableOffset } = await this.#topics.offsets({ topic, partition });
    return { topic, partition, offset: lastStableOffset };
  }
}

function missing(reached: readonly Position[], wanted: readonly Position[]): Position[] {
  const at = new Map(reached.map(({ topic, partition, offset }) => [`${topic} ${partition}`, offset]));
  return wanted.filter(
    ({ topic, partition, offset }) => offset > 0 && (at.get(`${topic} ${partition}`) ?? 0) < offset,
  );
}

function stoppedMessage(plan: QueryPlan, error: Error | undefined): string {
  return `Query ${plan.queryId} has stopped in ERROR, its table is out of date: ${error?.message ?? 'unknown cause'}`;
}
