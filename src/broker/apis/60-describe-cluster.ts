import { type Api, api } from '../api.ts';
import { clusterOperations } from './authorized-operations.ts';
import type { DataPlane } from './data-plane.ts';
import { errorFields } from './error-fields.ts';

const BROKERS = 1;
const CONTROLLERS = 2;

/** DescribeCluster v0-2: a cluster of one. v1+ may ask for controllers, which are told only by a controller's listener (KIP-919). */
export const describeCluster = ({ node }: Pick<DataPlane, 'node'>): Api =>
  api('DescribeCluster', [0, 2], (request, { listener, access }) => {
    const { endpointType, includeClusterAuthorizedOperations } = request;
    const failed = (...error: Parameters<typeof errorFields>) => ({
      ...errorFields(...error),
      endpointType: BROKERS,
    });
    if (endpointType === CONTROLLERS)
      return failed(
        'MISMATCHED_ENDPOINT_TYPE',
        'The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER',
      );
    if (endpointType !== BROKERS)
      return failed('UNSUPPORTED_ENDPOINT_TYPE', `Unsupported endpoint type ${endpointType}`);
    return {
      endpointType: BROKERS,
      clusterId: node.clusterId,
      controllerId: node.nodeId,
      clusterAuthorizedOperations: clusterOperations(includeClusterAuthorizedOperations, access),
      brokers: [{ brokerId: node.nodeId, ...listener }],
    };
  });
