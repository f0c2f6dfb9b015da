import type { ErrorName } from '../../protocol/errors.ts';
import type { Access } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { errorFields } from './error-fields.ts';
import { missingLogError } from './shared.ts';

/** DescribeProducers v0 (KIP-664): who wrote to a partition last, and since which offset its transaction is open. */
export const describeProducers = ({ registry }: Pick<ControlPlane, 'registry'>): Api =>
  api('DescribeProducers', [0, 0], ({ topics }, { access }) => ({
    topics: topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => {
        const error = refusal(registry, access, name, partitionIndex);
        if (error !== undefined) return { partitionIndex, ...errorFields(error) };
        const producers = registry.partitionLog(name, partitionIndex)!.producers();
        const activeProducers = producers.map(({ lastTimestampMs, transactionFirstOffset, ...producer }) => ({
          ...producer,
          lastTimestamp: lastTimestampMs,
          currentTxnStartOffset: transactionFirstOffset,
        }));
        return { partitionIndex, activeProducers };
      }),
    })),
  }));

function refusal(
  registry: ControlPlane['registry'],
  access: Access,
  topic: string,
  partition: number,
): ErrorName | undefined {
  if (!access.may('READ', 'TOPIC', topic)) return 'TOPIC_AUTHORIZATION_FAILED';
  return registry.partitionLog(topic, partition) ? undefined : missingLogError(registry, topic, partition);
}
