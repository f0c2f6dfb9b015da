import { errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import { commitKnown } from './commit-known.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';
import { groupRefusal } from './group-access.ts';

/**
 * OffsetCommit v2-9 (v10 is unstable in 4.1).
 *
 * - Asks for READ of the group and of each topic. Durable when answered. A topic that does not exist, or may not be
 *   read, gets its own error; the others are committed.
 * - v2-4 carry a retention time: Kafka ignores it since 2.1 (KIP-211), so do we.
 * - v7 group instance id; v9 a member epoch (KIP-848) in the place of the generation.
 */
export const offsetCommit = ({ groups, registry }: ControlPlane): Api =>
  api('OffsetCommit', [2, 9], async (request, { apiVersion, access }) => {
    const refusal = groupRefusal(access, 'READ', request.groupId);
    const commit = async () => {
      if (refusal !== 'NONE') return () => errorCode(refusal);
      return commitKnown(
        registry,
        request.topics,
        (offsets) =>
          groups.call('commit', {
            groupId: request.groupId,
            memberId: request.memberId,
            instanceId: request.groupInstanceId,
            generation: request.generationIdOrMemberEpoch,
            knowsEpochs: apiVersion >= 9,
            offsets,
          }),
        (topic) => access.may('READ', 'TOPIC', topic),
      );
    };
    const results = await commit().catch((error: unknown) => {
      const code = coordinatorError(error);
      return () => code;
    });
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex }) => ({
          partitionIndex,
          errorCode: results(name, partitionIndex),
        })),
      })),
    };
  });
