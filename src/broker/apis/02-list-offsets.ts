import { LogError } from '../../log/log-error.ts';
import type { Isolation } from '../../log/log-types.ts';
import type { PartitionLog } from '../../log/partition-log.ts';
import type { Draft } from '../../protocol/draft.ts';
import { type ErrorName, errorByName } from '../../protocol/errors.ts';
import type { ListOffsetsRequest, ListOffsetsResponse } from '../../protocol/messages.gen.ts';
import { type Api, api } from '../api.ts';
import type { DataPlane } from './data-plane.ts';
import { leaderEpochError, missingLogError } from './shared.ts';

type Partition = ListOffsetsRequest['topics'][number]['partitions'][number];
type PartitionResponse = Draft<ListOffsetsResponse['topics'][number]['partitions'][number]>;

const LATEST = -1;
const EARLIEST = -2;
/** KIP-734: the record with the largest timestamp. */
const MAX_TIMESTAMP = -3;
/** KIP-405: the first offset on local disk, which here is the first of all. */
const EARLIEST_LOCAL = -4;
/** KIP-1005: the last offset in tiered storage, of which there is none. */
const LATEST_TIERED = -5;

const NOT_FOUND = { offset: -1, timestamp: -1, leaderEpoch: -1 };

/**
 * ListOffsets v1-10: an offset by time or by one of the negative codes above.
 * - The latest offset is the last stable one for read_committed (v2+), else the high watermark.
 * - A time after the last record is no error: offset -1.
 * - v4+ checks and answers leader epochs.
 */
export const listOffsets = ({ topics }: Pick<DataPlane, 'topics'>): Api =>
  api('ListOffsets', [1, 10], async (request, { apiVersion, access }) => {
    const isolation: Isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted';
    const find = async (topic: string, partition: Partition): Promise<PartitionResponse> => {
      const { partitionIndex } = partition;
      if (!access.may('DESCRIBE', 'TOPIC', topic))
        return failed(partitionIndex, 'TOPIC_AUTHORIZATION_FAILED');
      const log = topics.partitionLog(topic, partitionIndex);
      if (log === undefined) return failed(partitionIndex, missingLogError(topics, topic, partitionIndex));
      const epochError = leaderEpochError(log, partition.currentLeaderEpoch);
      if (epochError !== null) return failed(partitionIndex, epochError);
      try {
        const found = await lookUp(log, partition.timestamp, isolation);
        return apiVersion === 0 ? oldAnswer(log, partition, found.offset) : { partitionIndex, ...found };
      } catch (error) {
        if (error instanceof LogError) return failed(partitionIndex, error.code);
        throw error;
      }
    };
    return {
      topics: await Promise.all(
        request.topics.map(async ({ name, partitions }) => ({
          name,
          partitions: await Promise.all(partitions.map((partition) => find(name, partition))),
        })),
      ),
    };
  });

/** Version 0 gave a list, the newest first, for agents that know no timestamps of records (KIP-79). */
function oldAnswer(log: PartitionLog, partition: Partition, offset: number): PartitionResponse {
  const { maxNumOffsets = 1 } = partition as Partition & { readonly maxNumOffsets?: number };
  const newest = offset < 0 ? [] : [offset];
  const all = partition.timestamp === EARLIEST ? newest : [...new Set([...newest, log.logStartOffset])];
  const oldStyleOffsets = all.slice(0, Math.max(0, maxNumOffsets));
  return { partitionIndex: partition.partitionIndex, oldStyleOffsets } as PartitionResponse;
}

async function lookUp(log: PartitionLog, timestamp: number, isolation: Isolation): Promise<typeof NOT_FOUND> {
  switch (timestamp) {
    case LATEST: {
      const offset = isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark;
      return { offset, timestamp: -1, leaderEpoch: log.leaderEpoch };
    }
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { offset: log.logStartOffset, timestamp: -1, leaderEpoch: log.earliestEpoch };
    case LATEST_TIERED:
      return NOT_FOUND;
    default: {
      const found =
        timestamp === MAX_TIMESTAMP
          ? await log.maxTimestamp()
          : await log.findTimestamp(timestamp, isolation);
      const isUndecided = isolation === 'read_committed' && (found?.offset ?? 0) >= log.lastStableOffset;
      if (found === undefined || isUndecided) return NOT_FOUND;
      return { offset: found.offset, timestamp: found.timestampMs, leaderEpoch: found.leaderEpoch };
    }
  }
}

function failed(partitionIndex: number, error: ErrorName): PartitionResponse {
  return { partitionIndex, errorCode: errorByName(error).code, ...NOT_FOUND };
}
