import type { Clock } from '../base/clock.ts';
import type { FileSystem } from '../base/fs.ts';
import type { Logger } from '../base/logger.ts';
import type { Random } from '../base/random.ts';
import { LogStore } from '../log/log-store.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { StateMachineRunner } from '../topics/runner.ts';
import { configRules } from './config/config-rules.ts';
import { Settings } from './config/settings.ts';
import { CoordinatorPartitions } from './coordinator-partitions.ts';
import type { DataFolder } from './data-folder.ts';
import { TRANSACTION_VERSION } from './features.ts';
import type { GroupTopics } from './group/consumer/group-topics.ts';
import type { GroupCalls } from './group/group-calls.ts';
import { groupCodec } from './group/group-codec.ts';
import { GroupCoordinator, OFFSETS_TOPIC } from './group/group-coordinator.ts';
import type { CoordinatorEntry } from './group/group-entries.ts';
import { GroupMachine } from './group/group-machine.ts';
import { internalTopics, METADATA_TOPIC, METADATA_TOPIC_DESCRIPTION } from './internal-topics.ts';
import { LocalRegistry } from './local-registry.ts';
import type { MetadataCalls } from './metadata/metadata-calls.ts';
import { type MetadataEntry, metadataCodec } from './metadata/metadata-entries.ts';
import { MetadataMachine } from './metadata/metadata-machine.ts';
import { partitionMachineLog } from './partition-machine-log.ts';
import { SecurityStore } from './security/security-store.ts';
import type { ShareCalls } from './share/share-calls.ts';
import { shareCodec } from './share/share-codec.ts';
import { SHARE_STATE_TOPIC, ShareCoordinator } from './share/share-coordinator.ts';
import type { ShareEntry } from './share/share-entries.ts';
import { ShareMachine } from './share/share-machine.ts';
import { ShareSettings } from './share/share-settings.ts';
import { StartError } from './start-error.ts';
import { MarkerWriter } from './txn/marker-writer.ts';
import { ProducerIds } from './txn/producer-ids.ts';
import type { TransactionCalls } from './txn/txn-calls.ts';
import { transactionCodec } from './txn/txn-codec.ts';
import { TRANSACTIONS_TOPIC, TransactionCoordinator } from './txn/txn-coordinator.ts';
import { TransactionMachine } from './txn/txn-machine.ts';
import type { TransactionEntry } from './txn/txn-state.ts';

export interface StorageOptions {
  readonly fs: FileSystem;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** By Kafka's names for broker configs. */
  readonly config: ReadonlyMap<string, string>;
  readonly folder: DataFolder;
}

/** The broker below its listeners: logs, and the state machines that live in some of them. */
export class BrokerStorage {
  readonly settings: Settings;
  readonly registry: LocalRegistry;
  readonly groups: GroupCoordinator;
  readonly transactions: TransactionCoordinator;
  readonly shares: ShareCoordinator;
  readonly shareSettings: ShareSettings;
  readonly security: SecurityStore;
  readonly store: LogStore;
  readonly #metadata: StateMachineRunner<MetadataCalls, MetadataEntry>;

  private constructor(
    parts: Pick<
      BrokerStorage,
      'settings' | 'registry' | 'groups' | 'transactions' | 'shares' | 'shareSettings' | 'security' | 'store'
    > & {
      readonly metadata: StateMachineRunner<MetadataCalls, MetadataEntry>;
    },
  ) {
    this.settings = parts.settings;
    this.registry = parts.registry;
    this.groups = parts.groups;
    this.transactions = parts.transactions;
    this.shares = parts.shares;
    this.shareSettings = parts.shareSettings;
    this.security = parts.security;
    this.store = parts.store;
    this.#metadata = parts.metadata;
  }

  static async open(options: StorageOptions): Promise<BrokerStorage> {
    const { fs, dataDir, clock, logger, folder, config } = options;
    // Until the metadata has been read nothing but what was given at start is known.
    let current = new Settings(config);
    const store = await LogStore.open({
      fs,
      // Apart from everything else in the folder: each entry in here is a partition.
      root: `${dataDir}/log`,
      clock,
      logger,
      leaderEpoch: folder.startEpoch,
      wasCleanStop: folder.wasCleanStop,
      get producerExpirationMs() {
        return current.number('producer.id.expiration.ms');
      },
      cleaner: {
        get backoffMs() {
          return current.number('log.cleaner.backoff.ms');
        },
        get dedupeBytes() {
          return current.number('log.cleaner.dedupe.buffer.size');
        },
      },
    });
    try {
      const storage = await BrokerStorage.#openOver(store, options);
      current = storage.settings;
      return storage;
    } catch (error) {
      // What kept the broker from starting is what its user must hear.
      await store.close().catch(() => {});
      throw error;
    }
  }

  static async #openOver(store: LogStore, options: StorageOptions): Promise<BrokerStorage> {
    const { dataDir, clock, random, logger, folder, config } = options;
    const machine: MetadataMachine = new MetadataMachine(
      random,
      () => ({
        partitionCount: settings.number('num.partitions'),
        replicationFactor: settings.number('default.replication.factor'),
      }),
      configRules(() => settings),
    );
    const settings = new Settings(config, () => ({
      broker: machine.configs.of('broker', String(folder.nodeId)),
      allBrokers: machine.configs.of('broker', ''),
      group: (groupId) => machine.configs.of('group', groupId),
    }));
    const log = await store.partition(METADATA_TOPIC, 0, settings.log(METADATA_TOPIC_DESCRIPTION));
    checkMetadata(log, store, folder, dataDir);
    const metadata = await StateMachineRunner.open<MetadataCalls, MetadataEntry>({
      machine,
      codec: metadataCodec,
      log: partitionMachineLog(log),
      clock,
      logger,
    });
    const registry = new LocalRegistry({
      machine,
      runner: metadata,
      logs: store,
      metadataEpoch: () => log.highWatermark,
      settings,
      logger,
    });
    await removeOrphans(store, registry);
    await registry.openAll();
    await createInternalTopics(registry, settings);

