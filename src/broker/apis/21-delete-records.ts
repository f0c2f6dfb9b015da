import { LogError } from '../../log/log-error.ts';
import { errorByName, errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';

const HIGH_WATERMARK = -1;

/** DeleteRecords v0-2: moves a partition's start, durably; offset -1 empties it up to the high watermark. */
export const deleteRecords = ({ registry }: ControlPlane): Api =>
  api('DeleteRecords', [0, 2], async ({ topics }, { access }) => {
    const deleteBefore = async (topic: string, partition: number, asked: number) => {
      if (!access.may('DELETE', 'TOPIC', topic))
        return { lowWatermark: -1, errorCode: errorCode('TOPIC_AUTHORIZATION_FAILED') };
      const log = registry.partitionLog(topic, partition);
      if (log === undefined) return { lowWatermark: -1, errorCode: errorCode('UNKNOWN_TOPIC_OR_PARTITION') };
      // The log of a coordinator is its state.
      if (registry.find(topic)?.internal)
        return { lowWatermark: -1, errorCode: errorCode('INVALID_TOPIC_EXCEPTION') };
      // Compaction alone decides what goes, or a key's last record could.
      if (!log.config.cleanupPolicy.has('delete'))
        return { lowWatermark: -1, errorCode: errorCode('POLICY_VIOLATION') };
      const offset = asked === HIGH_WATERMARK ? log.highWatermark : asked;
      try {
        await log.deleteRecordsBefore(offset);
        return { lowWatermark: log.logStartOffset, errorCode: errorCode('NONE') };
      } catch (error) {
        if (!(error instanceof LogError)) throw error;
        return { lowWatermark: -1, errorCode: errorByName(error.code).code };
      }
    };
    return {
      topics: await Promise.all(
        topics.map(async ({ name, partitions }) => ({
          name,
          partitions: await Promise.all(
            partitions.map(async ({ partitionIndex, offset }) => ({
              partitionIndex,
              ...(await deleteBefore(name, partitionIndex, offset)),
            })),
          ),
        })),
      ),
    };
  });
