import type { Logger } from '../../base/logger.ts';
import type { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import type { VirtualClock } from '../../base/virtual-clock.ts';
import { BrokerStorage } from '../../broker/broker-storage.ts';
import { SHIPPED_CONFIG } from '../../broker/config/shipped-config.ts';
import { DataFolder } from '../../broker/data-folder.ts';
import { LocalTopics } from '../../broker/local-topics.ts';
import { Engine, type SpillOptions } from '../../engine/engine.ts';
import type { ConnectCluster } from '../../engine/service/connect-cluster.ts';
import { SqlService } from '../../engine/service/sql-service.ts';
import type { Turns } from '../../engine/turns.ts';
import { Registry } from '../../registry/registry.ts';
import { FetchedSchemas, type Schemas } from '../../serde/schemas.ts';
import { schemaById } from '../../serde/whole-schema.ts';
import type { Topics } from '../../topics/topics.ts';
import { withOnePartition } from './one-partition.ts';

const DATA = '/data';

export interface LifeOptions {
  readonly fs: MemoryFileSystem;
  readonly clock: VirtualClock;
  readonly logger: Logger;
  readonly seed: number;
  readonly serviceId: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly brokerConfig: Readonly<Record<string, string>>;
  readonly spill: SpillOptions | undefined;
  readonly connect?: ConnectCluster | undefined;
  /** Decides which query goes on next. */
  readonly turns?: Turns;
  /** Every topic that statements make has one partition, whatever they say. */
  readonly hasOnePartition?: boolean;
}

/**
 * A server from its start to its end, without listeners: the log, its coordinators, the schema registry, the
 * engine and SQL over them.
 */
export interface ServerLife {
  readonly topics: Topics;
  readonly engine: Engine;
  readonly sql: SqlService;
  readonly serviceId: string;
  /** Of records whose format has one, by id. */
  readonly schemas: Schemas;
  /** A clean stop: the next start needs no recovery. */
  stop(): Promise<void>;
}

export async function beginLife(options: LifeOptions): Promise<ServerLife> {
  const { fs, clock, logger, seed, serviceId, properties, spill, turns } = options;
  const random = new SeededRandom(seed);
  const folder = await DataFolder.open(fs, DATA, random);
  const config = new Map(Object.entries({ ...SHIPPED_CONFIG, ...options.brokerConfig }));
  const storage = await BrokerStorage.open({ fs, dataDir: DATA, clock, random, logger, config, folder });
  const local = new LocalTopics(storage.registry, storage.groups, storage.transactions);
  const topics = options.hasOnePartition ? withOnePartition(local) : local;
  const registry = new Registry({ topics, clock, logger });
  const byId = schemaById(registry);
  const state = { fs, root: `${DATA}/state` };
  const engine = new Engine({
    topics,
    clock,
    random,
    logger,
    state,
    serviceId,
    ...(spill && { spill }),
    ...(turns && { turns }),
    schemaById: byId,
  });
  const sql = await SqlService.start({
    topics,
    engine,
    clock,
    random,
    logger,
    serviceId,
    properties,
    schemaRegistry: registry,
    connect: options.connect,
    // A test looks at the rows of a push query when it likes; none of them is a slow reader.
    maxWaitingBytes: Number.POSITIVE_INFINITY,
  });
  return {
    topics,
    engine,
    sql,
    serviceId,
    schemas: new FetchedSchemas(byId),
    async stop() {
      sql.endPushQueries();
      await sql.stop();
      await engine.stop();
      await registry.stop();
      storage.stopCoordinators();
      await storage.store.close();
      await folder.markCleanStop();
    },
  };
}