    const shared = { clock, logger };
    const shareSettings = new ShareSettings(settings);
    const groups = new GroupCoordinator(
      await CoordinatorPartitions.open<GroupMachine, GroupCalls, CoordinatorEntry>({
        topic: OFFSETS_TOPIC,
        logs: logsOf(registry, OFFSETS_TOPIC),
        createMachine: () =>
          new GroupMachine(() => settings.group(), random, {
            topics: groupTopics(machine),
            groupConfig: (groupId) => settings.consumerGroup(groupId),
            shareConfig: (groupId) => shareSettings.members(groupId),
          }),
        codec: groupCodec,
        ...shared,
      }),
    );
    const allocate = async (count: number) => (await metadata.submit('allocateProducerIds', { count })).first;
    const transactions = new TransactionCoordinator({
      partitions: await CoordinatorPartitions.open<TransactionMachine, TransactionCalls, TransactionEntry>({
        topic: TRANSACTIONS_TOPIC,
        logs: logsOf(registry, TRANSACTIONS_TOPIC),
        createMachine: () => new TransactionMachine(),
        codec: transactionCodec,
        ...shared,
      }),
      markers: new MarkerWriter(registry, groups),
      producerIds: new ProducerIds(allocate),
      config: () => settings.transactions(),
      version: () => (registry.level(TRANSACTION_VERSION) >= 2 ? 2 : 0),
      coordinatorEpoch: folder.startEpoch,
      ...shared,
    });
    await transactions.recover();
    const shares = new ShareCoordinator(
      await CoordinatorPartitions.open<ShareMachine, ShareCalls, ShareEntry>({
        topic: SHARE_STATE_TOPIC,
        logs: logsOf(registry, SHARE_STATE_TOPIC),
        createMachine: () => new ShareMachine(() => shareSettings.partitions()),
        codec: shareCodec,
        ...shared,
      }),
      logger,
    );
    const forgetShares = () => shares.forget((key) => !groups.hasSharePartition(key));
    // A crash may have come between the end of a topic and that of its offsets.
    await groups.forgetTopics((topic) => registry.find(topic) === undefined);
    await forgetShares();
    registry.onDeleted(async (names) => {
      await groups.forgetTopics((topic) => names.has(topic));
      await forgetShares();
    });
    const security = new SecurityStore(machine.security, metadata);
    const coordinators = { groups, transactions, shares };
    return new BrokerStorage({
      settings,
      registry,
      ...coordinators,
      shareSettings,
      security,
      store,
      metadata,
    });
  }

  /** Ends the coordinators: whoever waits for one is turned away. */
  stopCoordinators(): void {
    this.groups.close();
    this.transactions.close();
    this.shares.close();
    this.#metadata.close();
  }
}

/** A topic counts from the moment it is decided, as for everybody else. */
function groupTopics(machine: MetadataMachine): GroupTopics {
  return {
    get version() {
      return machine.topicsVersion;
    },
    find: (name) => machine.find(name),
    findById: (topicId) => machine.findById(topicId),
    list: () => machine.list(),
  };
}

/** Without its metadata every log would look like that of a deleted topic. */
function checkMetadata(log: PartitionLog, store: LogStore, folder: DataFolder, dataDir: string): void {
  const isEmpty = log.endOffset === 0;
  if (!isEmpty || folder.isNew) return;
  if (store.stored().every(({ topic }) => topic === METADATA_TOPIC)) return;
  throw new StartError(`The folder ${dataDir} has logs but no ${METADATA_TOPIC}: restore it from a backup.`);
}

/** Logs of topics whose deletion was decided and not carried through. */
async function removeOrphans(store: LogStore, registry: LocalRegistry): Promise<void> {
  const orphans = store.stored().filter(({ topic, partition }) => {
    if (topic === METADATA_TOPIC) return false;
    return partition >= (registry.find(topic)?.partitionCount ?? 0);
  });
  await Promise.all(orphans.map(({ topic, partition }) => store.delete(topic, partition)));
}

async function createInternalTopics(registry: LocalRegistry, settings: Settings): Promise<void> {
  const wanted = internalTopics({
    offsets: settings.number('offsets.topic.num.partitions'),
    transactions: settings.number('transaction.state.log.num.partitions'),
    shareState: settings.number('share.coordinator.state.topic.num.partitions'),
  });
  const missing = wanted.filter(({ name }) => registry.find(name) === undefined);
  if (missing.length === 0) return;
  for (const { name, error, message } of await registry.createTopics(missing, false)) {
    if (error !== 'NONE') throw new StartError(`The topic ${name} cannot be created: ${message ?? error}`);
  }
}

/** A coordinator without one of its partitions would forget what is in it. */
function logsOf(registry: LocalRegistry, topic: string): readonly PartitionLog[] {
  const { partitionCount } = registry.find(topic)!;
  return Array.from({ length: partitionCount }, (_, partition) => {
    const log = registry.partitionLog(topic, partition);
    if (log === undefined)
      throw new StartError(
        `The log of ${topic}-${partition} is damaged (see above): restore it from a backup.`,
      );
    return log;
  });
}
