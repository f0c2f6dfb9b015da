import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';

const PREFERRED = 0;
const UNCLEAN = 1;

/**
 * ElectLeaders v0-2: every partition is led by its only replica already. Asked for all partitions it therefore names
 * none of them, as Kafka leaves out those that need no election. v1+ unclean elections (KIP-460).
 */
export const electLeaders = ({ registry }: Pick<ControlPlane, 'registry'>): Api =>
  api('ElectLeaders', [0, 2], ({ electionType, topicPartitions }, { access }) => {
    if (!access.may('ALTER', 'CLUSTER', CLUSTER_NAME))
      return { errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED') };
    if (electionType !== PREFERRED && electionType !== UNCLEAN)
      return { errorCode: errorCode('INVALID_REQUEST') };
    const result = (topic: string, partition: number): readonly [ErrorName, string | null] => {
      const found = registry.find(topic);
      if (found === undefined) return ['UNKNOWN_TOPIC_OR_PARTITION', `No such topic as ${topic}`];
      if (partition < 0 || partition >= found.partitionCount)
        return ['UNKNOWN_TOPIC_OR_PARTITION', `No such partition as ${topic}-${partition}`];
      return ['ELECTION_NOT_NEEDED', 'Leader election not needed for topic partition.'];
    };
    const all = registry.list().map(({ name }) => ({ topic: name, partitions: [] as readonly number[] }));
    return {
      replicaElectionResults: (topicPartitions ?? all).map(({ topic, partitions }) => ({
        topic,
        partitionResult: partitions.map((partitionId) => ({
          partitionId,
          ...errorFields(...result(topic, partitionId)),
        })),
      })),
    };
  });
