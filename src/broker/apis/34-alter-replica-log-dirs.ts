import { errorCode } from '../../protocol/errors.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';

/** AlterReplicaLogDirs v1-2: there is one folder, where everything is already: moving there succeeds and does nothing. */
export const alterReplicaLogDirs = ({ registry, dataDir }: Pick<ControlPlane, 'registry' | 'dataDir'>): Api =>
  api('AlterReplicaLogDirs', [1, 2], ({ dirs }, { access }) => {
    const mayAlter = access.may('ALTER', 'CLUSTER', CLUSTER_NAME);
    const results = new Map<string, { partitionIndex: number; errorCode: number }[]>();
    for (const { path, topics } of dirs) {
      for (const { name, partitions } of topics) {
        const list = results.get(name) ?? [];
        results.set(name, list);
        for (const partitionIndex of partitions) {
          const error = !mayAlter
            ? 'CLUSTER_AUTHORIZATION_FAILED'
            : path !== dataDir
              ? 'LOG_DIR_NOT_FOUND'
              : registry.partitionLog(name, partitionIndex) === undefined
                ? 'UNKNOWN_TOPIC_OR_PARTITION'
                : 'NONE';
          list.push({ partitionIndex, errorCode: errorCode(error) });
        }
      }
    }
    return { results: [...results].map(([topicName, partitions]) => ({ topicName, partitions })) };
  });
