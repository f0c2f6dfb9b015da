import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { DataPlane } from './data-plane.ts';
import { leaderEpochError, missingLogError } from './shared.ts';

/**
 * OffsetForLeaderEpoch v2-4 (KIP-320): where an epoch ended. A consumer that read beyond that point read records
 * which a crash took away, and must go back.
 */
export const offsetForLeaderEpoch = ({ topics }: Pick<DataPlane, 'topics'>): Api =>
  api('OffsetForLeaderEpoch', [2, 4], (request, { access }) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
        if (!access.may('DESCRIBE', 'TOPIC', topic))
          return { partition, errorCode: errorCode('TOPIC_AUTHORIZATION_FAILED') };
        const log = topics.partitionLog(topic, partition);
        if (log === undefined)
          return { partition, errorCode: errorCode(missingLogError(topics, topic, partition)) };
        const epochError = leaderEpochError(log, currentLeaderEpoch);
        if (epochError !== null) return { partition, errorCode: errorCode(epochError) };
        return { partition, ...log.epochEnd(leaderEpoch) };
      }),
    })),
  }));
