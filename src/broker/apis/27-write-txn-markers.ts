import { errorCode } from '../../protocol/errors.ts';
import type { WriteTxnMarkersRequest } from '../../protocol/messages.gen.ts';
import { CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

type Marker = WriteTxnMarkersRequest['markers'][number];

/**
 * WriteTxnMarkers v1: ends a transaction in single partitions, whatever its coordinator says. Brokers send it to each
 * other; here only `kafka-transactions abort` does (KIP-664), for a transaction that hangs.
 *
 * - What a log refuses (a lower epoch, an older coordinator) is that partition's error; so is a coordinator to come.
 */
export const writeTxnMarkers = ({ transactions }: Pick<ControlPlane, 'transactions'>): Api =>
  api('WriteTxnMarkers', [1, 1], async ({ markers }, { access }) => {
    const mayAct =
      access.may('ALTER', 'CLUSTER', CLUSTER_NAME) || access.may('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME);
    return { markers: await Promise.all(markers.map((marker) => resultOf(marker))) };

    async function resultOf(marker: Marker) {
      const { producerId, producerEpoch, coordinatorEpoch, transactionResult } = marker;
      const written = { producerId, producerEpoch, coordinatorEpoch, outcome: outcomeOf(transactionResult) };
      const write = async (topic: string, partition: number): Promise<number> => {
        if (!mayAct) return errorCode('CLUSTER_AUTHORIZATION_FAILED');
        return transactions.writeMarker({ topic, partition }, written).then(errorCode, coordinatorError);
      };
      const topics = marker.topics.map(async ({ name, partitionIndexes }) => ({
        name,
        partitions: await Promise.all(
          partitionIndexes.map(async (partitionIndex) => ({
            partitionIndex,
            errorCode: await write(name, partitionIndex),
          })),
        ),
      }));
      return { producerId, topics: await Promise.all(topics) };
    }
  });

function outcomeOf(isCommit: boolean): 'commit' | 'abort' {
  return isCommit ? 'commit' : 'abort';
}
