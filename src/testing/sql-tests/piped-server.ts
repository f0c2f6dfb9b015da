import { silentLogger } from '../../base/logger.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { Row } from '../../data/schema.ts';
import { readCommitted } from '../../engine/read-committed.ts';
import { SchemaGate } from '../../engine/schema-gate.ts';
import { sourceSteps } from '../../engine/service/plan-walk.ts';
import type { PersistentEntry } from '../../engine/service/query-registry.ts';
import { createSession, type Session } from '../../engine/service/session.ts';
import type { Catalog, Source } from '../../sql/catalog.ts';
import { Pump } from '../kit/pump.ts';
import { beginLife, type ServerLife } from '../kit/server-life.ts';
import { recordDecoder } from '../kit/topic-records.ts';
import { OneQueryTurns } from './one-query-turns.ts';

const NEVER_MS = 1e12;

/** A record as an assertion looks at it. `row`: of `rowSchema`; null: a tombstone. */
export interface SeenRecord {
  readonly key: Row;
  readonly row: Row | null;
  readonly timestampMs: number;
}

/** A query could not go on. */
export class QueryStopped extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'QueryStopped';
  }
}

/**
 * A server whose records go through all queries one at a time, depth first, as ksqlDB's test tool has it: what an insert
 * causes is written before anything else happens, in an order that does not depend on which query is faster.
 *
 *   insert into A --> first query of A --> its sink B --> queries of B ... --> second query of A --> ...
 *
 * Every topic has one partition, and those of CREATE statements are made where they are missing.
 */
export class PipedServer {
  readonly #clock: VirtualClock;
  readonly #pump: Pump;
  readonly #life: ServerLife;
  readonly #turns: OneQueryTurns;
  readonly session: Session;
  /** How far the assertions have read each topic. */
  readonly #read = new Map<string, number>();

  private constructor(clock: VirtualClock, pump: Pump, life: ServerLife, turns: OneQueryTurns) {
    this.#clock = clock;
    this.#pump = pump;
    this.#life = life;
    this.#turns = turns;
    this.session = createSession();
  }

  static async open(): Promise<PipedServer> {
    const fs = new MemoryFileSystem();
    const clock = new VirtualClock();
    const pump = new Pump(clock, fs);
    const turns = new OneQueryTurns();
    const life = await pump.run('start', () =>
      beginLife({
        ...{ fs, clock, turns, seed: 1, logger: silentLogger, serviceId: 'default_', hasOnePartition: true },
        properties: { 'cache.max.bytes.buffering': '0' },
        brokerConfig: {},
        spill: undefined,
      }),
    );
    return new PipedServer(clock, pump, life, turns);
  }

  get catalog(): Catalog {
    return this.#life.sql.catalog;
  }

  get nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Runs one statement and everything it causes. Rejects with a KsqlError or, if a query stopped by it, QueryStopped. */
  async run(text: string): Promise<void> {
    const { sql } = this.#life;
    const before = new Set(this.#queries().map(({ plan }) => plan.queryId));
    await this.#pump.run(text, () => sql.execute(text, this.session));
    // A new query begins with what is there already, if its statement says so.
    for (const entry of this.#queries())
      if (!before.has(entry.plan.queryId)) await this.#pipeThrough(entry, []);
  }

  /** What an insert into it has caused has been written when this resolves. */
  async pipe(topic: string): Promise<void> {
    await this.#pipe(topic, []);
  }

  async createTopic(name: string): Promise<void> {
    const { topics } = this.#life;
    await this.#pump.run(name, async () => {
      if ((await topics.describe([name])).length === 0) await topics.create({ name, partitionCount: 1 });
    });
  }

  /** The next record of the source's topic that no assertion has read yet. */
  async nextRecord(source: Source): Promise<SeenRecord | undefined> {
    const at = { topic: source.topic, partition: 0 };
    const from = this.#read.get(source.topic) ?? 0;
    const { schemas } = this.#life;
    const decoder = recordDecoder(source, schemas);
    const gate = SchemaGate.of([source], schemas);
    let found: SeenRecord | undefined;
    let next = from;
    await this.#pump.run(`a record of ${source.topic}`, async () => {
      const { topics } = this.#life;
      const { lastStableOffset } = await topics.offsets(at);
      await readCommitted(topics, at, from, lastStableOffset, async (cursor) => {
        if (found) return;
        await gate?.fetch(cursor);
        const { key, row, timestampMs } = decoder.decode(cursor, 0);
        found = { key, row, timestampMs };
        next = cursor.offset + 1;
      });
    });
    this.#read.set(source.topic, next);
    return found;
  }

  async close(): Promise<void> {
    this.#turns.end();
    await this.#pump.run('close', () => this.#life.stop());
  }

  async #pipe(topic: string, path: readonly string[]): Promise<void> {
    if (path.includes(topic))
      throw new QueryStopped(`The queries form a circle: ${[...path, topic].join(' -> ')}`);
    for (const entry of this.#queries())
      if (sourceSteps(entry.plan.sink).some((step) => step.topic === topic))
        await this.#pipeThrough(entry, [...path, topic]);
  }

  async #pipeThrough({ plan, running, failure }: PersistentEntry, path: readonly string[]): Promise<void> {
    if (failure) throw stopped(plan.queryId, failure);
    if (!running) return;
    const sink = plan.sink.topic;
    const before = await this.#end(sink);
    const topics = new Set(sourceSteps(plan.sink).map(({ topic }) => topic));
    const positions = await Promise.all(
      [...topics].map(async (topic) => ({ topic, partition: 0, offset: await this.#end(topic) })),
    );
    await this.#turns.of(plan.queryId, () =>
      this.#pump
        .run(plan.queryId, () => running.reached(positions, NEVER_MS))
        .catch((error: Error) => {
          throw stopped(plan.queryId, running.error ?? error);
        }),
    );
    if ((await this.#end(sink)) > before) await this.#pipe(sink, path);
  }

  async #end(topic: string): Promise<number> {
    const [found] = await this.#life.topics.describe([topic]);
    if (!found) return 0;
    return (await this.#life.topics.offsets({ topic, partition: 0 })).lastStableOffset;
  }

  #queries(): readonly PersistentEntry[] {
    return [...this.#life.sql.persistentQueries()];
  }
}

function stopped(queryId: string, { message }: { readonly message: string }): QueryStopped {
  return new QueryStopped(`Query ${queryId} stopped: ${message}`);
}
