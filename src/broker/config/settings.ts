import type { LogConfig } from '../../log/log-config.ts';
import type { Codec } from '../../record/compression.ts';
import type { Compression } from '../../record/recompress.ts';
import type { TopicDescription } from '../../topics/topics.ts';
import { type AdmissionLimits, parseOverrides } from '../admission.ts';
import type { MigrationPolicy } from '../group/consumer/consumer-config.ts';
import type { GroupConfig } from '../group/group-config.ts';
import type { TransactionConfig } from '../txn/txn-coordinator.ts';
import { BROKER_CONFIGS, brokerSynonyms, otherConfig, withoutListener } from './broker-configs.ts';
import { type ConfigDefinition, configProblem, LONG_MAX, listItems } from './config-table.ts';
import { GROUP_CONFIGS } from './group-configs.ts';
import { TOPIC_CONFIGS } from './topic-configs.ts';

/** Where a value comes from, by DescribeConfigs' numbers. */
export const CONFIG_SOURCES = {
  dynamicTopic: 1,
  dynamicBroker: 2,
  dynamicDefaultBroker: 3,
  staticBroker: 4,
  default: 5,
  dynamicBrokerLogger: 6,
  clientMetrics: 7,
  group: 8,
} as const;

export interface ConfigValue {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

export type ConfigMap = Readonly<Record<string, string>>;

/** What was set while the broker ran: for this one, for all, and for groups. */
export interface DynamicConfigs {
  readonly broker: ConfigMap;
  readonly allBrokers: ConfigMap;
  group(groupId: string): ConfigMap;
}

const NOTHING: DynamicConfigs = { broker: {}, allBrokers: {}, group: () => ({}) };

/**
 * What every configuration value is at the moment, and where it comes from. The nearest one counts:
 *
 *   topic's own  >  set for this broker  >  set for all brokers  >  given at start  >  default
 */
export class Settings {
  readonly #given: ConfigMap;
  readonly #dynamic: () => DynamicConfigs;

  constructor(given: ReadonlyMap<string, string>, dynamic: () => DynamicConfigs = () => NOTHING) {
    this.#given = Object.fromEntries(given);
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
    return [...given.keys()].filter((name) => !BROKER_CONFIGS.has(withoutListener(name)));
  }

  /** All values that could count for a broker config, under all its names, the one that does first. */
  brokerChain({ name }: ConfigDefinition): readonly ConfigValue[] {
    const names = brokerSynonyms(name).map(([synonym]) => synonym);
    const valuesFrom = (source: number, read: (name: string) => string | null | undefined): ConfigValue[] =>
      names.flatMap((each) => {
        const value = read(each);
        return value === undefined || value === null ? [] : [{ name: each, value, source }];
      });
    const { broker, allBrokers } = this.#dynamic();
    const chain = [
      ...valuesFrom(CONFIG_SOURCES.dynamicBroker, (each) => broker[each]),
      ...valuesFrom(CONFIG_SOURCES.dynamicDefaultBroker, (each) => allBrokers[each]),
      ...valuesFrom(CONFIG_SOURCES.staticBroker, (each) => this.#given[each]),
      ...valuesFrom(CONFIG_SOURCES.default, (each) => BROKER_CONFIGS.get(each)?.default),
    ];
    // As Kafka does: other names are told only behind a value under this one.
    const first = chain.findIndex((link) => link.name === name);
    return first < 0 ? [] : chain.slice(first);
  }

  /** The same for a topic config. */
  topicChain({ name, broker }: ConfigDefinition, topic: ConfigMap): readonly ConfigValue[] {
    const own =
      topic[name] === undefined ? [] : [{ name, value: topic[name], source: CONFIG_SOURCES.dynamicTopic }];
    if (broker === undefined) return own;
    return [...own, ...this.brokerChain(BROKER_CONFIGS.get(broker)!)];
  }

  /** What counts for a topic: its own value, or the broker's for it. */
  topicValue({ name, broker, default: value }: ConfigDefinition, topic: ConfigMap): string | null {
    if (topic[name] !== undefined) return topic[name];
    if (broker === undefined) return value;
    for (const [synonym, factor] of brokerSynonyms(broker)) {
      const found = this.brokerValue(synonym);
      if (found !== null) return factor === 1 ? found : String(Number(found) * factor);
    }
    return value;
  }

  /** What counts for a group that was configured with `own`: its own value, or the broker's for all groups. */
  groupValue(name: string, own: ConfigMap): string {
    const { broker, default: value } = GROUP_CONFIGS.get(name)!;
    return own[name] ?? (broker === undefined ? value : this.brokerValue(broker)) ?? '';
  }

  groupNumber(name: string, own: ConfigMap): number {
    return toNumber(this.groupValue(name, own));
  }

  /** What a consumer group was given of its own, within what the broker allows. */
  consumerGroup(groupId: string): {
    readonly sessionTimeoutMs: number | undefined;
    readonly heartbeatIntervalMs: number | undefined;
  } {
    const own = this.#dynamic().group(groupId);
    const number = (name: string) => (own[name] === undefined ? undefined : toNumber(own[name]));
    return {
      sessionTimeoutMs: number('consumer.session.timeout.ms'),
      heartbeatIntervalMs: number('consumer.heartbeat.interval.ms'),
    };
  }

  /** What counts for a group, by the name that a group's config has (`consumer.session.timeout.ms`). */
  groupText(name: string, groupId: string): string {
    return this.groupValue(name, this.#dynamic().group(groupId));
  }

  /** What is in force under this very name; null where nothing is. */
  brokerValue(name: string): string | null {
    const { broker, allBrokers } = this.#dynamic();
    return broker[name] ?? allBrokers[name] ?? this.#given[name] ?? BROKER_CONFIGS.get(name)?.default ?? null;
  }

  /** Names outside the tables that somebody has given a value: they may be a plugin's. */
  unknownNames(): readonly ConfigDefinition[] {
    const { broker, allBrokers } = this.#dynamic();
    const names = new Set([this.#given, allBrokers, broker].flatMap((map) => Object.keys(map)));
    return [...names].filter((name) => !BROKER_CONFIGS.has(name)).map(otherConfig);
  }

  text(name: string): string {
    return this.brokerValue(name) ?? '';
  }

  number(name: string): number {
    return toNumber(this.text(name));
  }

  flag(name: string): boolean {
    return this.text(name).trim().toLowerCase() === 'true';
  }

  connections(): AdmissionLimits {
    return {
      most: this.number('max.connections'),
      mostPerAddress: this.number('max.connections.per.ip'),
      overrides: parseOverrides(this.text('max.connections.per.ip.overrides')),
      perSecond: this.number('max.connection.creation.rate'),
    };
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
    const own = Object.fromEntries(topic.config);
    const text = (name: string) => this.topicValue(TOPIC_CONFIGS.get(name)!, own) ?? '';
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
