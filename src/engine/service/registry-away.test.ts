// A schema registry that cannot be asked: queries wait for it, whoever asks for something at once is told.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { engineInThreads } from '../../../test/support/engine-threads.ts';
import { startSqlService } from '../../../test/support/sql-service.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemorySchemaRegistry } from '../../serde/memory-schema-registry.ts';
import { SchemaRegistryError } from '../../serde/schema-registry.ts';
import { schemaById } from '../../serde/whole-schema.ts';
import { MemoryTopics } from '../../testing/memory-topics.ts';
import type { Topics } from '../../topics/topics.ts';
import { Engine } from '../engine.ts';
import { collect } from './answers.ts';
import { KsqlError, REGISTRY_AWAY } from './ksql-error.ts';
import { createSession } from './session.ts';
import type { SqlService } from './sql-service.ts';

class LeavingRegistry extends MemorySchemaRegistry {
  isAway = false;

  override async byId(id: number) {
    this.#check();
    return super.byId(id);
  }

  override async latest(subject: string) {
    this.#check();
    return super.latest(subject);
  }

  #check(): void {
    if (this.isAway) throw new SchemaRegistryError('The schema registry at nowhere was not reached', 0);
  }
}

const ENGINES = {
  'in the caller’s thread': (topics: Topics, registry: LeavingRegistry) =>
    new Engine({ topics, clock: systemClock, logger: silentLogger, schemaById: schemaById(registry) }),
  'in a thread of its own': (topics: Topics, registry: LeavingRegistry) =>
    engineInThreads(topics, { schemaById: schemaById(registry) }),
};

for (const [where, engineOver] of Object.entries(ENGINES))
  describe(`while the schema registry is away, ${where}`, { timeout: 120_000 }, () => {
    /** A server over these, until `use` is done. */
    async function serve(
      topics: MemoryTopics,
      registry: LeavingRegistry,
      use: (sql: SqlService) => Promise<void>,
    ): Promise<void> {
      const engine = engineOver(topics, registry);
      const { sql, stop } = await startSqlService({ topics, engine, schemaRegistry: registry });
      try {
        await use(sql);
      } finally {
        await stop();
      }
    }
    const run = (sql: SqlService, text: string) => sql.execute(text, createSession());
    async function rowsOf(sql: SqlService, text: string, properties: Record<string, string> = {}) {
      const answer = await sql.query(text, createSession(properties));
      assert.equal(answer.kind, 'rows');
      return collect(answer.rows);
    }
    async function explain(sql: SqlService) {
      const [entity] = await run(sql, 'EXPLAIN CTAS_O_2;');
      assert.equal(entity?.['@type'], 'queryDescription');
      return entity.queryDescription;
    }
    const isAway = (error: unknown) => error instanceof KsqlError && error.code === REGISTRY_AWAY;
    const SOURCE =
      "CREATE TABLE s (k INT PRIMARY KEY, a INT) WITH (kafka_topic='t', partitions=1, format='AVRO');";
    const ROW = 'INSERT INTO s (k, a) VALUES (1, 10);';
    const STATEMENTS = `${SOURCE} CREATE TABLE o WITH (format='JSON') AS SELECT k, a + 1 AS b FROM s; ${ROW}`;

    it('a server starts, and its queries wait until the registry is back', async () => {
      const topics = new MemoryTopics();
      const registry = new LeavingRegistry();
      await serve(topics, registry, async (sql) => {
        await run(sql, STATEMENTS);
        assert.deepEqual(await rowsOf(sql, 'SELECT * FROM o;'), [{ K: 1, B: 11 }]);
      });
      registry.isAway = true;
      await serve(topics, registry, async (sql) => {
        let waiting = await explain(sql);
        for (; !waiting.retry; waiting = await explain(sql)) await sleep(5);
        assert.equal(waiting.state, 'ERROR');
        assert.match(waiting.queryErrors.at(-1)!.errorMessage, /was not reached/);
        assert.equal(waiting.queryErrors.at(-1)!.type, 'SYSTEM');
        const atOnce = { 'ksql.query.pull.consistency.timeout.ms': '0' };
        await assert.rejects(rowsOf(sql, 'SELECT * FROM o;', atOnce), /is not loaded/);
        registry.isAway = false;
        assert.deepEqual(await rowsOf(sql, 'SELECT * FROM o;'), [{ K: 1, B: 11 }]);
        assert.equal((await explain(sql)).state, 'RUNNING');
      });
    });

    it('a server stops while its queries wait', async () => {
      const topics = new MemoryTopics();
      const registry = new LeavingRegistry();
      await serve(topics, registry, async (sql) => void (await run(sql, STATEMENTS)));
      registry.isAway = true;
      await serve(topics, registry, async () => {});
    });

    it('statements, rows by hand and push queries end with 503', async () => {
      const topics = new MemoryTopics();
      const registry = new LeavingRegistry();
      await serve(topics, registry, async (sql) => void (await run(sql, SOURCE + ROW)));
      // No query has asked for the schema yet in this one.
      await serve(topics, registry, async (sql) => {
        registry.isAway = true;
        await assert.rejects(
          run(sql, "CREATE STREAM n WITH (kafka_topic='t', value_format='AVRO');"),
          isAway,
        );
        await assert.rejects(run(sql, 'INSERT INTO s (k, a) VALUES (2, 20);'), isAway);
        const earliest = { 'auto.offset.reset': 'earliest' };
        await assert.rejects(rowsOf(sql, 'SELECT * FROM s EMIT CHANGES LIMIT 1;', earliest), isAway);
      });
    });
  });
