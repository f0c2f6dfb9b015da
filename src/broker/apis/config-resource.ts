import type { ConfigResource, Verdict } from '../metadata/metadata-calls.ts';
import type { ControlPlane } from './control-plane.ts';

export const TOPIC_RESOURCE = 2;
export const BROKER_RESOURCE = 4;
/** The empty name is the default of all brokers: with one broker the same as its own. */
const ALL_BROKERS = '';

/** What a request names, or why there is no such thing. */
export function configResource(
  { node, registry }: ControlPlane,
  resourceType: number,
  resourceName: string,
): ConfigResource | Verdict {
  if (resourceType === TOPIC_RESOURCE) {
    if (registry.find(resourceName) !== undefined) return { kind: 'topic', name: resourceName };
    return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: null };
  }
  if (resourceType === BROKER_RESOURCE) {
    if (resourceName === String(node.nodeId) || resourceName === ALL_BROKERS) return { kind: 'broker' };
    const message = `Unexpected broker id, expected ${node.nodeId} or empty string, but received ${resourceName}`;
    return { error: 'INVALID_REQUEST', message };
  }
  return { error: 'INVALID_REQUEST', message: `Unsupported resource type: ${resourceType}` };
}
