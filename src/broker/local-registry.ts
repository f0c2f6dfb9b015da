import type { Logger } from '../base/logger.ts';
import type { LogConfig } from '../log/log-config.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import { KeyedQueue } from '../topics/keyed-queue.ts';
import type { StateMachineRunner } from '../topics/runner.ts';
import { type TopicDescription, TopicError } from '../topics/topics.ts';
import type { Settings } from './config/settings.ts';
import { FEATURES, type FeatureLevels, featureLevel } from './features.ts';
import type {
  AlterConfigs,
  ConfigResource,
  CreateResult,
  MetadataCalls,
  PartitionsToAdd,
  TopicToCreate,
  Verdict,
} from './metadata/metadata-calls.ts';
import type { MetadataEntry } from './metadata/metadata-entries.ts';
import type { MetadataMachine } from './metadata/metadata-machine.ts';
import type { ResourceConfigs } from './metadata/resource-configs.ts';
import type { ClientQuotas, QuotaAlteration } from './quota/client-quotas.ts';
import type { TopicRegistry } from './topic-registry.ts';

/** What the registry needs of the log store. */
export interface PartitionLogs {
  partition(topic: string, partition: number, config: LogConfig): Promise<PartitionLog>;
  delete(topic: string, partition: number): Promise<void>;
}

export interface LocalRegistryOptions {
  readonly machine: MetadataMachine;
  readonly runner: StateMachineRunner<MetadataCalls, MetadataEntry>;
  readonly logs: PartitionLogs;
  /** How far the metadata log reaches. */
  readonly metadataEpoch: () => number;
  readonly settings: Settings;
  readonly logger: Logger;
}

/**
 * The topics of this broker: the metadata machine decides which exist, and this keeps their logs in step.
 *
 * A topic is known from the moment it is decided, its logs a moment later; a deleted one is unknown at once, and
 * its name can be used again when its files are gone.
 */
export class LocalRegistry implements TopicRegistry {
  readonly #options: LocalRegistryOptions;
  readonly #logs = new Map<string, PartitionLog[]>();
  readonly #queue = new KeyedQueue();
  #onConfigs: (resource: ConfigResource) => void = () => {};
  #onDeleted: (names: ReadonlySet<string>) => Promise<void> = async () => {};

  constructor(options: LocalRegistryOptions) {
    this.#options = options;
  }

