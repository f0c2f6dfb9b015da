import {
  decodeRecordKey,
  decodeRecordValue,
  encodeRecordKey,
  encodeRecordValue,
  recordType,
} from '../../protocol/coordinator-record.ts';
import { MESSAGES } from '../../protocol/messages.gen.ts';
import type { EntryCodec } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import { NONE, TRANSACTION_STATES, type TransactionEntry, type TransactionState } from './txn-state.ts';

/** The first version with tagged fields: it holds the previous producer id. */
const VERSION = 1;

/** `__transaction_state` in Kafka's own record schema. */
export const transactionCodec: EntryCodec<TransactionEntry> = {
  encode({ transactionalId, value }) {
    return {
      key: encodeRecordKey('TransactionLogKey', { transactionalId }),
      value: value && encodeState(value),
    };
  },

  decode(key, value) {
    if (recordType(key) !== MESSAGES.TransactionLogKey.key) return undefined;
    const { transactionalId } = decodeRecordKey('TransactionLogKey', key);
    return { transactionalId, value: value && decodeState(value) };
  },
};

function encodeState(state: TransactionState) {
  const partitionIds = new Map<string, number[]>();
  for (const { topic, partition } of state.partitions) {
    const ids = partitionIds.get(topic);
    if (ids === undefined) partitionIds.set(topic, [partition]);
    else ids.push(partition);
  }
  return encodeRecordValue('TransactionLogValue', VERSION, {
    producerId: state.producerId,
    previousProducerId: state.previousProducerId,
    nextProducerId: state.nextProducerId,
    clientTransactionVersion: state.version,
    producerEpoch: state.producerEpoch,
    transactionTimeoutMs: state.timeoutMs,
    transactionStatus: TRANSACTION_STATES.indexOf(state.state),
    // Kafka's tools take null for Empty only.
    transactionPartitions:
      state.state === 'Empty'
        ? null
        : [...partitionIds].map(([topic, ids]) => ({ topic, partitionIds: ids })),
    transactionLastUpdateTimestampMs: state.updatedAtMs,
    transactionStartTimestampMs: state.startedAtMs,
  });
}

function decodeState(bytes: Parameters<typeof decodeRecordValue>[1]): TransactionState {
  const value = decodeRecordValue('TransactionLogValue', bytes);
  const partitions = (value.transactionPartitions ?? []).flatMap(({ topic, partitionIds }) =>
    partitionIds.map((partition): TopicPartition => ({ topic, partition })),
  );
  return {
    producerId: value.producerId,
    previousProducerId: value.previousProducerId,
    nextProducerId: value.nextProducerId,
    producerEpoch: value.producerEpoch,
    // Kafka's schema has no place for it: a repeated InitProducerId is fenced after a start.
    lastProducerEpoch: NONE,
    version: value.clientTransactionVersion >= 2 ? 2 : 0,
    timeoutMs: value.transactionTimeoutMs,
    state: TRANSACTION_STATES[value.transactionStatus] ?? 'Dead',
    partitions,
    startedAtMs: value.transactionStartTimestampMs,
    updatedAtMs: value.transactionLastUpdateTimestampMs,
  };
}
