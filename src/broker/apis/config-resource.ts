import type { ErrorName } from '../../protocol/errors.ts';
import type { Access, Operation } from '../access.ts';
import { CLUSTER_NAME } from '../access.ts';
import type { ConfigResource, Verdict } from '../metadata/metadata-calls.ts';
import { topicNameProblem } from '../metadata/topic-name.ts';
import type { ControlPlane } from './control-plane.ts';

export const TOPIC_RESOURCE = 2;
export const BROKER_RESOURCE = 4;
export const BROKER_LOGGER_RESOURCE = 8;
export const CLIENT_METRICS_RESOURCE = 16;
export const GROUP_RESOURCE = 32;

/** What has a configuration: kept durably, or the levels of loggers, which live as long as the process. */
export type DescribedResource = ConfigResource | { readonly kind: 'broker-logger' };

const KINDS: Readonly<Record<number, DescribedResource['kind']>> = {
  [TOPIC_RESOURCE]: 'topic',
  [BROKER_RESOURCE]: 'broker',
  [BROKER_LOGGER_RESOURCE]: 'broker-logger',
  [CLIENT_METRICS_RESOURCE]: 'client-metrics',
  [GROUP_RESOURCE]: 'group',
};

export function resourceKind(resourceType: number): DescribedResource['kind'] | undefined {
  return KINDS[resourceType];
}

/** Whether this client may see or change that configuration; the error if not. */
export function accessProblem(
  access: Access,
  operation: Operation & ('DESCRIBE_CONFIGS' | 'ALTER_CONFIGS'),
  resourceType: number,
  name: string,
): ErrorName | undefined {
  if (resourceType === TOPIC_RESOURCE)
    return access.may(operation, 'TOPIC', name) ? undefined : 'TOPIC_AUTHORIZATION_FAILED';
  if (resourceType === GROUP_RESOURCE)
    return access.may(operation, 'GROUP', name) ? undefined : 'GROUP_AUTHORIZATION_FAILED';
  return access.may(operation, 'CLUSTER', CLUSTER_NAME) ? undefined : 'CLUSTER_AUTHORIZATION_FAILED';
}

/** The resource that DescribeConfigs names, or why there is no such thing. */
export function describedResource(
  { node, registry }: Pick<ControlPlane, 'node' | 'registry'>,
  resourceType: number,
  name: string,
): DescribedResource | Verdict {
  const refuse = (message: string): Verdict => ({ error: 'INVALID_REQUEST', message });
  const unexpected = (otherwise: string) =>
    refuse(`Unexpected broker id, expected ${node.nodeId}${otherwise} but received ${name}`);
  const kind = resourceKind(resourceType);
  switch (kind) {
    case 'topic': {
      const message = topicNameProblem(name);
      if (message !== undefined) return { error: 'INVALID_TOPIC_EXCEPTION', message };
      if (registry.find(name) === undefined) return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: null };
      return { kind, name };
    }
    case 'broker':
      if (name !== '' && !isNumber(name)) return refuse(`Broker id must be an integer, but it is: ${name}`);
      return name === '' || Number(name) === node.nodeId ? { kind, name } : unexpected(' or empty string,');
    case 'broker-logger':
      if (name === '') return refuse('Broker id must not be empty');
      if (!isNumber(name)) return refuse(`Broker id must be an integer, but it is: ${name}`);
      return Number(name) === node.nodeId ? { kind } : unexpected('');
    case 'client-metrics':
      return name === '' ? refuse('Client metrics subscription name must not be empty') : { kind, name };
    case 'group':
      return name === '' ? refuse('Group name must not be empty') : { kind, name };
    case undefined:
      return refuse(`Unsupported resource type: ${resourceType}`);
  }
}

/** The resource that a change names, or why it cannot be changed. */
export function alteredResource(
  { node, registry }: Pick<ControlPlane, 'node' | 'registry'>,
  resourceType: number,
  name: string,
): DescribedResource | Verdict {
  const refuse = (message: string): Verdict => ({ error: 'INVALID_REQUEST', message });
  const kind = resourceKind(resourceType);
  switch (kind) {
    case 'topic': {
      if (name === '') return refuse('Default topic resources are not allowed.');
      const message = topicNameProblem(name);
      if (message !== undefined) return { error: 'INVALID_TOPIC_EXCEPTION', message };
      if (registry.find(name) !== undefined) return { kind, name };
      return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `The topic '${name}' does not exist.` };
    }
    case 'broker':
    case 'broker-logger':
      if (name === '' && kind === 'broker') return { kind, name };
      if (!isNumber(name)) return refuse(`Node id must be an integer, but it is: ${name}`);
      if (Number(name) !== node.nodeId)
        return refuse(
          kind === 'broker'
            ? `Unexpected broker id, expected ${node.nodeId}, but received ${name}`
            : `Unexpected node id. Expected ${node.nodeId}, but received ${name}`,
        );
      return kind === 'broker' ? { kind, name } : { kind };
    case 'group':
      return name === '' ? refuse('Default group resources are not allowed.') : { kind, name };
    case 'client-metrics':
      return { kind, name };
    case undefined:
      return refuse(`Unknown resource type ${resourceType}`);
  }
}

function isNumber(text: string): boolean {
  return /^[+-]?\d{1,10}$/.test(text);
}
