import { type HostPort, parseHostPort } from './base/address.ts';
import { type Lazy, lazy, runAll, type Step } from './base/async.ts';
import { type Clock, systemClock } from './base/clock.ts';
import type { FileSystem } from './base/fs.ts';
import { acquireLock } from './base/lock.ts';
import type { LogLevels } from './base/log-levels.ts';
import { type Logger, silentLogger } from './base/logger.ts';
import { MemoryFileSystem } from './base/memory-fs.ts';
import { Metrics } from './base/metrics.ts';
import { osFileSystem } from './base/os-fs.ts';
import { type Random, systemRandom } from './base/random.ts';
import { VERSION } from './base/version.ts';
import { CLUSTER_NAME } from './broker/access.ts';
import { Broker } from './broker/broker.ts';
import { StartError } from './broker/start-error.ts';
import { RemoteConnect } from './connect/remote-connect.ts';
import type { Engine } from './engine/engine.ts';
import { changes, collect, type SqlResult } from './engine/service/answers.ts';
import type { ConnectCluster } from './engine/service/connect-cluster.ts';
import { processingLogStream } from './engine/service/processing-log-stream.ts';
import type { PlainRow } from './engine/service/row-objects.ts';
import { toObjects } from './engine/service/row-objects.ts';
import { createSession } from './engine/service/session.ts';
import type { SqlService, SqlServiceOptions } from './engine/service/sql-service.ts';
import { StandingSql } from './engine/service/standing-sql.ts';
import { isOneOf } from './engine/service/statement-text.ts';
import type { EngineHost } from './engine/threads/engine-host.ts';
import { startEngine } from './engine/threads/start-engine.ts';
import type { TopicAccess } from './http/auth.ts';
import { HttpServer } from './http/http-server.ts';
import type { Pages } from './http/pages.ts';
import { RegistryServer } from './http/registry-server.ts';
import { parseUsers } from './http/users.ts';
import { Registry } from './registry/registry.ts';
import { RemoteRegistry } from './registry/remote-registry.ts';
import { type SchemaRegistry, SchemaRegistryError } from './serde/schema-registry.ts';
import type { SchemaById } from './serde/schemas.ts';
import { schemaById } from './serde/whole-schema.ts';
import type { NewTopic, Topics } from './topics/topics.ts';

export type { PlainValue } from './data/plain-value.ts';
export type { Changes, SqlResult } from './engine/service/answers.ts';
export type { Entity } from './engine/service/entities.ts';
export { KsqlError } from './engine/service/ksql-error.ts';
export type { PlainRow } from './engine/service/row-objects.ts';
export { defineFunction, type UserFunction } from './sql/functions/user-functions.ts';

export interface MillraceOptions {
  /** Folder of the data, or `memory`: then everything is gone when it stops. */
  readonly data: string;
  /** HOST:PORT of the Kafka listener, or several as Kafka's `listeners`; port 0 picks a free one. */
  readonly kafka?: string;
  /** SCRAM users to have from the first start on: `NAME:PASSWORD`, with commas between. */
  readonly addScram?: string;
  /** HOST:PORT of the HTTP listener. */
  readonly http?: string;
  /** HOST:PORT of the schema registry, or `off`. */
  readonly registry?: string;
  /** Another registry that SQL uses instead of this server's own, which is off then. */
  readonly schemaRegistryUrl?: string;
  /** `NAME:PASSWORD` for that one. */
  readonly schemaRegistryUser?: string;
  /** Of Kafka Connect's REST API, for connector statements; several workers with commas between. */
  readonly connectUrl?: string;
  /** `NAME:PASSWORD` for it. */
  readonly connectUser?: string;
  readonly connectTimeoutMs?: number;
  /** Statements to have in force; what an earlier start made is left alone. */
  readonly sql?: string;
  /** Made before the statements run, unless they exist. */
  readonly topics?: readonly NewTopic[];
  /** `user:password`; with any, HTTP requests must name one. */
  readonly users?: readonly string[];
  /** `user:role` with reader, writer, developer or admin; with any, every user needs one. Without, all are admins. */
  readonly userRoles?: readonly string[];
  readonly allowOrigin?: string | undefined;
  /** Names by which the HTTP ports may be asked, besides addresses and localhost; `.example.com` is every name below. */
  readonly allowedHosts?: readonly string[];
  readonly pages?: Pages;
  /** Kafka's own names: `num.partitions`, `auto.create.topics.enable` ... */
  readonly brokerConfig?: Readonly<Record<string, string>>;
  /** Modules that export functions for SQL, in TypeScript or JavaScript: see `defineFunction`. */
  readonly functions?: readonly string[];
  /** In force where neither a statement nor its request says otherwise: `auto.offset.reset` ... */
  readonly sqlProperties?: Readonly<Record<string, string>>;
  readonly serviceId?: string;
  readonly maxHttpConnections?: number;
  readonly maxBodyBytes?: number;
  readonly bodyTimeoutMs?: number;
  readonly maxPushQueries?: number;
  readonly maxWaitingBytes?: number;
  readonly stallMs?: number;
  /**
   * Threads that queries run in, besides the caller's: as many as there are processors, less one. 0 runs them in the
   * caller's; so do `data: 'memory'` and a clock or random source of the caller, which other threads cannot share.
   */
  readonly workers?: number;
  /** Heap of each of these threads; a query that needs more ends its thread. V8's own limit unless given. */
  readonly workerHeapMb?: number;
  /**
   * What all queries of a thread together may keep in memory; more goes to disk, into `spill/` of the data folder. Half of
   * the heap's limit unless given. In memory (`data: 'memory'`) there is no such limit.
   */
  readonly stateMemoryBytes?: number;
  readonly logger?: Logger;
  /** The levels `logger` was made with: admin tools may then change them (BROKER_LOGGER). */
  readonly logLevels?: LogLevels;
  readonly clock?: Clock;
  readonly random?: Random;
}

