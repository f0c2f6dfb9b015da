import type { LogConfig } from '../../log/log-config.ts';
import type { Codec } from '../../record/compression.ts';
import type { Compression } from '../../record/recompress.ts';
import type { TopicDescription } from '../../topics/topics.ts';
import type { MigrationPolicy } from '../group/consumer/consumer-config.ts';
import type { GroupConfig } from '../group/group-config.ts';
import type { TransactionConfig } from '../txn/txn-coordinator.ts';
import { BROKER_CONFIGS } from './broker-configs.ts';
import { type ConfigDefinition, configProblem, LONG_MAX, listItems } from './config-table.ts';
import { TOPIC_CONFIGS } from './topic-configs.ts';

/** Where a value comes from, by DescribeConfigs' numbers. */
export const CONFIG_SOURCES = {
  dynamicTopic: 1,
  dynamicBroker: 2,
  dynamicDefaultBroker: 3,
  staticBroker: 4,
  default: 5,
} as const;

export interface ConfigValue {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

/**
 * What every configuration value is at the moment, and where it comes from. The nearest one counts:
 *
 *   topic's own  >  set while the broker ran  >  given at start  >  default
 */
export class Settings {
  readonly #static: ReadonlyMap<string, string>;
  readonly #dynamic: () => Readonly<Record<string, string>>;

  constructor(given: ReadonlyMap<string, string>, dynamic: () => Readonly<Record<string, string>>) {
    this.#static = given;
    this.#dynamic = dynamic;
  }

  /** What is wrong with the values given at start, one line each. */
  static problems(given: ReadonlyMap<string, string>): string[] {
    return [...given].flatMap(([name, value]) => {
      const definition = BROKER_CONFIGS.get(name);
      return definition === undefined ? [] : (configProblem(definition, value) ?? []);
    });
  }

  /** Names without a meaning here. As with Kafka they are no error: a server.properties holds more than we use. */
  static unknown(given: ReadonlyMap<string, string>): string[] {
    return [...given.keys()].filter((name) => !BROKER_CONFIGS.has(name));
  }

  /** All candidates for a broker config, the one that counts first. */
  brokerChain(definition: ConfigDefinition): readonly ConfigValue[] {
    const { name } = definition;
    const chain: ConfigValue[] = [];
    const dynamic = this.#dynamic()[name];
    if (dynamic !== undefined)
      chain.push({ name, value: dynamic, source: CONFIG_SOURCES.dynamicDefaultBroker });
    const given = this.#static.get(name);
    if (given !== undefined) chain.push({ name, value: given, source: CONFIG_SOURCES.staticBroker });
    chain.push({ name, value: definition.default, source: CONFIG_SOURCES.default });
    return chain;
  }

  /** The same for a topic config. */
  topicChain(definition: ConfigDefinition, topic: TopicDescription): readonly ConfigValue[] {
    const { name } = definition;
    const own = topic.config.get(name);
    const chain: ConfigValue[] =
      own === undefined ? [] : [{ name, value: own, source: CONFIG_SOURCES.dynamicTopic }];
    const broker = BROKER_CONFIGS.get(definition.broker ?? '');
    if (broker !== undefined) chain.push(...this.brokerChain(broker));
    else chain.push({ name, value: definition.default, source: CONFIG_SOURCES.default });
    return chain;
  }

  text(name: string): string {
    return this.brokerChain(BROKER_CONFIGS.get(name)!)[0]!.value ?? '';
  }

  number(name: string): number {
    return toNumber(this.text(name));
  }

  flag(name: string): boolean {
    return this.text(name).trim().toLowerCase() === 'true';
  }

  group(): GroupConfig {
    return {
      initialRebalanceDelayMs: this.number('group.initial.rebalance.delay.ms'),
      minSessionTimeoutMs: this.number('group.min.session.timeout.ms'),
      maxSessionTimeoutMs: this.number('group.max.session.timeout.ms'),
      maxGroupSize: this.number('group.max.size'),
      offsetsRetentionMs: this.number('offsets.retention.minutes') * 60_000,
      offsetsRetentionCheckMs: this.number('offsets.retention.check.interval.ms'),
      offsetMetadataMaxBytes: this.number('offset.metadata.max.bytes'),
      consumer: {
        sessionTimeoutMs: this.number('group.consumer.session.timeout.ms'),
        minSessionTimeoutMs: this.number('group.consumer.min.session.timeout.ms'),
        maxSessionTimeoutMs: this.number('group.consumer.max.session.timeout.ms'),
        heartbeatIntervalMs: this.number('group.consumer.heartbeat.interval.ms'),
        minHeartbeatIntervalMs: this.number('group.consumer.min.heartbeat.interval.ms'),
        maxHeartbeatIntervalMs: this.number('group.consumer.max.heartbeat.interval.ms'),
        maxSize: this.number('group.consumer.max.size'),
        assignors: listItems(this.text('group.consumer.assignors')),
        migrationPolicy: this.text('group.consumer.migration.policy').toLowerCase() as MigrationPolicy,
        regexRefreshMs: this.number('group.consumer.regex.refresh.interval.ms'),
      },
    };
  }

  transactions(): TransactionConfig {
    return {
      maxTimeoutMs: this.number('transaction.max.timeout.ms'),
      scanIntervalMs: this.number('transaction.abort.timed.out.transaction.cleanup.interval.ms'),
      idExpirationMs: this.number('transactional.id.expiration.ms'),
    };
  }

  /** What a topic's configuration means to its logs. */
  log(topic: TopicDescription): LogConfig {
    const text = (name: string) => this.topicChain(TOPIC_CONFIGS.get(name)!, topic)[0]!.value ?? '';
    const number = (name: string) => toNumber(text(name));
    const limit = (name: string) => (number(name) < 0 ? Number.POSITIVE_INFINITY : number(name));
    return {
      segmentBytes: number('segment.bytes'),
      segmentMs: number('segment.ms'),
      segmentJitterMs: number('segment.jitter.ms'),
      segmentIndexBytes: number('segment.index.bytes'),
      retentionMs: limit('retention.ms'),
      retentionBytes: limit('retention.bytes'),
      indexIntervalBytes: number('index.interval.bytes'),
      maxMessageBytes: number('max.message.bytes'),
      messageTimestampType: text('message.timestamp.type') as LogConfig['messageTimestampType'],
      timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
      timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
      cleanupPolicy: new Set(listItems(text('cleanup.policy')) as ('delete' | 'compact')[]),
      deleteRetentionMs: number('delete.retention.ms'),
      minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
      minCompactionLagMs: number('min.compaction.lag.ms'),
      maxCompactionLagMs: number('max.compaction.lag.ms'),
      compression: compressionOf(text('compression.type'), (codec) => number(`compression.${codec}.level`)),
      durability: text('durability') as LogConfig['durability'],
      flushMessages: number('flush.messages'),
      flushMs: number('flush.ms'),
    };
  }
}

/** Kafka says "no limit" with the largest long. */
function toNumber(value: string): number {
  return value.trim() === LONG_MAX ? Number.POSITIVE_INFINITY : Number(value);
}

/** What stored batches are compressed with; undefined keeps the producer's. gzip's level -1 is its own choice. */
function compressionOf(type: string, levelOf: (codec: string) => number): Compression | undefined {
  if (type === 'producer') return undefined;
  const codec = type === 'uncompressed' ? 'none' : (type as Codec);
  if (codec !== 'gzip' && codec !== 'zstd') return { codec };
  const level = levelOf(codec);
  return { codec, level: codec === 'gzip' && level < 0 ? undefined : level };
}
