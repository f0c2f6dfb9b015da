import { errorCode } from '../../protocol/errors.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';

/** DescribeTransactions v0 (KIP-664): what the coordinator knows of transactional ids. */
export const describeTransactions = ({ transactions }: Pick<ControlPlane, 'transactions'>): Api =>
  api('DescribeTransactions', [0, 0], async ({ transactionalIds }, { access }) => ({
    transactionStates: await Promise.all(
      transactionalIds.map(async (transactionalId) => {
        if (!access.may('DESCRIBE', 'TRANSACTIONAL_ID', transactionalId))
          return { transactionalId, errorCode: errorCode('TRANSACTIONAL_ID_AUTHORIZATION_FAILED') };
        if (transactionalId === '') return { transactionalId, errorCode: errorCode('INVALID_REQUEST') };
        const state = await transactions.describe(transactionalId);
        if (state === undefined)
          return { transactionalId, errorCode: errorCode('TRANSACTIONAL_ID_NOT_FOUND') };
        const { producerId, producerEpoch, timeoutMs, startedAtMs, partitions } = state;
        return {
          transactionalId,
          producerId,
          producerEpoch,
          transactionState: state.state,
          transactionTimeoutMs: timeoutMs,
          transactionStartTimeMs: startedAtMs,
          topics: byTopic(partitions.filter(({ topic }) => access.may('DESCRIBE', 'TOPIC', topic))),
        };
      }),
    ),
  }));

function byTopic(partitions: readonly TopicPartition[]) {
  const topics = Map.groupBy(partitions, ({ topic }) => topic);
  return [...topics].map(([topic, of]) => ({ topic, partitions: of.map(({ partition }) => partition) }));
}
