import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

interface Topic {
  readonly name: string;
  readonly partitions: readonly number[];
}

/**
 * AddPartitionsToTxn v0-5: announces what a transaction is about to write; durable when answered.
 *
 * - All or nothing: one unknown partition fails it, and the others get OPERATION_NOT_ATTEMPTED.
 * - v4+ is the form brokers use, for several transactions at once, with verifyOnly (KIP-890).
 */
export const addPartitionsToTxn = ({ transactions, registry }: ControlPlane): Api =>
  api('AddPartitionsToTxn', [0, 5], async (request, { apiVersion }) => {
    if (apiVersion < 4) {
      const results = await add({
        transactionalId: request.v3AndBelowTransactionalId,
        producerId: request.v3AndBelowProducerId,
        producerEpoch: request.v3AndBelowProducerEpoch,
        verifyOnly: false,
        topics: request.v3AndBelowTopics,
      });
      return { resultsByTopicV3AndBelow: results };
    }
    return {
      resultsByTransaction: await Promise.all(
        request.transactions.map(async (transaction) => ({
          transactionalId: transaction.transactionalId,
          topicResults: await add(transaction),
        })),
      ),
    };

    async function add(transaction: (typeof request.transactions)[number]) {
      const { topics, verifyOnly, transactionalId } = transaction;
      const partitions = topics.flatMap(({ name, partitions }) =>
        partitions.map((partition) => ({ topic: name, partition })),
      );
      const isKnown = (topic: string, partition: number) =>
        partition >= 0 && partition < (registry.find(topic)?.partitionCount ?? 0);
      if (partitions.some(({ topic, partition }) => !isKnown(topic, partition))) {
        return resultsOf(topics, (topic, partition) =>
          errorCode(isKnown(topic, partition) ? 'OPERATION_NOT_ATTEMPTED' : 'UNKNOWN_TOPIC_OR_PARTITION'),
        );
      }
      if (verifyOnly) {
        return resultsOf(topics, (topic, partition) =>
          errorCode(transactions.verifyWrite(transactionalId, transaction, { topic, partition })),
        );
      }
      try {
        const { error } = await transactions.addPartitions(transaction, partitions);
        return resultsOf(topics, () => errorCode(forVersion(error, apiVersion)));
      } catch (error) {
        return resultsOf(topics, () => coordinatorError(error));
      }
    }
  });

/** Clients before version 2 do not know PRODUCER_FENCED. */
function forVersion(error: ErrorName, apiVersion: number): ErrorName {
  return error === 'PRODUCER_FENCED' && apiVersion < 2 ? 'INVALID_PRODUCER_EPOCH' : error;
}

function resultsOf(topics: readonly Topic[], code: (topic: string, partition: number) => number) {
  return topics.map(({ name, partitions }) => ({
    name,
    resultsByPartition: partitions.map((partitionIndex) => ({
      partitionIndex,
      partitionErrorCode: code(name, partitionIndex),
    })),
  }));
}
