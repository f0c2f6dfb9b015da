import { errorCode } from '../../protocol/errors.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import {
  BROKER_LOGGER_RESOURCE,
  BROKER_RESOURCE,
  CLIENT_METRICS_RESOURCE,
  GROUP_RESOURCE,
  TOPIC_RESOURCE,
} from './config-resource.ts';
import type { ControlPlane } from './control-plane.ts';

const ALL_TYPES = [
  TOPIC_RESOURCE,
  BROKER_RESOURCE,
  BROKER_LOGGER_RESOURCE,
  CLIENT_METRICS_RESOURCE,
  GROUP_RESOURCE,
];

/**
 * ListConfigResources v0-1: what can have a configuration (KIP-1142): topics and the broker always, groups and client
 * metrics subscriptions when something is set for them. v0 is for subscriptions alone.
 */
export const listConfigResources = ({ registry, node }: ControlPlane): Api =>
  api('ListConfigResources', [0, 1], ({ resourceTypes }, { access, apiVersion }) => {
    if (!access.may('DESCRIBE_CONFIGS', 'CLUSTER', CLUSTER_NAME))
      return { errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED') };
    const types =
      apiVersion === 0 ? [CLIENT_METRICS_RESOURCE] : resourceTypes.length === 0 ? ALL_TYPES : resourceTypes;
    if (types.some((type) => !ALL_TYPES.includes(type)))
      return { errorCode: errorCode('UNSUPPORTED_VERSION') };
    const names = (type: number): readonly string[] => {
      switch (type) {
        case TOPIC_RESOURCE:
          return registry.list().map(({ name }) => name);
        case GROUP_RESOURCE:
          return registry.configs.names('group');
        case CLIENT_METRICS_RESOURCE:
          return registry.configs.names('client-metrics');
        default:
          return [String(node.nodeId)];
      }
    };
    return {
      configResources: [...new Set(types)].flatMap((resourceType) =>
        names(resourceType).map((resourceName) => ({ resourceName, resourceType })),
      ),
    };
  });
