import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';

/** DescribeLogDirs v1-4: sizes of partitions; user interfaces take the size of topics from it. One log directory. */
export const describeLogDirs = ({ registry, dataDir }: ControlPlane): Api =>
  api('DescribeLogDirs', [1, 4], (request) => {
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
    return {
      results: [{ logDir: dataDir, topics: topics.filter(({ partitions }) => partitions.length > 0) }],
    };
  });
