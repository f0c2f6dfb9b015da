import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import { batchOf, valuesOf } from '../../../test/support/records.ts';
import { isError, ServedBroker } from '../../../test/support/served-broker.ts';
import { sealBatch } from '../../record/batch-builder.ts';

const wire = new ServedBroker();

describe('a transactional client', () => {
  const group = { groupId: 'tx-group', memberId: '', groupInstanceId: null, generationId: -1 };
  const partition = { topic: 'tx', partition: 0 };

  before(() => wire.createTopic('tx'));

  async function begin(transactionalId: string) {
    const { producerId, producerEpoch } = await wire.client.request('InitProducerId', 4, {
      transactionalId,
      transactionTimeoutMs: 10_000,
      producerId: -1,
      producerEpoch: -1,
    });
    let sequence = 0;
    const owner = { transactionalId, producerId, producerEpoch };
    const produce = async (value: string) => {
      const records = batchOf(value);
      sealBatch(records, { producerId, producerEpoch, baseSequence: sequence++, transactional: true });
      const topicData = [{ name: 'tx', partitionData: [{ index: 0, records }] }];
      const request = { transactionalId, acks: -1, timeoutMs: 1000, topicData };
      return (await wire.client.request('Produce', 9, request)).responses[0]!.partitionResponses[0]!
        .errorCode;
    };
    const addPartitions = async (name = 'tx') =>
      (
        await wire.client.request('AddPartitionsToTxn', 3, {
          v3AndBelowTransactionalId: transactionalId,
          v3AndBelowProducerId: producerId,
          v3AndBelowProducerEpoch: producerEpoch,
          v3AndBelowTopics: [{ name, partitions: [0] }],
        })
      ).resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode;
    const end = async (committed: boolean) =>
      (await wire.client.request('EndTxn', 3, { ...owner, committed })).errorCode;
    const addOffsets = async () =>
      (await wire.client.request('AddOffsetsToTxn', 3, { ...owner, groupId: group.groupId })).errorCode;
    const commitOffset = async (committedOffset: number) => {
      const partitions = [
        { partitionIndex: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: 'm' },
      ];
      const topics = [{ name: 'tx', partitions }];
      const response = await wire.client.request('TxnOffsetCommit', 3, { ...owner, ...group, topics });
      return response.topics[0]!.partitions[0]!.errorCode;
    };
    return { produce, addPartitions, end, addOffsets, commitOffset };
  }

  async function committedOffset(): Promise<number> {
    const groups = [{ groupId: group.groupId, topics: null }];
    const response = await wire.client.request('OffsetFetch', 8, { groups, requireStable: true });
    return response.groups[0]!.topics[0]!.partitions[0]!.committedOffset;
  }

  it('commits records and offsets together, and aborts them together', async () => {
    const producer = await begin('together');
    isError(await producer.addPartitions(), 'NONE');
    isError(await producer.produce('kept'), 'NONE');
    isError(await producer.addOffsets(), 'NONE');
    isError(await producer.commitOffset(5), 'NONE');
    assert.deepEqual(await valuesOf(wire.broker.topics, partition), []);
    isError(await producer.end(true), 'NONE');
    assert.deepEqual(await valuesOf(wire.broker.topics, partition), ['kept']);
    assert.equal(await committedOffset(), 5);
    isError(await producer.end(true), 'NONE');
    isError(await producer.end(false), 'INVALID_TXN_STATE');

    isError(await producer.addPartitions(), 'NONE');
    isError(await producer.produce('dropped'), 'NONE');
    isError(await producer.addOffsets(), 'NONE');
    isError(await producer.commitOffset(9), 'NONE');
    isError(await producer.end(false), 'NONE');
    assert.deepEqual(await valuesOf(wire.broker.topics, partition), ['kept']);
    assert.equal(await committedOffset(), 5);
  });

  it('may write only where its transaction is open', async () => {
    const producer = await begin('announced');
    isError(await producer.produce('unannounced'), 'INVALID_TXN_STATE');
    isError(await producer.commitOffset(1), 'INVALID_TXN_STATE');
    isError(await producer.addPartitions('nowhere'), 'UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('is fenced by the next one, which ends what was open', async () => {
    const earlier = await begin('fenced');
    await earlier.addPartitions();
    await earlier.produce('zombie');
    const later = await begin('fenced');
    isError(await earlier.end(true), 'PRODUCER_FENCED');
    isError(await earlier.produce('late'), 'INVALID_PRODUCER_EPOCH');
    isError(await later.addPartitions(), 'NONE');
    isError(await later.produce('living'), 'NONE');
    isError(await later.end(true), 'NONE');
    assert.deepEqual(await valuesOf(wire.broker.topics, partition), ['kept', 'living']);
  });

  it('needs a reasonable time-out and an id', async () => {
    const init = async (transactionalId: string, transactionTimeoutMs: number) =>
      (
        await wire.client.request('InitProducerId', 4, {
          transactionalId,
          transactionTimeoutMs,
          producerId: -1,
          producerEpoch: -1,
        })
      ).errorCode;
    isError(await init('x', 900_001), 'INVALID_TRANSACTION_TIMEOUT');
    isError(await init('', 1000), 'INVALID_REQUEST');
  });
});