export interface SqlOptions {
  readonly properties?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
}

const LOCAL = '127.0.0.1:0';
/** Of queries that come back with little state, there is no more to do by then. */
const LONG_START_MS = 250;

/**
 * The whole platform in one object. Reads as a table of contents: the log and its Kafka listener, the schemas of what is
 * in it, the engine that runs queries over it, the SQL service that makes queries from statements, and HTTP over all of
 * them.
 */
export class Millrace {
  readonly #broker: Broker;
  readonly #engine: Engine | EngineHost;
  readonly #standing: StandingSql;
  readonly #sql: Lazy<SqlService>;
  readonly #http: HttpServer;
  readonly #registry: Registry;
  readonly #registryServer: RegistryServer | undefined;
  #stopped: Promise<void> | undefined;

  private constructor(parts: {
    readonly broker: Broker;
    readonly engine: Engine | EngineHost;
    readonly standing: StandingSql;
    readonly sql: Lazy<SqlService>;
    readonly http: HttpServer;
    readonly registry: Registry;
    readonly registryServer: RegistryServer | undefined;
  }) {
    this.#broker = parts.broker;
    this.#engine = parts.engine;
    this.#standing = parts.standing;
    this.#sql = parts.sql;
    this.#http = parts.http;
    this.#registry = parts.registry;
    this.#registryServer = parts.registryServer;
  }

  static async start(options: MillraceOptions): Promise<Millrace> {
    const { clock = systemClock, random = systemRandom, logger = silentLogger } = options;
    const inMemory = options.data === 'memory';
    const fs: FileSystem = inMemory ? new MemoryFileSystem() : osFileSystem;
    const dataDir = inMemory ? '/data' : options.data;
    const serviceId = options.serviceId ?? 'default_';
    const metrics = new Metrics();
    await registerFunctions(options.functions ?? []);

    const broker = await Broker.start({
      fs,
      dataDir,
      clock,
      random,
      logger,
      metrics,
      listen: options.kafka ?? LOCAL,
      addScram: options.addScram,
      config: options.brokerConfig ?? {},
      ...(options.logLevels && { logLevels: options.logLevels }),
      lock: inMemory ? undefined : acquireLock,
    });
    const undo: Step[] = [() => broker.stop()];
    try {
      const topics: Topics = broker.topics;
      await createMissing(topics, options.topics ?? []);
      const registry = new Registry({ topics, clock, logger });
      undo.unshift(() => registry.stop());
      const schemas = schemasFor(options, registry);
      const engine = await startEngine({
        topics,
        places: broker.sharedLogs,
        schemaById: schemas ? schemaById(schemas) : refuseSchema,
        fs,
        dataDir,
        clock,
        random,
        logger,
        serviceId,
        workers: options.workers,
        heapMb: options.workerHeapMb,
        stateMemoryBytes: options.stateMemoryBytes,
        functions: options.functions,
      });
      undo.unshift(() => engine.stop());
      const sqlOptions: SqlServiceOptions = {
        topics,
        engine,
        clock,
        random,
        logger,
        serviceId,
        ...(options.sqlProperties && { properties: options.sqlProperties }),
        ...(options.maxPushQueries !== undefined && { maxPushQueries: options.maxPushQueries }),
        ...(options.maxWaitingBytes !== undefined && { maxWaitingBytes: options.maxWaitingBytes }),
        ...(options.stallMs !== undefined && { stallMs: options.stallMs }),
        consumersOf: (topic) => consumersOf(broker, topic),
        schemaRegistry: schemas,
        connect: connectFor(options),
      };
      const standing = await openStanding(sqlOptions);
      undo.unshift(() => standing.stop());
      const sql = lazy(() => openStatements(sqlOptions, standing));
      const logStream = processingLogStream(serviceId, options.sqlProperties ?? {});
      if (logStream && !isOneOf(standing.state.statementTexts())(logStream))
        await (await sql()).applyScript(logStream, createSession());
      // A file of statements says what a server is for, over everything its topics hold.
      if (options.sql)
        await (await sql()).applyScript(options.sql, createSession({ 'auto.offset.reset': 'earliest' }));
      const registryServer = await startRegistryServer(options, { broker, registry, clock, logger });
      undo.unshift(() => registryServer?.stop());
      const registryAddress = registryServer?.address ?? '';
      const http = await startHttp(options, {
        broker,
        sql,
        topics,
        clock,
        logger,
        metrics,
        serviceId,
        registryAddress,
      });
      return new Millrace({ broker, engine, standing, sql, http, registry, registryServer });
    } catch (error) {
      // The first error is the one to mend; what follows from it is for the log.
      await runAll(undo).catch((cause: Error) =>
        logger.warn('cleaning up after a failed start failed too', { reason: cause.message }),
      );
      throw error;
    }
  }

