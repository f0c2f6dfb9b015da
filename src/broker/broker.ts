import type { Buffer } from 'node:buffer';
import { formatHostPort, type HostPort } from '../base/address.ts';
import { runAll, type Step } from '../base/async.ts';
import { type Clock, repeat, type Timer } from '../base/clock.ts';
import type { FileSystem } from '../base/fs.ts';
import type { Lock } from '../base/lock.ts';
import { LockHeldError } from '../base/lock.ts';
import { LogLevels } from '../base/log-levels.ts';
import type { Logger } from '../base/logger.ts';
import { Metrics } from '../base/metrics.ts';
import type { Random } from '../base/random.ts';
import { readWholeFile } from '../base/read-file.ts';
import type { Position, Topics } from '../topics/topics.ts';
import { Admissions } from './admission.ts';
import { allApis } from './apis/registry.ts';
import { sharePlane } from './apis/share-plane.ts';
import { BrokerStorage } from './broker-storage.ts';
import { Settings } from './config/settings.ts';
import { identityConfig, SHIPPED_CONFIG } from './config/shipped-config.ts';
import { DataFolder } from './data-folder.ts';
import { Dispatcher } from './dispatcher.ts';
import { FetchSessions } from './fetch/fetch-sessions.ts';
import type { GroupStateName } from './group/group-calls.ts';
import { METADATA_TOPIC } from './internal-topics.ts';
import { listenError } from './listen-error.ts';
import { LocalTopics } from './local-topics.ts';
import { QuotaEnforcer } from './quota/quota-enforcer.ts';
import { RequestQuotas } from './quota/request-quotas.ts';
import { RequestMetrics } from './request-metrics.ts';
import type { Authorizer } from './security/authorizer.ts';
import { addFirstUsers } from './security/first-users.ts';
import { parseListeners } from './security/listeners.ts';
import { authorizerFor, changedConfig } from './security/open-security.ts';
import { secureListeners } from './security/secure-listeners.ts';
import { scheduleTlsReload } from './security/tls-reload.ts';
import { KafkaServer } from './server.ts';
import { SharedLogs } from './shared-logs.ts';
import { StartError } from './start-error.ts';
import { ClientTelemetry } from './telemetry/client-telemetry.ts';
import { PushedMetrics } from './telemetry/pushed-metrics.ts';

export interface BrokerOptions {
  readonly fs: FileSystem;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Those of `logger`, for admin tools to see and change. */
  readonly logLevels?: LogLevels;
  /** Where the listener counts what it does. */
  readonly metrics?: Metrics;
  /** One address, or Kafka's `listeners`; port 0 picks a free one. */
  readonly listen: HostPort | string;
  /** SCRAM users to have from the first start on: `NAME:PASSWORD`, with commas between. */
  readonly addScram?: string | undefined;
  /** Broker configs by Kafka's names. */
  readonly config?: Readonly<Record<string, string>>;
  /** Keeps other processes out of the folder; rejects with LockHeldError when one is in it. */
  readonly lock?: ((dataDir: string) => Promise<Lock>) | undefined;
}

/** One group as a page shows it. */
export interface GroupOverview {
  readonly groupId: string;
  readonly state: GroupStateName;
  readonly members: number;
  readonly positions: readonly Position[];
}

const STOP_WITHIN_MS = 2000;

/** A Kafka broker of one node: logs, coordinators, the topics port, and listeners for Kafka clients. */
export class Broker {
  readonly topics: Topics;
  /** For threads that read the log's files. */
  readonly sharedLogs: SharedLogs;
  readonly clusterId: string;
  /** What Kafka's rules allow; undefined while no authorizer is configured. */
  readonly accessOf: Authorizer['accessOf'] | undefined;
  readonly #storage: BrokerStorage;
  readonly #server: KafkaServer;
  readonly #undo: Step[];
  #stopped: Promise<void> | undefined;

