import { errorCode } from '../../protocol/errors.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';

/**
 * DescribeLogDirs v1-4: sizes of partitions; user interfaces take the size of topics from it. There is one log directory,
 * so nothing is ever on its way to another. v3+ tells errors, v4 the size of the volume (KIP-827).
 */
export const describeLogDirs = ({
  registry,
  dataDir,
  diskSpace,
}: Pick<ControlPlane, 'registry' | 'dataDir' | 'diskSpace'>): Api =>
  api('DescribeLogDirs', [1, 4], async (request, { access }) => {
    if (!access.may('DESCRIBE', 'CLUSTER', CLUSTER_NAME))
      return { errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED') };
    const wanted = request.topics?.map(({ topic, partitions }) => ({ name: topic, partitions }));
    const all = registry
      .list()
      .map(({ name, partitionCount }) => ({ name, partitions: [...Array(partitionCount).keys()] }));
    const topics = (wanted ?? all).map(({ name, partitions }) => ({
      name,
      partitions: partitions.flatMap((partitionIndex) => {
        const log = registry.partitionLog(name, partitionIndex);
        return log === undefined ? [] : [{ partitionIndex, partitionSize: log.sizeBytes }];
      }),
    }));
    const { totalBytes, usableBytes } = await diskSpace();
    const found = topics.filter(({ partitions }) => partitions.length > 0);
    return { results: [{ logDir: dataDir, topics: found, totalBytes, usableBytes }] };
  });
