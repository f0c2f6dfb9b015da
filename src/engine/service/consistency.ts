import { nextTurn } from '../../base/async.ts';
import type { QueryPlan } from '../../sql/plan.ts';
import type { Position, Topics } from '../../topics/topics.ts';
import { BAD_REQUEST, KsqlError, NOT_CAUGHT_UP } from './ksql-error.ts';
import { sourceSteps, writesInto } from './plan-walk.ts';
import type { PersistentEntry, QueryRegistry } from './query-registry.ts';

/** What a query reads, and which queries write it. */
interface Upstream {
  readonly topics: readonly string[];
  readonly writers: readonly string[];
  /** A look at where the topics end that is still to come. */
  look: Promise<Position[]> | undefined;
}

/** By topic and partition. */
type Offsets = ReadonlyMap<string, readonly number[]>;

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
  /** By the list that a query shows until its next commit. */
  readonly #offsets = new WeakMap<readonly Position[], Offsets>();
  /** Of queries that were asked for since one came or went: with a thousand queries the walk over all is long. */
  readonly #upstreams = new Map<string, Upstream>();
  #upstreamVersion = -1;

  constructor(topics: Topics, queries: QueryRegistry) {
    this.#topics = topics;
    this.#queries = queries;
  }

  /** Rejects when the query does not get there in `timeoutMs`, or cannot because it has failed. 0: no waiting at all. */
  async settle(queryId: string, timeoutMs: number): Promise<void> {
    if (timeoutMs === 0) return;
    await this.#settle(queryId, timeoutMs, [], new Map());
  }

  /** `path`: who waits for this. INSERT INTO can tie queries into a loop, which must not wait for itself. */
  #settle(
    queryId: string,
    timeoutMs: number,
    path: readonly string[],
    settled: Map<string, Promise<void>>,
  ): Promise<void> {
    const entry = this.#queries.find(queryId);
    if (!entry || entry.paused || path.includes(queryId)) return Promise.resolve();
    const known = settled.get(queryId);
    if (known) return known;
    const upstream = this.#upstreamOf(entry);
    const before = upstream.writers.map((writer) =>
      this.#settle(writer, timeoutMs, [...path, queryId], settled),
    );
    const catchUp = () => this.#catchUp(entry, upstream, timeoutMs);
    const done = before.length === 0 ? catchUp() : Promise.all(before).then(catchUp);
    settled.set(queryId, done);
    return done;
  }

  #upstreamOf({ plan }: PersistentEntry): Upstream {
    if (this.#upstreamVersion !== this.#queries.version) this.#upstreams.clear();
    this.#upstreamVersion = this.#queries.version;
    const known = this.#upstreams.get(plan.queryId);
    if (known) return known;
    const topics = [...new Set(sourceSteps(plan.sink).map(({ topic }) => topic))];
    const writers = [...this.#queries.persistent()].filter((other) => writesInto(other.plan, topics));
    const upstream = { topics, writers: writers.map(({ plan }) => plan.queryId), look: undefined };
    this.#upstreams.set(plan.queryId, upstream);
    return upstream;
  }

  async #catchUp({ plan, running, failure }: PersistentEntry, upstream: Upstream, timeoutMs: number) {
    if (!running || running.state === 'ERROR')
      throw new KsqlError(BAD_REQUEST, stoppedMessage(plan, (running?.error ?? failure)?.message));
    const ends = await this.#laterEnds(upstream);
    const reached = this.#offsetsOf(running.positions());
    const behind = ends.filter((end) => end.offset > 0 && offsetIn(reached, end) < end.offset);
    if (behind.length === 0) return;
    try {
      await running.reached(behind, timeoutMs);
    } catch (error) {
      if (running.error) throw new KsqlError(BAD_REQUEST, stoppedMessage(plan, running.error.message));
      const { message } = error as Error;
      throw new KsqlError(
        NOT_CAUGHT_UP,
        `Query ${plan.queryId} has not caught up with its sources: ${message}`,
      );
    }
  }

  /** One look for all who ask in a turn of the event loop: it comes after each of them, so it sees what each may expect. */
  #laterEnds(upstream: Upstream): Promise<Position[]> {
    upstream.look ??= nextTurn().then(() => {
      upstream.look = undefined;
      return this.ends(upstream.topics);
    });
    return upstream.look;
  }

  #offsetsOf(positions: readonly Position[]): Offsets {
    const known = this.#offsets.get(positions);
    if (known) return known;
    const offsets = new Map<string, number[]>();
    for (const { topic, partition, offset } of positions) {
      const ofTopic = offsets.get(topic) ?? [];
      ofTopic[partition] = offset;
      offsets.set(topic, ofTopic);
    }
    this.#offsets.set(positions, offsets);
    return offsets;
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

function offsetIn(offsets: Offsets, { topic, partition }: Position): number {
  return offsets.get(topic)?.[partition] ?? 0;
}

function stoppedMessage(plan: QueryPlan, reason: string | undefined): string {
  return `Query ${plan.queryId} has stopped in ERROR, its table is out of date: ${reason ?? 'unknown cause'}`;
}