  /** host:port of the Kafka listener. */
  get kafkaAddress(): string {
    return this.#broker.address;
  }

  /** host:port of every Kafka listener, by name. */
  get kafkaListeners(): ReadonlyMap<string, string> {
    return this.#broker.addresses;
  }

  /** host:port of the HTTP listener. */
  get httpAddress(): string {
    return this.#http.address;
  }

  /** host:port of the schema registry; undefined when it is off. */
  get registryAddress(): string | undefined {
    return this.#registryServer?.address;
  }

  /**
   * Runs statements. One SELECT gives its rows, one SELECT ... EMIT CHANGES or PRINT something to iterate over,
   * anything else the entities that ksqlDB answers. Rejects with a KsqlError.
   */
  async sql<Row = PlainRow, const Text extends string = string>(
    text: Text,
    options: SqlOptions = {},
  ): Promise<SqlResult<Text, Row>> {
    const session = createSession(options.properties, options.variables);
    return (await this.#run(text, session)) as SqlResult<Text, Row>;
  }

  async #run(text: string, session: ReturnType<typeof createSession>): Promise<unknown> {
    const sql = await this.#sql();
    if (!sql.isQuery(text, session)) return sql.execute(text, session);
    const answer = await sql.query(text, session);
    if (answer.kind === 'print') return changes('print', answer.lines, (line) => line);
    const { rows } = answer;
    return rows.kind === 'push' ? changes(rows.queryId, rows, toObjects(rows)) : collect(rows);
  }

  createTopic(topic: NewTopic): Promise<void> {
    return this.#broker.topics.create(topic).then(() => {});
  }

