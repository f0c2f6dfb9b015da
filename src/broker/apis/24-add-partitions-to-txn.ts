import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import type { AddPartitionsToTxnRequest } from '../../protocol/messages.gen.ts';
import { type Access, CLUSTER_NAME } from '../access.ts';
import { type Api, api } from '../api.ts';
import type { ControlPlane } from './control-plane.ts';
import { coordinatorError } from './error-fields.ts';

interface Topic {
  readonly name: string;
  readonly partitions: readonly number[];
}

type Transaction = AddPartitionsToTxnRequest['transactions'][number];

/** The form of brokers: only they may send it. */
const FIRST_BATCH_VERSION = 4;
const FIRST_VERSION_WITH_ABORTABLE = 5;

/**
 * AddPartitionsToTxn v0-5: announces what a transaction is about to write; durable when answered.
 *
 * - All or nothing: one unknown partition fails it, and the others get OPERATION_NOT_ATTEMPTED.
 * - v4+ is the form brokers use, for several transactions at once, with verifyOnly (KIP-890).
 */
export const addPartitionsToTxn = ({ transactions, registry }: ControlPlane): Api =>
  api('AddPartitionsToTxn', [0, 5], async (request, { apiVersion, access }) => {
    if (apiVersion < FIRST_BATCH_VERSION) {
      const transaction = {
        transactionalId: request.v3AndBelowTransactionalId,
        producerId: request.v3AndBelowProducerId,
        producerEpoch: request.v3AndBelowProducerEpoch,
        verifyOnly: false,
        topics: request.v3AndBelowTopics,
      };
      const isAllowed = access.may('WRITE', 'TRANSACTIONAL_ID', transaction.transactionalId);
      if (!isAllowed) return { resultsByTopicV3AndBelow: denied(transaction.topics) };
      return { resultsByTopicV3AndBelow: await add(transaction) };
    }
    if (!access.may('CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME))
      return { errorCode: errorCode('CLUSTER_AUTHORIZATION_FAILED') };
    return {
      resultsByTransaction: await Promise.all(
        request.transactions.map(async (transaction) => ({
          transactionalId: transaction.transactionalId,
          topicResults: await add(transaction),
        })),
      ),
    };

    async function add(transaction: Transaction) {
      const { topics, verifyOnly, transactionalId } = transaction;
      if (transactionalId === '') return resultsOf(topics, () => errorCode('INVALID_REQUEST'));
      const refusals = refusalsOf(topics, access);
      if (refusals !== undefined) return refusals;
      if (verifyOnly) {
        return resultsOf(topics, (topic, partition) => {
          const error = transactions.verifyWrite(transactionalId, transaction, { topic, partition });
          return errorCode(forVersion(error, apiVersion));
        });
      }
      const partitions = topics.flatMap(({ name, partitions }) =>
        partitions.map((partition) => ({ topic: name, partition })),
      );
      try {
        const version = apiVersion < FIRST_BATCH_VERSION ? 0 : 2;
        const { error } = await transactions.addPartitions(transaction, partitions, version);
        return resultsOf(topics, () => errorCode(forVersion(error, apiVersion)));
      } catch (error) {
        return resultsOf(topics, () => coordinatorError(error));
      }
    }

    function refusalsOf(topics: readonly Topic[], access: Access) {
      const refusal = (topic: string, partition: number): ErrorName | undefined => {
        if (!access.may('WRITE', 'TOPIC', topic)) return 'TOPIC_AUTHORIZATION_FAILED';
        const count = registry.find(topic)?.partitionCount ?? 0;
        return partition >= 0 && partition < count ? undefined : 'UNKNOWN_TOPIC_OR_PARTITION';
      };
      const isRefused = topics.some(({ name, partitions }) =>
        partitions.some((partition) => refusal(name, partition) !== undefined),
      );
      if (!isRefused) return undefined;
      return resultsOf(topics, (topic, partition) =>
        errorCode(refusal(topic, partition) ?? 'OPERATION_NOT_ATTEMPTED'),
      );
    }
  });

function denied(topics: readonly Topic[]) {
  return resultsOf(topics, () => errorCode('TRANSACTIONAL_ID_AUTHORIZATION_FAILED'));
}

/** Clients before version 2 do not know PRODUCER_FENCED, brokers before version 5 not TRANSACTION_ABORTABLE. */
function forVersion(error: ErrorName, apiVersion: number): ErrorName {
  if (error === 'PRODUCER_FENCED' && apiVersion < 2) return 'INVALID_PRODUCER_EPOCH';
  if (error === 'TRANSACTION_ABORTABLE' && apiVersion < FIRST_VERSION_WITH_ABORTABLE)
    return 'INVALID_TXN_STATE';
  return error;
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
