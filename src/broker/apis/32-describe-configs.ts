import { type Api, api } from '../api.ts';
import { BROKER_CONFIGS } from '../config/broker-configs.ts';
import { CONFIG_TYPES, type ConfigDefinition } from '../config/config-table.ts';
import type { ConfigValue } from '../config/settings.ts';
import { TOPIC_CONFIGS } from '../config/topic-configs.ts';
import { configResource } from './config-resource.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

/**
 * DescribeConfigs v1-4: every config of a topic or of the broker, set or not, with where its value comes from.
 *
 * - v1+ synonyms: all values that could count, the one that does first; v3+ type and documentation (KIP-569).
 */
export const describeConfigs = (plane: ControlPlane): Api =>
  api('DescribeConfigs', [1, 4], ({ resources, includeSynonyms, includeDocumentation }) => ({
    results: resources.map(({ resourceType, resourceName, configurationKeys }) => {
      const resource = configResource(plane, resourceType, resourceName);
      if ('error' in resource)
        return { resourceType, resourceName, ...errorFields(resource.error, resource.message) };
      const wanted = configurationKeys === null ? undefined : new Set(configurationKeys);
      const table = resource.kind === 'topic' ? TOPIC_CONFIGS : BROKER_CONFIGS;
      const topic = resource.kind === 'topic' ? plane.registry.find(resource.name) : undefined;
      const configs = [...table.values()]
        .filter(({ name }) => wanted?.has(name) ?? true)
        .map((definition) => {
          const { settings } = plane;
          const chain = topic ? settings.topicChain(definition, topic) : settings.brokerChain(definition);
          const described = describe(definition, chain);
          return {
            ...described,
            synonyms: includeSynonyms ? described.synonyms : [],
            documentation: includeDocumentation ? described.documentation : null,
          };
        });
      return { resourceType, resourceName, ...errorFields('NONE'), configs };
    }),
  }));

function describe(definition: ConfigDefinition, chain: readonly ConfigValue[]) {
  const { value, source } = chain[0]!;
  return {
    name: definition.name,
    value,
    readOnly: definition.readOnly ?? false,
    configSource: source,
    isSensitive: definition.type === 'password',
    synonyms: chain.map((link) => ({ name: link.name, value: link.value, source: link.source })),
    configType: CONFIG_TYPES.indexOf(definition.type) + 1,
    documentation: definition.doc,
  };
}
