import { silentLogger } from '../../../src/base/logger.ts';
import { VirtualClock } from '../../../src/base/virtual-clock.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { readCommitted } from '../../../src/engine/read-committed.ts';
import type { PersistentQuery, RunningQuery, TransientPlan } from '../../../src/engine/running-query.ts';
import { sourceSteps } from '../../../src/engine/service/plan-walk.ts';
import type { QueryEngine } from '../../../src/engine/service/query-registry.ts';
import { BatchBuilder } from '../../../src/record/batch-builder.ts';
import type { SchemaRegistry } from '../../../src/serde/schema-registry.ts';
import type { SchemaById } from '../../../src/serde/schemas.ts';
import { schemaById } from '../../../src/serde/whole-schema.ts';
import type { QueryPlan } from '../../../src/sql/plan.ts';
import { MemoryTopics } from '../../../src/testing/memory-topics.ts';
import { type WireRecord, wireRecordOf } from './wire-record.ts';

const PATIENCE_TURNS = 50;
const MOST_TURNS = 1_000;
const LONGER_THAN_ANY_BACKOFF_MS = 60_000;
const NEVER_MS = 1e12;

/** A query alone with its own topics, one partition each, so that it sees exactly what it is given, in that order. */
export class QueryRun {
  readonly plan: QueryPlan;
  readonly sourceTopics: readonly string[];
  readonly #topics: MemoryTopics;
  readonly #clock: VirtualClock;
  readonly #query: PersistentQuery;
  readonly #ends = new Map<string, number>();

  constructor(plan: QueryPlan, topics: MemoryTopics, clock: VirtualClock, query: PersistentQuery) {
    this.plan = plan;
    this.sourceTopics = topicsOf(plan);
    this.#topics = topics;
    this.#clock = clock;
    this.#query = query;
  }

  /** Appends one record and waits until all it causes is committed. Rejects when the query stopped at it. */
  async pipe(topic: string, record: WireRecord): Promise<void> {
    const builder = new BatchBuilder();
    builder.append(record.timestampMs, record.key, record.value, record.headers);
    const offset = this.#ends.get(topic) ?? 0;
    this.#ends.set(topic, offset + 1);
    await this.#topics.append({ topic, partition: 0, batch: builder.build() });
    let isDone = false;
    const reached = this.#query
      .reached([{ topic, partition: 0, offset: offset + 1 }], NEVER_MS)
      .finally(() => {
        isDone = true;
      });
    reached.catch(() => {});
    // Time stands still while the query works; only the pauses after a failure are shortened.
    for (let turn = 0; !isDone; turn++) {
      if (turn === MOST_TURNS) throw new Error(`${this.plan.queryId} hangs at offset ${offset} of ${topic}`);
      await this.#clock.advance(turn < PATIENCE_TURNS ? 0 : LONGER_THAN_ANY_BACKOFF_MS);
    }
    await reached;
  }

  /** What the sink's topic holds. */
  async results(): Promise<WireRecord[]> {
    const at = { topic: this.plan.sink.topic, partition: 0 };
    const { highWatermark } = await this.#topics.offsets(at);
    const found: WireRecord[] = [];
    await readCommitted(this.#topics, at, 0, highWatermark, (cursor) => found.push(wireRecordOf(cursor)));
    return found;
  }

  stop(): Promise<void> {
    return this.#query.stop();
  }
}

/** Starts every query of the statements in a log of its own; the runner feeds them one after another. */
export class IsolatedEngine implements QueryEngine {
  readonly #schemaById: SchemaById;
  readonly #runs = new Map<string, QueryRun>();

  constructor(registry: SchemaRegistry) {
    this.#schemaById = schemaById(registry);
  }

  /** In the order of their creation. */
  get runs(): readonly QueryRun[] {
    return [...this.#runs.values()];
  }

  async start(plan: QueryPlan): Promise<PersistentQuery> {
    const topics = new MemoryTopics();
    for (const name of new Set([...topicsOf(plan), plan.sink.topic]))
      await topics.create({ name, partitionCount: 1 });
    const clock = new VirtualClock();
    const engine = new Engine({ topics, clock, logger: silentLogger, schemaById: this.#schemaById });
    const query = await engine.start(plan);
    this.#runs.set(plan.queryId, new QueryRun(plan, topics, clock, query));
    return query;
  }

  startTransient(plan: TransientPlan): Promise<RunningQuery> {
    throw new Error(`${plan.queryId}: the statements of a case hold no push query`);
  }

  async dropState(queryId: string): Promise<void> {
    this.#runs.delete(queryId);
  }

  async dropOtherState(): Promise<void> {}
}

function topicsOf(plan: QueryPlan): string[] {
  return [...new Set(sourceSteps(plan.sink).map(({ topic }) => topic))];
}
