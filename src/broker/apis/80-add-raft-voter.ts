import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

/** AddRaftVoter v0 (KIP-853): the voters are fixed, as in a Kafka whose feature kraft.version is 0. */
export const addRaftVoter = ({ node }: Pick<ControlPlane, 'node'>): Api =>
  api('AddRaftVoter', [0, 0], ({ clusterId }, { access }) => {
    if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME)) return errorFields('CLUSTER_AUTHORIZATION_FAILED');
    if (clusterId !== null && clusterId !== node.clusterId)
      return errorFields(
        'INCONSISTENT_CLUSTER_ID',
        `The given id "${clusterId}" doesn't match the cluster id "${node.clusterId}"`,
      );
    return errorFields(
      'UNSUPPORTED_VERSION',
      "Cluster doesn't support adding voter because the kraft.version feature is 0",
    );
  });
