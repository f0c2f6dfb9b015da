import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { TxnOffsetCommitRequest } from '../../protocol/messages.gen.ts';
import { type Api, api } from '../api.ts';
import { commitKnown } from './commit-known.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

const FIRST_VERSION_WITH_ABORTABLE = 4;
/** KIP-890: it does the work of AddOffsetsToTxn too. */
const FIRST_VERSION_THAT_JOINS = 5;

/**
 * TxnOffsetCommit v0-5: offsets that count when the transaction commits, and are invisible until then.
 *
 * - The transaction must be open and announced by AddOffsetsToTxn (checked here as KIP-890 does for records); with v5
 *   the offsets join it, or begin one.
 * - v3+ checks member and generation (KIP-447).
 */
export const txnOffsetCommit = (plane: ControlPlane): Api =>
  api('TxnOffsetCommit', [0, 5], async (request, { apiVersion, access }) => {
    if (!access.may('WRITE', 'TRANSACTIONAL_ID', request.transactionalId))
      return answer(request, () => errorCode('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'));
    if (!access.may('READ', 'GROUP', request.groupId))
      return answer(request, () => errorCode('GROUP_AUTHORIZATION_FAILED'));
    const denied = new Set(
      request.topics.map(({ name }) => name).filter((name) => !access.may('READ', 'TOPIC', name)),
    );
    const topics = request.topics.filter(({ name }) => !denied.has(name));
    const results = await commit(plane, { ...request, topics }, apiVersion).catch((error: unknown) => {
      const code = coordinatorError(error);
      return () => code;
    });
    const topicDenied = errorCode('TOPIC_AUTHORIZATION_FAILED');
    return answer(request, (name, partition) => (denied.has(name) ? topicDenied : results(name, partition)));
  });

function commit(
  { registry, transactions, groups }: ControlPlane,
  request: TxnOffsetCommitRequest,
  apiVersion: number,
) {
  const { groupId, producerId, producerEpoch, transactionalId } = request;
  return commitKnown(registry, request.topics, async (offsets) => {
    const producer = { producerId, producerEpoch };
    const partition = groups.offsetsPartition(groupId);
    const { error, announced } =
      apiVersion < FIRST_VERSION_THAT_JOINS
        ? { error: transactions.verifyWrite(transactionalId, producer, partition) }
        : transactions.joinWrite(transactionalId, producer, partition);
    if (error !== 'NONE') return { results: offsets.map(() => forVersion(error, apiVersion)) };
    const committed = await groups.call('commit', {
      groupId,
      memberId: request.memberId,
      instanceId: request.groupInstanceId,
      generation: request.generationId,
      offsets,
      producer,
    });
    await announced;
    return committed;
  });
}

function forVersion(error: ErrorName, apiVersion: number): ErrorName {
  const isOld = apiVersion < FIRST_VERSION_WITH_ABORTABLE;
  return error === 'TRANSACTION_ABORTABLE' && isOld ? 'INVALID_TXN_STATE' : error;
}

function answer({ topics }: TxnOffsetCommitRequest, code: (topic: string, partition: number) => number) {
  return {
    topics: topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({
        partitionIndex,
        errorCode: code(name, partitionIndex),
      })),
    })),
  };
}
