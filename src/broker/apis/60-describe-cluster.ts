import { errorByName, errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import { authorizedOperations } from './authorized-operations.ts';
import type { DataPlane } from './data-plane.ts';

const BROKERS = 1;

/** DescribeCluster v0-2: a cluster of one. v1+ may ask for controllers instead (KIP-919), whom clients cannot reach here. */
export const describeCluster = ({ node }: Pick<DataPlane, 'node'>): Api =>
  api('DescribeCluster', [0, 2], ({ endpointType, includeClusterAuthorizedOperations }, { listener }) => {
    if (endpointType !== BROKERS) {
      const error = errorByName('MISMATCHED_ENDPOINT_TYPE');
      return {
        errorCode: errorCode('MISMATCHED_ENDPOINT_TYPE'),
        errorMessage: error.message,
        endpointType: BROKERS,
      };
    }
    return {
      endpointType: BROKERS,
      clusterId: node.clusterId,
      controllerId: node.nodeId,
      clusterAuthorizedOperations: authorizedOperations('cluster', includeClusterAuthorizedOperations),
      brokers: [{ brokerId: node.nodeId, ...listener }],
    };
  });
