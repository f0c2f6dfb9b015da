import type { LogLevels } from '../../base/log-levels.ts';
import type { ConfigResource } from '../metadata/metadata-calls.ts';
import type { ResourceConfigs } from '../metadata/resource-configs.ts';
import type { TopicRegistry } from '../topic-registry.ts';
import { BROKER_CONFIGS } from './broker-configs.ts';
import { CLIENT_METRICS_CONFIGS } from './client-metrics-configs.ts';
import { CONFIG_TYPES, type ConfigDefinition } from './config-table.ts';
import { GROUP_CONFIGS } from './group-configs.ts';
import { CONFIG_SOURCES, type ConfigMap, type ConfigValue, type Settings } from './settings.ts';
import { TOPIC_CONFIGS } from './topic-configs.ts';

/** One config as DescribeConfigs tells of it. */
export interface DescribedConfig extends ConfigValue {
  readonly configSource: number;
  readonly readOnly: boolean;
  readonly isSensitive: boolean;
  readonly synonyms: readonly ConfigValue[];
  /** 0 for one nobody knows. */
  readonly configType: number;
  readonly documentation: string | null;
  /** What version 0 told instead of the source. */
  readonly isDefault: boolean;
}

interface Described {
  readonly settings: Settings;
  readonly registry: Pick<TopicRegistry, 'find'> & { readonly configs: ResourceConfigs };
}

/** All that is configured for one thing. */
export function describeConfig(
  resource: ConfigResource,
  { settings, registry }: Described,
): DescribedConfig[] {
  switch (resource.kind) {
    case 'topic':
      return describeTopic(settings, Object.fromEntries(registry.find(resource.name)?.config ?? []));
    case 'broker':
      return resource.name === '' ? describeAllBrokers(settings, registry.configs) : describeBroker(settings);
    case 'group': {
      const own = registry.configs.of('group', resource.name);
      return [...GROUP_CONFIGS.values()].map((definition) => {
        const { name, default: value } = definition;
        const isSet = own[name] !== undefined;
        const link = isSet
          ? { name, value: own[name]!, source: CONFIG_SOURCES.group }
          : { name, value, source: CONFIG_SOURCES.default };
        return describe(definition, settings.groupValue(name, own), [link]);
      });
    }
    case 'client-metrics':
      return describeClientMetrics(registry.configs.of('client-metrics', resource.name));
  }
}

/** A topic that may not exist yet: CreateTopics tells the same. */
export function describeTopic(settings: Settings, own: ConfigMap): DescribedConfig[] {
  return [...TOPIC_CONFIGS.values()].map((definition) =>
    describe(definition, settings.topicValue(definition, own), settings.topicChain(definition, own)),
  );
}

/** Levels of loggers are kept by the process alone. */
export function describeLoggers(levels: LogLevels): DescribedConfig[] {
  return levels.names().map((name) => ({
    name,
    value: levels.of(name).toUpperCase(),
    source: CONFIG_SOURCES.dynamicBrokerLogger,
    configSource: CONFIG_SOURCES.dynamicBrokerLogger,
    readOnly: false,
    isSensitive: false,
    synonyms: [],
    configType: 0,
    documentation: '',
    isDefault: false,
  }));
}

function describeBroker(settings: Settings): DescribedConfig[] {
  const known = [...BROKER_CONFIGS.values()].filter(({ internal }) => !internal);
  return [...settings.unknownNames(), ...known].map((definition) =>
    describe(definition, settings.brokerValue(definition.name), settings.brokerChain(definition)),
  );
}

/** Only what was set for all of them, whatever this one makes of it. */
function describeAllBrokers(settings: Settings, configs: ResourceConfigs): DescribedConfig[] {
  const unknown = new Map(settings.unknownNames().map((definition) => [definition.name, definition]));
  return Object.entries(configs.of('broker', '')).flatMap(([name, value]) => {
    const definition = BROKER_CONFIGS.get(name) ?? unknown.get(name);
    if (definition === undefined) return [];
    const chain = settings
      .brokerChain(definition)
      .filter(({ source }) => source === CONFIG_SOURCES.dynamicDefaultBroker);
    return [describe(definition, value, chain)];
  });
}

function describeClientMetrics(own: ConfigMap): DescribedConfig[] {
  return [...CLIENT_METRICS_CONFIGS.values()].map((definition) => {
    const { name } = definition;
    const value = own[name];
    const chain = value === undefined ? [] : [{ name, value, source: CONFIG_SOURCES.clientMetrics }];
    return describe(definition, value ?? definition.default, chain);
  });
}

/** Where nothing is set the value is Kafka's default, even where that is none. */
function describe(
  { name, type, doc, readOnly, unknown }: ConfigDefinition,
  value: string | null,
  chain: readonly ConfigValue[],
): DescribedConfig {
  const isSensitive = type === 'password';
  const source = chain[0]?.source ?? CONFIG_SOURCES.default;
  return {
    name,
    value: isSensitive ? null : value,
    source,
    configSource: source,
    readOnly: readOnly === true,
    isSensitive,
    synonyms: isSensitive ? chain.map((link) => ({ ...link, value: null })) : chain,
    configType: unknown ? 0 : CONFIG_TYPES.indexOf(type) + 1,
    documentation: doc,
    isDefault: source === CONFIG_SOURCES.default,
  };
}
