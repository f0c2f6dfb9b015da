import type { ErrorName } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import { commitKnown } from './commit-known.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

/**
 * TxnOffsetCommit v0-4: offsets that count when the transaction commits, and are invisible until then.
 *
 * - The transaction must be open and announced by AddOffsetsToTxn (checked here as KIP-890 does for records).
 * - v3+ checks member and generation (KIP-447). Left out: v5, which announces the offsets implicitly.
 */
export const txnOffsetCommit = ({ groups, transactions, registry }: ControlPlane): Api =>
  api('TxnOffsetCommit', [0, 4], async (request) => {
    const { groupId, producerId, producerEpoch, transactionalId } = request;
    const results = await commitKnown(registry, request.topics, async (offsets) => {
      const producer = { producerId, producerEpoch };
      const refusal = transactions.verifyWrite(transactionalId, producer, groups.offsetsPartition(groupId));
      if (refusal !== 'NONE') return { results: offsets.map((): ErrorName => refusal) };
      return groups.call('commit', {
        groupId,
        memberId: request.memberId,
        instanceId: request.groupInstanceId,
        generation: request.generationId,
        offsets,
        producer,
      });
    }).catch((error: unknown) => {
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
