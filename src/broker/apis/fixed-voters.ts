import { CLUSTER_NAME } from '../access.ts';
import type { RequestContext } from '../api.ts';
import type { NodeIdentity } from './data-plane.ts';
import { errorFields } from './error-fields.ts';

/** KIP-853: the voters are fixed, as in a Kafka whose feature kraft.version is 0. */
export function refuseVoterChange(
  change: 'adding' | 'removing',
  clusterId: string | null,
  node: NodeIdentity,
  { access }: RequestContext,
): ReturnType<typeof errorFields> {
  if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME)) return errorFields('CLUSTER_AUTHORIZATION_FAILED');
  if (clusterId !== null && clusterId !== node.clusterId)
    return errorFields(
      'INCONSISTENT_CLUSTER_ID',
      `The given id "${clusterId}" doesn't match the cluster id "${node.clusterId}"`,
    );
  return errorFields(
    'UNSUPPORTED_VERSION',
    `Cluster doesn't support ${change} voter because the kraft.version feature is 0`,
  );
}
