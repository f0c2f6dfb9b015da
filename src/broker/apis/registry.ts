import type { Api } from '../api.ts';
import { produce } from './00-produce.ts';
import { fetch } from './01-fetch.ts';
import { listOffsets } from './02-list-offsets.ts';
import { metadata } from './03-metadata.ts';
import { apiVersions } from './18-api-versions.ts';
import { offsetForLeaderEpoch } from './23-offset-for-leader-epoch.ts';
import { describeCluster } from './60-describe-cluster.ts';
import { describeTopicPartitions } from './75-describe-topic-partitions.ts';
import type { ControlPlane } from './control-plane.ts';
import { controlPlaneApis } from './control-plane-apis.ts';
import type { DataPlane } from './data-plane.ts';

/** Every API this server serves: dispatch and ApiVersions are derived from this list, and there is no other. */
export function allApis(deps: DataPlane, plane: ControlPlane): Api[] {
  const apis = [
    produce(deps),
    fetch(deps),
    listOffsets(deps),
    metadata(deps),
    offsetForLeaderEpoch(deps),
    describeCluster(deps),
    describeTopicPartitions(deps),
    ...controlPlaneApis(plane),
  ];
  return [...apis, apiVersions(apis)];
}
