import type { Api } from '../api.ts';
import { describeConfigs } from './32-describe-configs.ts';
import { alterConfigs } from './33-alter-configs.ts';
import { alterReplicaLogDirs } from './34-alter-replica-log-dirs.ts';
import { describeLogDirs } from './35-describe-log-dirs.ts';
import { electLeaders } from './43-elect-leaders.ts';
import { incrementalAlterConfigs } from './44-incremental-alter-configs.ts';
import { alterPartitionReassignments } from './45-alter-partition-reassignments.ts';
import { listPartitionReassignments } from './46-list-partition-reassignments.ts';
import { describeClientQuotas } from './48-describe-client-quotas.ts';
import { alterClientQuotas } from './49-alter-client-quotas.ts';
import { describeQuorum } from './55-describe-quorum.ts';
import { unregisterBroker } from './64-unregister-broker.ts';
import { listConfigResources } from './74-list-config-resources.ts';
import { addRaftVoter } from './80-add-raft-voter.ts';
import { removeRaftVoter } from './81-remove-raft-voter.ts';
import type { ControlPlane } from './control-plane.ts';

/** What administrators ask of a cluster: configuration, folders, replicas, quorum. */
export function adminApis(plane: ControlPlane): readonly Api[] {
  return [
    describeConfigs(plane),
    alterConfigs(plane),
    alterReplicaLogDirs(plane),
    describeLogDirs(plane),
    electLeaders(plane),
    incrementalAlterConfigs(plane),
    alterPartitionReassignments(plane),
    listPartitionReassignments(),
    describeClientQuotas(plane),
    alterClientQuotas(plane),
    describeQuorum(plane),
    unregisterBroker(plane),
    listConfigResources(plane),
    addRaftVoter(plane),
    removeRaftVoter(plane),
  ];
}
