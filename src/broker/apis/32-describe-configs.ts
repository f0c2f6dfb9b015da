import type { Draft } from '../../protocol/draft.ts';
import { errorCode } from '../../protocol/errors.ts';
import type { DescribeConfigsRequest, DescribeConfigsResponse } from '../../protocol/messages.gen.ts';
import { type Api, api } from '../api.ts';
import { describeConfig, describeLoggers } from '../config/describe-configs.ts';
import { accessProblem, type DescribedResource, describedResource } from './config-resource.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

type ConfigDraft = Draft<DescribeConfigsResponse['results'][number]['configs'][number]>;

/**
 * DescribeConfigs v1-4: what is configured for topics, the broker, all brokers, groups, client metrics subscriptions and
 * loggers, with where each value comes from.
 *
 * - Everything there is, set or not; of all brokers (the empty name) only what was set.
 * - v1+ synonyms: all values that could count, the one that does first; v3+ type and documentation (KIP-569).
 */
export const describeConfigs = (plane: ControlPlane): Api =>
  api('DescribeConfigs', [1, 4], (request, { access }) => ({
    results: request.resources.map((asked) => {
      const { resourceType, resourceName } = asked;
      const forbidden = accessProblem(access, 'DESCRIBE_CONFIGS', resourceType, resourceName);
      if (forbidden !== undefined) return { resourceType, resourceName, ...errorFields(forbidden) };
      const resource = describedResource(plane, resourceType, resourceName);
      if ('error' in resource)
        return {
          resourceType,
          resourceName,
          errorCode: errorCode(resource.error),
          errorMessage: resource.message ?? '',
        };
      return {
        resourceType,
        resourceName,
        configs: configsOf(plane, resource, asked, request),
      };
    }),
  }));

function configsOf(
  plane: ControlPlane,
  resource: DescribedResource,
  { configurationKeys }: DescribeConfigsRequest['resources'][number],
  { includeSynonyms, includeDocumentation }: DescribeConfigsRequest,
): ConfigDraft[] {
  const all =
    resource.kind === 'broker-logger'
      ? describeLoggers(plane.logLevels)
      : describeConfig(resource, { settings: plane.settings, registry: plane.registry });
  // Tools send an empty list when they mean all.
  const wanted =
    configurationKeys === null || configurationKeys.length === 0 ? undefined : new Set(configurationKeys);
  return all
    .filter(({ name }) => wanted?.has(name) ?? true)
    .map((config) => ({
      ...config,
      synonyms: includeSynonyms ? config.synonyms : [],
      documentation: includeDocumentation || resource.kind === 'broker-logger' ? config.documentation : null,
    }));
}
