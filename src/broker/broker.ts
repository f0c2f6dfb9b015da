import { runAll, type Step } from '../base/async.ts';
import { type Clock, repeat, type Timer } from '../base/clock.ts';
import type { FileSystem } from '../base/fs.ts';
import type { Lock } from '../base/lock.ts';
import { LockHeldError } from '../base/lock.ts';
import { LogLevels } from '../base/log-levels.ts';
import type { Logger } from '../base/logger.ts';
import { Metrics } from '../base/metrics.ts';
import type { Random } from '../base/random.ts';
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
import { LocalTopics } from './local-topics.ts';
import { QuotaEnforcer } from './quota/quota-enforcer.ts';
import { RequestQuotas } from './quota/request-quotas.ts';
import { RequestMetrics } from './request-metrics.ts';
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
  /** Port 0 picks a free one. */
  readonly listen: { readonly host: string; readonly port: number };
  /** What clients are told to connect to; left out: the address they reached. */
  readonly advertised?: { readonly host: string; readonly port: number };
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

/** A Kafka broker of one node: logs, coordinators, the topics port, and a listener for Kafka clients. */
export class Broker {
  readonly topics: Topics;
  /** For threads that read the log's files. */
  readonly sharedLogs: SharedLogs;
  readonly clusterId: string;
  readonly #storage: BrokerStorage;
  readonly #server: KafkaServer;
  readonly #undo: Step[];
  #stopped: Promise<void> | undefined;

  private constructor(
    storage: BrokerStorage,
    server: KafkaServer,
    topics: Topics,
    clusterId: string,
    undo: Step[],
  ) {
    this.#storage = storage;
    this.#server = server;
    this.topics = topics;
    this.sharedLogs = new SharedLogs(({ topic, partition }) =>
      storage.registry.partitionLog(topic, partition),
    );
    this.clusterId = clusterId;
    this.#undo = undo;
  }

  /** Rejects with a StartError for what the user can mend. */
  static async start(options: BrokerOptions): Promise<Broker> {
    const undo: Step[] = [];
    try {
      return await startParts(options, undo, (storage, server, topics, clusterId) => {
        return new Broker(storage, server, topics, clusterId, undo);
      });
    } catch (error) {
      await runAll(undo).catch((cause: unknown) =>
        options.logger.warn('Cleaning up after a failed start failed too', { error: String(cause) }),
      );
      throw error;
    }
  }

  /** host:port of the listener, with the port it got. */
  get address(): string {
    const { host, port } = this.#server.address;
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
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
  finish: (storage: BrokerStorage, server: KafkaServer, topics: Topics, clusterId: string) => Result,
): Promise<Result> {
  const { fs, dataDir, clock, random, listen, advertised, metrics = new Metrics() } = options;
  const logger = options.logger.child({ part: 'broker' });
  const config = new Map(Object.entries({ ...SHIPPED_CONFIG, ...options.config }));
  const [problem] = Settings.problems(config);
  if (problem !== undefined) throw new StartError(problem);
  for (const name of Settings.unknown(config)) logger.warn('broker setting without effect', { name });

  await fs.makeDirectory(dataDir).catch(() => {}); // DataFolder.open says what is wrong.
  const lock = await takeLock(options);
  undo.unshift(() => lock?.release());
  const folder = await DataFolder.open(fs, dataDir, random);
  for (const [name, value] of identityConfig(folder.nodeId, listen, dataDir)) config.set(name, value);
  const storage = await BrokerStorage.open({ fs, dataDir, clock, random, logger, config, folder });
  const { settings, registry, groups, transactions, store } = storage;
  undo.unshift(async () => {
    storage.stopCoordinators();
    await store.close();
    await folder.markCleanStop();
  });
  const retention = scheduleRetention(storage, clock, logger);
  undo.unshift(() => retention.cancel());

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
    {
      ...listen,
      ...(advertised && { advertised }),
      maxFrameBytes: settings.number('socket.request.max.bytes'),
      maxIdleMs: settings.number('connections.max.idle.ms'),
      backlog: settings.number('socket.listen.backlog.size'),
      maxQueuedRequests: settings.number('queued.max.requests'),
      maxReceivedBytes: unlessNegative(settings.number('queued.max.request.bytes')),
    },
    { dispatcher, clock, logger, metrics, admissions, buffers: store.buffers },
  ).catch((error: unknown) => {
    throw listenError(error, listen);
  });
  const topics = new LocalTopics(registry, groups, transactions);
  return finish(storage, server, topics, folder.clusterId);
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

function listenError(error: unknown, { host, port }: BrokerOptions['listen']): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'EADDRINUSE')
    return new StartError(`Port ${port} at ${host} is in use: stop that process or choose another port.`, {
      cause: error,
    });
  if (code === 'EACCES')
    return new StartError(`Port ${port} at ${host} is not allowed: choose one above 1023.`, { cause: error });
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
    return new StartError(`This machine has no address ${host} to listen at.`, { cause: error });
  return error;
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
