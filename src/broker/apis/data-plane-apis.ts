import type { Api } from '../api.ts';
import { produce } from './00-produce.ts';
import { fetch } from './01-fetch.ts';
import { listOffsets } from './02-list-offsets.ts';
import { metadata } from './03-metadata.ts';
import { offsetForLeaderEpoch } from './23-offset-for-leader-epoch.ts';
import { describeCluster } from './60-describe-cluster.ts';
import { describeTopicPartitions } from './75-describe-topic-partitions.ts';
import type { DataPlane } from './data-plane.ts';

/** The APIs that move records and tell where they are. */
export function dataPlaneApis(deps: DataPlane): Api[] {
  return [
    produce(deps),
    fetch(deps),
    listOffsets(deps),
    metadata(deps),
    offsetForLeaderEpoch(deps),
    describeCluster(deps),
    describeTopicPartitions(deps),
  ];
}