  /** Ends what runs at a commit; everything acknowledged is there at the next start. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#standing.endPushQueries();
    // Whatever fails above it, the log is closed: a start without recovery depends on it.
    await runAll([
      () => this.#http.stop(),
      () => this.#registryServer?.stop(),
      () => this.#standing.stop(),
      () => this.#engine.stop(),
      () => this.#registry.stop(),
      () => this.#broker.stop(),
    ]);
  }
}

/** Queries with much state take a while: time to read what the first statement needs. */
async function openStanding(options: SqlServiceOptions): Promise<StandingSql> {
  const timer = options.clock.after(LONG_START_MS, () => {
    // Whoever needs them reads them again, and says what is wrong.
    readStatements().catch(() => {});
  });
  try {
    return await StandingSql.open(options);
  } finally {
    timer.cancel();
  }
}

async function readStatements(): Promise<unknown> {
  return Promise.all([import('./engine/service/sql-service.ts'), import('./http/app.ts')]);
}

/** The parser, the planner and the formats: read with the first statement, so that a server that has none yet is there sooner. */
async function openStatements(options: SqlServiceOptions, standing: StandingSql): Promise<SqlService> {
  const { SqlService } = await import('./engine/service/sql-service.ts');
  return new SqlService(options, standing);
}

async function registerFunctions(modules: readonly string[]): Promise<void> {
  if (modules.length === 0) return;
  const { loadFunctions } = await import('./engine/load-functions.ts');
  await loadFunctions(modules);
}

async function createMissing(topics: Topics, wanted: readonly NewTopic[]): Promise<void> {
  const existing = new Set((await topics.describe(wanted.map(({ name }) => name))).map(({ name }) => name));
  for (const topic of wanted) if (!existing.has(topic.name)) await topics.create(topic);
}

function startHttp(
  options: MillraceOptions,
  parts: {
    readonly broker: Broker;
    readonly sql: Lazy<SqlService>;
    readonly topics: Topics;
    readonly clock: Clock;
    readonly logger: Logger;
    readonly metrics: Metrics;
    readonly serviceId: string;
    readonly registryAddress: string;
  },
): Promise<HttpServer> {
  const { broker, metrics, serviceId, registryAddress } = parts;
  const listen = parseHostPort(options.http ?? LOCAL);
  const http = HttpServer.start(
    {
      ...parts,
      info: { version: VERSION, kafkaClusterId: broker.clusterId, ksqlServiceId: serviceId },
      broker: {
        kafkaAddress: broker.address,
        registryAddress,
        groups: () => broker.groups(),
        connections: () => broker.connections,
      },
      metrics: () => metrics.render(),
      topicAccess: topicAccess(broker),
    },
    { ...listen, ...httpLimits(options), pages: options.pages ?? {} },
  );
  return http.catch((error: unknown) => explainPort(error, listen, 'HTTP'));
}

/** What the HTTP listeners have in common. */
function httpLimits(options: MillraceOptions) {
  return {
    maxConnections: options.maxHttpConnections ?? 10_000,
    maxBodyBytes: options.maxBodyBytes ?? 10 * 1024 * 1024,
    bodyTimeoutMs: options.bodyTimeoutMs ?? 30_000,
    users: parseUsers(options.users, options.userRoles),
    allowOrigin: options.allowOrigin,
    allowedHosts: options.allowedHosts,
  };
}

function explainPort(error: unknown, { host, port }: HostPort, what: string): never {
  if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
  const where = `Port ${port} at ${host}`;
  throw new StartError(`${where} is in use: stop that process or choose another ${what} port.`, {
    cause: error,
  });
}

/** Where SQL keeps and finds schemas; undefined: nowhere, and formats with schemas are refused. */
function schemasFor(options: MillraceOptions, own: Registry): SchemaRegistry | undefined {
  const { schemaRegistryUrl: url, schemaRegistryUser: user } = options;
  if (url !== undefined) return new RemoteRegistry({ url, user });
  return options.registry === 'off' ? undefined : own;
}

function connectFor(options: MillraceOptions): ConnectCluster | undefined {
  const { connectUrl: url, connectUser: user, connectTimeoutMs: timeoutMs } = options;
  return url === undefined ? undefined : new RemoteConnect({ url, user, timeoutMs });
}

/** Of a server whose registry was switched off over queries that need it: they wait rather than skip what they cannot read. */
const refuseSchema: SchemaById = async (id) => {
  const message = `A record has schema id ${id}, and this server was started with --registry off.`;
  throw new SchemaRegistryError(message, 0);
};

async function startRegistryServer(
  options: MillraceOptions,
  parts: {
    readonly broker: Broker;
    readonly registry: Registry;
    readonly clock: Clock;
    readonly logger: Logger;
  },
): Promise<RegistryServer | undefined> {
  const { registry = LOCAL, schemaRegistryUrl } = options;
  // Two registries over the same topics would give ids twice.
  if (registry === 'off' || schemaRegistryUrl !== undefined) return undefined;
  const listen = parseHostPort(registry);
  const started = RegistryServer.start(
    { ...parts, clusterId: parts.broker.clusterId },
    { ...listen, ...httpLimits(options) },
  );
  return started.catch((error: unknown) => explainPort(error, listen, 'registry'));
}

/** Where the broker asks Kafka's rules, SQL asks them for the topics of its statements. */
function topicAccess({ accessOf }: Broker): TopicAccess | undefined {
  if (!accessOf) return undefined;
  return (client) => {
    const access = accessOf(client);
    return (operation, topic, audit) =>
      access.may(operation, 'TOPIC', topic, audit) ||
      (operation === 'CREATE' && access.may('CREATE', 'CLUSTER', CLUSTER_NAME, audit));
  };
}

function consumersOf(broker: Broker, topic: string): { readonly consumers: number; readonly groups: number } {
  const groups = broker
    .groups()
    .filter(({ positions }) => positions.some((position) => position.topic === topic));
  return { consumers: groups.reduce((sum, { members }) => sum + members, 0), groups: groups.length };
}
