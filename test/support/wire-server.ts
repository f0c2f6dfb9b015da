import { systemClock } from '../../src/base/clock.ts';
import type { Logger } from '../../src/base/logger.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { MemoryFileSystem } from '../../src/base/memory-fs.ts';
import { Metrics } from '../../src/base/metrics.ts';
import { SeededRandom } from '../../src/base/seeded-random.ts';
import type { Api } from '../../src/broker/api.ts';
import { apiVersions } from '../../src/broker/apis/18-api-versions.ts';
import { dataPlaneApis } from '../../src/broker/apis/data-plane-apis.ts';
import { Dispatcher } from '../../src/broker/dispatcher.ts';
import { FetchSessions } from '../../src/broker/fetch/fetch-sessions.ts';
import { RequestMetrics } from '../../src/broker/request-metrics.ts';
import { KafkaServer, type ServerSettings } from '../../src/broker/server.ts';
import type { TopicRegistry } from '../../src/broker/topic-registry.ts';
import { LogStore, type LogStoreOptions } from '../../src/log/log-store.ts';
import type { PartitionLog } from '../../src/log/partition-log.ts';
import { type TopicDescription, TopicError } from '../../src/topics/topics.ts';
import { RawClient } from './raw-client.ts';

/** Topics a test makes directly, over real logs; nothing about them survives. */
export class TestTopics implements TopicRegistry {
  readonly #store: LogStore;
  readonly #topics = new Map<string, TopicDescription>();
  #incarnations = 0;
  mayAutoCreate = false;

  constructor(store: LogStore) {
    this.#store = store;
  }

  async create(
    name: string,
    partitionCount = 1,
    options: { readonly internal?: boolean } = {},
  ): Promise<TopicDescription> {
    const topic: TopicDescription = {
      name,
      topicId: (++this.#incarnations).toString(16).padStart(32, 'a'),
      partitionCount,
      replicationFactor: 1,
      config: new Map(),
      internal: options.internal ?? false,
    };
    for (let partition = 0; partition < partitionCount; partition++)
      await this.#store.partition(name, partition, this.#store.config());
    this.#topics.set(name, topic);
    return topic;
  }

  async delete(name: string): Promise<void> {
    const topic = this.#topics.get(name);
    this.#topics.delete(name);
    for (let partition = 0; partition < (topic?.partitionCount ?? 0); partition++)
      await this.#store.delete(name, partition);
  }

  find(name: string): TopicDescription | undefined {
    return this.#topics.get(name);
  }

  findById(topicId: string): TopicDescription | undefined {
    return this.list().find((topic) => topic.topicId === topicId);
  }

  list(): readonly TopicDescription[] {
    return [...this.#topics.values()];
  }

  partitionLog(topic: string, partition: number): PartitionLog | undefined {
    return this.#topics.has(topic) ? this.#store.find(topic, partition) : undefined;
  }

  log(topic: string, partition = 0): PartitionLog {
    const log = this.partitionLog(topic, partition);
    if (log === undefined) throw new Error(`no log ${topic}-${partition}`);
    return log;
  }

  async autoCreate(name: string): Promise<TopicDescription> {
    if (!this.mayAutoCreate) throw new TopicError('UNKNOWN_TOPIC_OR_PARTITION', name);
    if (name.includes(' ')) throw new TopicError('INVALID_TOPIC_EXCEPTION', name);
    return await this.create(name);
  }
}

export interface WireServer extends AsyncDisposable {
  readonly topics: TopicRegistry & TestTopics;
  readonly server: KafkaServer;
  /** What was logged as a warning or an error. */
  readonly complaints: string[];
  readonly fs: MemoryFileSystem;
  readonly metrics: Metrics;
  connect(): Promise<RawClient>;
}

/** The real server, dispatch and data-plane APIs over logs in memory. */
export async function startWireServer(
  settings: Partial<ServerSettings> = {},
  moreApis: readonly Api[] = [],
  storeOptions: Partial<LogStoreOptions> = {},
): Promise<WireServer> {
  const fs = new MemoryFileSystem();
  const complaints: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    warn: (message) => complaints.push(message),
    error: (message, fields) => complaints.push(`${message} ${String(fields?.error)}`),
  };
  const store = await LogStore.open({
    fs,
    root: '/data',
    clock: systemClock,
    logger,
    leaderEpoch: 5,
    wasCleanStop: false,
    ...storeOptions,
  });
  const topics = new TestTopics(store);
  const fetchSessions = new FetchSessions({
    maxSessions: 10,
    clock: systemClock,
    random: new SeededRandom(1),
  });
  const apis = dataPlaneApis({
    node: { clusterId: 'wire-test', nodeId: 1 },
    topics,
    clock: systemClock,
    fetchSessions,
    checkTransaction: () => ({ error: 'TRANSACTION_ABORTABLE' }),
    fetchMaxBytes: 50_000_000,
    maxDescribedPartitions: 2000,
  });
  const metrics = new Metrics();
  const server = await KafkaServer.listen([{ name: 'PLAINTEXT', host: '127.0.0.1', port: 0 }], settings, {
    dispatcher: new Dispatcher(
      [...apis, ...moreApis, apiVersions(apis, () => ({ levels: {}, epoch: 0 }))],
      new RequestMetrics(metrics, systemClock),
    ),
    clock: systemClock,
    logger,
    metrics,
    buffers: store.buffers,
  });
  const clients: RawClient[] = [];
  return {
    topics,
    server,
    complaints,
    fs,
    metrics,
    connect: async () => {
      const client = await RawClient.connect(server.address.port);
      clients.push(client);
      return client;
    },
    [Symbol.asyncDispose]: async () => {
      for (const client of clients) client.close();
      await server.stop(100);
      await store.close();
    },
  };
}
