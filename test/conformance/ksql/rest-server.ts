import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { systemClock } from '../../../src/base/clock.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import { SeededRandom } from '../../../src/base/seeded-random.ts';
import { Engine } from '../../../src/engine/engine.ts';
import { partitionOfKey } from '../../../src/engine/murmur2.ts';
import { FULL_ACCESS } from '../../../src/engine/service/access.ts';
import { sourceSteps } from '../../../src/engine/service/plan-walk.ts';
import { SqlService } from '../../../src/engine/service/sql-service.ts';
import { ksqlApi } from '../../../src/http/ksql-api.ts';
import { HttpPort, type NodeBindings } from '../../../src/http/port.ts';
import { queryRoute } from '../../../src/http/query-api.ts';
import { refusalOf, writeRefusal } from '../../../src/http/refusal.ts';
import { BatchBuilder } from '../../../src/record/batch-builder.ts';
import { schemaById } from '../../../src/serde/whole-schema.ts';
import type { Source } from '../../../src/sql/catalog.ts';
import { MemoryTopics } from '../../../src/testing/memory-topics.ts';
import type { Position } from '../../../src/topics/topics.ts';
import type { CaseSchemas } from './case-schemas.ts';
import type { WireRecord } from './wire-record.ts';

const PROTOBUF = 'application/vnd.ksql.v1+protobuf';
const PATIENCE_MS = 2_000;
const PROPERTIES = {
  'auto.offset.reset': 'earliest',
  'cache.max.bytes.buffering': '0',
  // As ksqlDB's own suite runs; a query that asks for `latest` is then a scalable one.
  'ksql.query.push.v2.enabled': 'true',
};

/** The server of one REST case: the whole way from a request to its answer but for the socket. */
export class RestServer {
  readonly topics = new MemoryTopics();
  readonly schemas: CaseSchemas;
  readonly #engine: Engine;
  readonly #timers: NodeJS.Timeout[] = [];
  #sql!: SqlService;
  #port!: HttpPort;

  private constructor(schemas: CaseSchemas) {
    this.schemas = schemas;
    this.#engine = new Engine({
      topics: this.topics,
      clock: systemClock,
      logger: silentLogger,
      schemaById: schemaById(schemas.registry),
    });
  }

  static async start(schemas: CaseSchemas): Promise<RestServer> {
    const server = new RestServer(schemas);
    server.#sql = await SqlService.start({
      topics: server.topics,
      engine: server.#engine,
      clock: systemClock,
      random: new SeededRandom(1),
      logger: silentLogger,
      schemaRegistry: schemas.registry,
      serviceId: 'some.ksql.service.id',
      properties: PROPERTIES,
    });
    const limits = { clock: systemClock, maxBytes: 1 << 20, timeoutMs: PATIENCE_MS };
    const info = { version: '0', kafkaClusterId: 'c', ksqlServiceId: 's' };
    const refusals = { logger: silentLogger, allowOrigin: undefined };
    const app = new Hono<{ Bindings: NodeBindings }>()
      .route('/', ksqlApi(server.#sql, info, limits))
      .onError((error, c) => {
        const { status, headers, body } = refusalOf(error, c.req.path, refusals);
        return new Response(body, { status, headers });
      });
    const common = getRequestListener((request, node) => app.fetch(request, node), {
      overrideGlobalObjects: false,
    });
    const route = queryRoute(server.#sql, {
      limits,
      allowOrigin: undefined,
      identify: () => FULL_ACCESS,
      guard: () => undefined,
      refuse: (outgoing, path, error) => writeRefusal(outgoing, refusalOf(error, path, refusals)),
    });
    server.#port = await HttpPort.listen({
      host: '127.0.0.1',
      port: 0,
      maxConnections: 100,
      clock: systemClock,
      logger: silentLogger,
      listener: (incoming, outgoing) => {
        if (!route(incoming, outgoing)) void common(incoming, outgoing);
      },
    });
    return server;
  }

  /** Resolves with the answer's head; its body may still be on the way, and is cut off when it never ends. */
  async post(
    path: string,
    ksql: string,
    streamsProperties: Readonly<Record<string, string>>,
  ): Promise<Response> {
    return this.#request(path, { ksql, streamsProperties });
  }

  /** A query whose rows come as messages. */
  async postForProtobuf(sql: string, properties: Readonly<Record<string, string>>): Promise<Response> {
    return this.#request('/query-stream', { sql, properties }, { accept: PROTOBUF });
  }

  async #request(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    const controller = new AbortController();
    // Not the system's clock: its timers would let the process end while an answer is awaited.
    this.#timers.push(setTimeout(() => controller.abort(), PATIENCE_MS));
    return fetch(`http://127.0.0.1:${this.#port.port}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      headers,
      signal: controller.signal,
    });
  }

  sources(): Source[] {
    return this.#sql.sources().map(({ name }) => this.#sql.insertTarget(name));
  }

  async append(topic: string, record: WireRecord): Promise<void> {
    const [description] = await this.topics.describe([topic]);
    const partition = record.key === null ? 0 : partitionOfKey(record.key, description?.partitionCount ?? 1);
    const builder = new BatchBuilder();
    builder.append(record.timestampMs, record.key, record.value, record.headers);
    await this.topics.append({ topic, partition, batch: builder.build() });
  }

  /** Until every query has read all that is there, also what the queries before it have just written. */
  async settled(): Promise<void> {
    for (let before = ''; ; ) {
      const ends = await this.#ends();
      const now = JSON.stringify(ends);
      if (now === before) return;
      before = now;
      for (const { plan, running } of this.#sql.persistentQueries()) {
        const topics = sourceSteps(plan.sink).map(({ topic }) => topic);
        await running?.reached(
          ends.filter(({ topic }) => topics.includes(topic)),
          PATIENCE_MS,
        );
      }
    }
  }

  async stop(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    await this.#port.stop();
    await this.#sql.stop();
    await this.#engine.stop();
  }

  async #ends(): Promise<Position[]> {
    const ends: Position[] = [];
    for (const { name, partitionCount } of await this.topics.describe())
      for (let partition = 0; partition < partitionCount; partition++) {
        const at = { topic: name, partition };
        ends.push({ ...at, offset: (await this.topics.offsets(at)).lastStableOffset });
      }
    return ends;
  }
}
