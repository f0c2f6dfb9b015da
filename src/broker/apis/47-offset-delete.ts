import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/** OffsetDelete v0: forgets committed offsets, unless a member still subscribes to the topic. */
export const offsetDelete = ({ groups }: ControlPlane): Api =>
  api('OffsetDelete', [0, 0], async ({ groupId, topics }) => {
    const partitions = topics.flatMap((topic) =>
      topic.partitions.map(({ partitionIndex }) => ({ topic: topic.name, partition: partitionIndex })),
    );
    try {
      const { error, results } = await groups.call('deleteOffsets', { groupId, partitions });
      if (error !== 'NONE') return { errorCode: errorCode(error) };
      const codes = results.values();
      return {
        topics: topics.map((topic) => ({
          name: topic.name,
          partitions: topic.partitions.map(({ partitionIndex }) => ({
            partitionIndex,
            errorCode: errorCode(codes.next().value!),
          })),
        })),
      };
    } catch (error) {
      return { errorCode: coordinatorError(error) };
    }
  });