  private constructor(
    storage: BrokerStorage,
    server: KafkaServer,
    topics: Topics,
    clusterId: string,
    authorizer: Authorizer | undefined,
    undo: Step[],
  ) {
    this.accessOf = authorizer && ((client) => authorizer.accessOf(client));
    this.#storage = storage;
    this.#server = server;
    this.topics = topics;
    this.sharedLogs = new SharedLogs(({ topic, partition }) =>
      topic === METADATA_TOPIC ? undefined : storage.registry.partitionLog(topic, partition),
    );
    this.clusterId = clusterId;
    this.#undo = undo;
  }

  /** Rejects with a StartError for what the user can mend. */
  static async start(options: BrokerOptions): Promise<Broker> {
    const undo: Step[] = [];
    try {
      return await startParts(options, undo, (storage, server, topics, clusterId, authorizer) => {
        return new Broker(storage, server, topics, clusterId, authorizer, undo);
      });
    } catch (error) {
      await runAll(undo).catch((cause: unknown) =>
        options.logger.warn('Cleaning up after a failed start failed too', { error: String(cause) }),
      );
      throw error;
    }
  }

  /** host:port of the first listener, with the port it got. */
  get address(): string {
    return formatHostPort(this.#server.address);
  }

  /** All listeners by name, in the order of the setting. */
  get addresses(): ReadonlyMap<string, string> {
    return new Map(
      this.#server.listeners.map(({ settings, address }) => [settings.name, formatHostPort(address)]),
    );
  }

  get connections(): number {
    return this.#server.connectionCount;
  }

  /** Every group with what it has committed, as it is at this moment. */
  groups(): readonly GroupOverview[] {
    return this.#storage.groups.overview();
  }

  /** Everything acknowledged is on disk, and the next start needs no recovery. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    const serverStopped = this.#server.stop(STOP_WITHIN_MS);
    this.#storage.stopCoordinators();
    await serverStopped;
    await runAll(this.#undo);
  }
}

async function startParts<Result>(
  options: BrokerOptions,
  undo: Step[],
  finish: (
    storage: BrokerStorage,
    server: KafkaServer,
    topics: Topics,
    clusterId: string,
    authorizer: Authorizer | undefined,
  ) => Result,
): Promise<Result> {
  const { fs, dataDir, clock, random, metrics = new Metrics() } = options;
  const logger = options.logger.child({ part: 'broker' });
  const config = new Map(Object.entries({ ...SHIPPED_CONFIG, ...options.config }));
  const [problem] = Settings.problems(config);
  if (problem !== undefined) throw new StartError(problem);
  const listen = typeof options.listen === 'string' ? options.listen : formatHostPort(options.listen);
  const specs = parseListeners(listen, config);
  for (const name of Settings.unknown(config)) logger.warn('broker setting without effect', { name });

  // There must be a folder for the lock to hold.
  await DataFolder.make(fs, dataDir);
  const lock = await takeLock(options);
  undo.unshift(() => lock?.release());
  const folder = await DataFolder.open(fs, dataDir, random);
  for (const [name, value] of identityConfig(folder.nodeId, specs, dataDir)) config.set(name, value);
  const storage = await BrokerStorage.open({ fs, dataDir, clock, random, logger, config, folder });
  const { settings, registry, groups, transactions, security, store } = storage;
  undo.unshift(async () => {
    storage.stopCoordinators();
    await store.close();
    await folder.markCleanStop();
  });
  const retention = scheduleRetention(storage, clock, logger);
  undo.unshift(() => retention.cancel());

  if (options.addScram !== undefined) await addFirstUsers(options.addScram, security, random);
  const authorizer = authorizerFor(storage, options.logger.child({ part: 'authorizer' }));
  const listeners = await secureListeners(specs, { config, scramUsers: security, clock, random, readBytes });
  const node = { clusterId: folder.clusterId, nodeId: folder.nodeId };
  const apis = allApis(
    {
      node,
      topics: registry,
      clock,
      fetchSessions: new FetchSessions({
        maxSessions: settings.number('max.incremental.fetch.session.cache.slots'),
        clock,
        random,
      }),
      checkTransaction: ({ transactionalId, mayJoin, ...batch }) =>
        mayJoin
          ? transactions.joinWrite(transactionalId, batch, batch)
          : { error: transactions.verifyWrite(transactionalId, batch, batch) },
      fetchMaxBytes: settings.number('fetch.max.bytes'),
      maxDescribedPartitions: settings.number('max.request.partition.size.limit'),
    },
    {
      node,
      registry,
      groups,
      transactions,
      shares: storage.shares,
      security,
      hasAuthorizer: authorizer !== undefined,
      settings,
      dataDir,
      diskSpace: () => fs.space(dataDir),
      clock,
      logLevels: options.logLevels ?? new LogLevels('info'),
      telemetry: new ClientTelemetry({
        configs: registry.configs,
        pushed: new PushedMetrics(metrics),
        clock,
        random,
        maxBytes: () => settings.number('telemetry.max.bytes'),
      }),
    },
    sharePlane(storage, clock),
    { oldVersions: settings.flag('kafka.old.versions.enable') },
  );
  const windows = (prefix: string) => () => ({
    count: settings.number(`${prefix}quota.window.num`),
    ms: settings.number(`${prefix}quota.window.size.seconds`) * 1000,
  });
  const enforcer = new QuotaEnforcer({
    quotas: registry.quotas,
    clock,
    windows: windows(''),
    mutationWindows: windows('controller.'),
  });
  const quotas = new RequestQuotas(enforcer, clock);
  const admissions = new Admissions({
    limits: () => settings.connections(),
    windows: windows(''),
    clock,
    addressWaitMs: (address) => enforcer.connection(address),
  });
  const dispatcher = new Dispatcher(apis, new RequestMetrics(metrics, clock), quotas);
  const server = await KafkaServer.listen(
    listeners,
    {
      maxFrameBytes: settings.number('socket.request.max.bytes'),
      maxIdleMs: settings.number('connections.max.idle.ms'),
      backlog: settings.number('socket.listen.backlog.size'),
      maxQueuedRequests: settings.number('queued.max.requests'),
      maxReceivedBytes: unlessNegative(settings.number('queued.max.request.bytes')),
    },
    {
      dispatcher,
      clock,
      logger,
      metrics,
      admissions,
      buffers: store.buffers,
      ...(authorizer && { accessOf: (client) => authorizer.accessOf(client) }),
    },
  ).catch((error: unknown) => {
    throw listenError(error);
  });
  const tlsReload = scheduleTlsReload(
    server.listeners.map((listener, index) => ({ listener, spec: specs[index]! })),
    { config: () => changedConfig(config, storage, node.nodeId), readBytes, clock, logger },
  );
  undo.unshift(() => tlsReload?.cancel());
  const topics = new LocalTopics(registry, groups, transactions);
  return finish(storage, server, topics, folder.clusterId, authorizer);
}

/** Kafka writes "no limit" as -1. */
function unlessNegative(limit: number): number {
  return limit < 0 ? Number.POSITIVE_INFINITY : limit;
}

async function takeLock({ lock, dataDir }: BrokerOptions): Promise<Lock | undefined> {
  try {
    return await lock?.(dataDir);
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    throw new StartError(`The data folder ${error.message}: stop that one or choose another folder.`, {
      cause: error,
    });
  }
}

async function readBytes(path: string): Promise<Buffer | undefined> {
  return (await readWholeFile(path))?.bytes;
}

/** Removes what no retention keeps, every so often. */
function scheduleRetention({ store, settings }: BrokerStorage, clock: Clock, logger: Logger): Timer {
  return repeat(
    clock,
    () => settings.number('log.retention.check.interval.ms'),
    () => store.runRetention(),
    (error) => logger.error('Retention failed', { error: String(error) }),
  );
}