  /** Opens the logs of every topic. One that cannot be opened does not stop the others. */
  async openAll(): Promise<void> {
    await Promise.all(this.list().map((topic) => this.#openLogs(topic)));
  }

  /** Called with the names of deleted topics before the deletion is answered. */
  onDeleted(listener: (names: ReadonlySet<string>) => Promise<void>): void {
    this.#onDeleted = listener;
  }

  /** Called after every change of a configuration. */
  onConfigs(listener: (resource: ConfigResource) => void): void {
    this.#onConfigs = listener;
  }

  find(name: string): TopicDescription | undefined {
    return this.#options.machine.find(name);
  }

  findById(topicId: string): TopicDescription | undefined {
    return this.#options.machine.findById(topicId);
  }

  list(): readonly TopicDescription[] {
    return this.#options.machine.list();
  }

  partitionLog(topic: string, partition: number): PartitionLog | undefined {
    return this.#logs.get(topic)?.[partition];
  }

  *logs(): Generator<PartitionLog> {
    for (const logs of this.#logs.values()) yield* logs.filter((log) => log !== undefined);
  }

  async autoCreate(name: string): Promise<TopicDescription> {
    const known = this.find(name);
    if (known !== undefined) return known;
    if (!this.#options.settings.flag('auto.create.topics.enable'))
      throw new TopicError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic ${name}.`);
    const topic = { name, partitionCount: null, replicationFactor: null };
    const [result] = await this.createTopics([topic], false);
    if (result?.topic !== undefined) return result.topic;
    // Another client may have been faster.
    const created = this.find(name);
    if (created !== undefined) return created;
    throw new TopicError(result?.error ?? 'UNKNOWN_SERVER_ERROR', result?.message ?? '');
  }

  createTopics(topics: readonly TopicToCreate[], validateOnly: boolean): Promise<readonly CreateResult[]> {
    const names = topics.map(({ name }) => name);
    return this.#queue.run(names, async () => {
      const results = await this.#options.runner.submit('createTopics', { topics, validateOnly });
      if (validateOnly) return results;
      await Promise.all(results.map(({ topic }) => topic && this.#openLogs(topic)));
      return results;
    });
  }

  deleteTopics(
    names: readonly string[],
    { internalToo }: { readonly internalToo: boolean },
  ): Promise<MetadataCalls['deleteTopics']['reply']> {
    return this.#queue.run(names, async () => {
      const results = await this.#options.runner.submit('deleteTopics', { names, internalToo });
      const deleted = new Set(results.filter(({ error }) => error === 'NONE').map(({ name }) => name));
      if (deleted.size > 0) {
        await this.#onDeleted(deleted);
        await Promise.all([...deleted].map((name) => this.#deleteLogs(name)));
      }
      return results;
    });
  }

  createPartitions(
    topics: readonly PartitionsToAdd[],
    validateOnly: boolean,
  ): Promise<MetadataCalls['createPartitions']['reply']> {
    const names = topics.map(({ name }) => name);
    return this.#queue.run(names, async () => {
      const results = await this.#options.runner.submit('createPartitions', { topics, validateOnly });
      await Promise.all(
        results.map(({ name }) => {
          const topic = this.find(name);
          return topic && this.#openLogs(topic);
        }),
      );
      return results;
    });
  }

  /** What was set for brokers, groups and client metrics subscriptions. */
  get configs(): ResourceConfigs {
    return this.#options.machine.configs;
  }

  get quotas(): ClientQuotas {
    return this.#options.machine.quotas;
  }

  alterQuotas(
    alterations: readonly QuotaAlteration[],
    validateOnly: boolean,
  ): Promise<MetadataCalls['alterQuotas']['reply']> {
    return this.#options.runner.submit('alterQuotas', { alterations, validateOnly });
  }

  async alterConfigs(request: AlterConfigs): Promise<Verdict> {
    const verdict = await this.#options.runner.submit('alterConfigs', request);
    if (verdict.error !== 'NONE' || request.validateOnly) return verdict;
    const { resource } = request;
    this.#onConfigs(resource);
    if (resource.kind !== 'topic' && resource.kind !== 'broker') return verdict;
    for (const topic of this.list()) {
      if (resource.kind === 'topic' && resource.name !== topic.name) continue;
      const config = this.#options.settings.log(topic);
      for (const log of this.#logs.get(topic.name) ?? []) log?.updateConfig(config);
    }
    return verdict;
  }

  /** Finalized levels; the epoch is the end of the metadata log, as Kafka's is, and rises with every change. */
  features(): { readonly levels: FeatureLevels; readonly epoch: number } {
    const { machine, metadataEpoch } = this.#options;
    return { levels: machine.featureLevels, epoch: metadataEpoch() };
  }

  level(feature: string): number {
    const found = FEATURES.find(({ name }) => name === feature);
    return found === undefined ? 0 : featureLevel(this.#options.machine.featureLevels, found);
  }

  updateFeatures(request: MetadataCalls['updateFeatures']['request']): Promise<Verdict> {
    return this.#options.runner.submit('updateFeatures', request);
  }

  async #openLogs(topic: TopicDescription): Promise<void> {
    const { logs, settings, logger } = this.#options;
    const config = settings.log(topic);
    const opened = this.#logs.get(topic.name) ?? [];
    this.#logs.set(topic.name, opened);
    // A partition that stays offline is a hole in the array.
    opened.length = topic.partitionCount;
    const missing = Array.from({ length: topic.partitionCount }, (_, partition) => partition).filter(
      (partition) => opened[partition] === undefined,
    );
    await Promise.all(
      missing.map(async (partition) => {
        try {
          opened[partition] = await logs.partition(topic.name, partition, config);
        } catch (error) {
          logger.error('A partition cannot be opened and stays offline', {
            topic: topic.name,
            partition,
            error: String(error),
          });
        }
      }),
    );
  }

  async #deleteLogs(name: string): Promise<void> {
    const opened = this.#logs.get(name) ?? [];
    this.#logs.delete(name);
    await Promise.all(Array.from(opened, (_, partition) => this.#options.logs.delete(name, partition)));
  }
}
