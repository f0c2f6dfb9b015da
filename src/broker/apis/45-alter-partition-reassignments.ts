import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';
import { replicasProblem } from './manual-assignment.ts';

/**
 * AlterPartitionReassignments v0-1: the one broker is the only possible target, where every partition is already, so a
 * valid reassignment is done when it is answered, and there is never one to cancel.
 */
export const alterPartitionReassignments = ({
  registry,
  node,
}: Pick<ControlPlane, 'registry' | 'node'>): Api =>
  api('AlterPartitionReassignments', [0, 1], ({ topics, allowReplicationFactorChange }, { access }) => {
    if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME)) return errorFields('CLUSTER_AUTHORIZATION_FAILED');
    const result = (
      name: string,
      partition: number,
      replicas: readonly number[] | null,
    ): readonly [ErrorName, string | null] => {
      const topic = registry.find(name);
      if (topic === undefined) return ['UNKNOWN_TOPIC_OR_PARTITION', `Unable to find a topic named ${name}.`];
      if (partition < 0 || partition >= topic.partitionCount)
        return ['UNKNOWN_TOPIC_OR_PARTITION', `Unable to find partition ${name}:${partition}.`];
      if (replicas === null) return ['NO_REASSIGNMENT_IN_PROGRESS', null];
      const problem = replicasProblem(replicas, node.nodeId);
      return problem === undefined ? ['NONE', null] : ['INVALID_REPLICA_ASSIGNMENT', problem];
    };
    return {
      allowReplicationFactorChange,
      ...errorFields('NONE'),
      responses: topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, replicas }) => ({
          partitionIndex,
          ...failure(result(name, partitionIndex, replicas)),
        })),
      })),
    };
  });

/** Kafka leaves the message of a refused cancellation empty. */
function failure([error, message]: readonly [ErrorName, string | null]) {
  return { errorCode: errorCode(error), errorMessage: message };
}
