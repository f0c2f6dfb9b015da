import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchOf, valuesOf } from '../../../test/support/records.ts';
import { isError, ServedBroker } from '../../../test/support/served-broker.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { sealBatch } from '../../record/batch-builder.ts';

const wire = new ServedBroker();

describe('topics over the wire', () => {
  it('are described by id, with a name beside it or without', async () => {
    await wire.createTopic('named');
    const [{ topicId } = { topicId: '' }] = await wire.broker.topics.describe(['named']);
    const gone = 'f'.repeat(32);
    for (const name of [null, '']) {
      const { topics } = await wire.client.request('Metadata', 12, {
        topics: [
          { name, topicId },
          { name, topicId: gone },
        ],
      });
      assert.deepEqual(
        topics.map((topic) => [topic.name, topic.topicId, topic.errorCode]),
        [
          ['named', topicId, errorCode('NONE')],
          [null, gone, errorCode('UNKNOWN_TOPIC_ID')],
        ],
      );
    }
  });

  it('that no name allows are told from those that are not there', async () => {
    const topics = [{ name: 'no topic' }, { name: 'absent' }];
    const asked = await wire.client.request('Metadata', 9, { topics, allowAutoTopicCreation: false });
    const paged = await wire.client.request('DescribeTopicPartitions', 0, { topics });
    for (const answer of [asked.topics, paged.topics]) {
      const errorOf = (name: string) => answer.find((topic) => topic.name === name)!.errorCode;
      isError(errorOf('no topic'), 'INVALID_TOPIC_EXCEPTION');
      isError(errorOf('absent'), 'UNKNOWN_TOPIC_OR_PARTITION');
    }
  });

  it('answer a refused batch with the records at fault', async () => {
    const configs = [{ name: 'cleanup.policy', value: 'compact' }];
    const topics = [{ name: 'keyed', numPartitions: 1, replicationFactor: 1, configs }];
    await wire.client.request('CreateTopics', 7, { topics, timeoutMs: 1000 });
    const records = batchOf('without a key');
    sealBatch(records);
    const { responses } = await wire.client.request('Produce', 9, {
      acks: -1,
      timeoutMs: 1000,
      topicData: [{ name: 'keyed', partitionData: [{ index: 0, records }] }],
    });
    const [partition] = responses[0]!.partitionResponses;
    isError(partition!.errorCode, 'INVALID_RECORD');
    assert.deepEqual(
      partition!.recordErrors.map(({ batchIndex }) => batchIndex),
      [0],
    );
  });

  it('are created in every version, and answered with their configuration', async () => {
    for (let version = 2; version <= 7; version++) {
      const name = `created-${version}`;
      const topics = [
        { name, numPartitions: 2, replicationFactor: 1, configs: [{ name: 'retention.ms', value: '7' }] },
      ];
      const response = await wire.client.request('CreateTopics', version, { topics, timeoutMs: 1000 });
      const [topic] = response.topics;
      isError(topic!.errorCode, 'NONE');
      if (version < 5) continue;
      assert.equal(topic!.numPartitions, 2);
      assert.equal(topic!.configs?.find((config) => config.name === 'retention.ms')?.value, '7');
    }
  });

  it('take a replica assignment that names this node alone', async () => {
    const assign = async (...brokerIds: number[]) => {
      const assignments = [{ partitionIndex: 0, brokerIds }];
      const topics = [
        {
          name: `assigned-${brokerIds}`.replaceAll(',', '-'),
          numPartitions: -1,
          replicationFactor: -1,
          assignments,
        },
      ];
      return (await wire.client.request('CreateTopics', 7, { topics, timeoutMs: 1000 })).topics[0]!.errorCode;
    };
    isError(await assign(1), 'NONE');
    isError(await assign(2), 'INVALID_REPLICA_ASSIGNMENT');
    isError(await assign(1, 2), 'INVALID_REPLICA_ASSIGNMENT');
  });

  it('are deleted by name and by id', async () => {
    await wire.createTopic('by-name');
    await wire.createTopic('by-id');
    const [{ topicId } = { topicId: '' }] = await wire.broker.topics.describe(['by-id']);
    const topics = [
      { name: 'by-name' },
      { name: null, topicId },
      { name: null, topicId: 'f'.repeat(32) },
      { name: 'no' },
    ];
    const { responses } = await wire.client.request('DeleteTopics', 6, { topics, timeoutMs: 1000 });
    const expected: ErrorName[] = ['NONE', 'NONE', 'UNKNOWN_TOPIC_ID', 'UNKNOWN_TOPIC_OR_PARTITION'];
    assert.deepEqual(
      responses.map((response) => response.errorCode),
      expected.map(errorCode),
    );
    assert.deepEqual(await wire.broker.topics.describe(['by-name', 'by-id']), []);
  });

  it('lose their beginning to DeleteRecords', async () => {
    await wire.createTopic('trimmed');
    const partition = { topic: 'trimmed', partition: 0 };
    for (const value of ['a', 'b', 'c'])
      await wire.broker.topics.append({ ...partition, batch: batchOf(value) });
    const remove = async (offset: number) => {
      const topics = [{ name: 'trimmed', partitions: [{ partitionIndex: 0, offset }] }];
      return (await wire.client.request('DeleteRecords', 2, { topics, timeoutMs: 1000 })).topics[0]!
        .partitions[0]!;
    };
    assert.equal((await remove(2)).lowWatermark, 2);
    assert.deepEqual(await valuesOf(wire.broker.topics, partition), ['c']);
    isError((await remove(9)).errorCode, 'OFFSET_OUT_OF_RANGE');
    assert.equal((await remove(-1)).lowWatermark, 3);
    const own = [{ name: '__millrace_metadata', partitions: [{ partitionIndex: 0, offset: -1 }] }];
    const refused = await wire.client.request('DeleteRecords', 2, { topics: own, timeoutMs: 1000 });
    isError(refused.topics[0]!.partitions[0]!.errorCode, 'INVALID_TOPIC_EXCEPTION');
    const configs = [{ name: 'cleanup.policy', value: 'compact' }];
    const compacted = [{ name: 'kept', numPartitions: 1, replicationFactor: 1, configs }];
    await wire.client.request('CreateTopics', 7, { topics: compacted, timeoutMs: 1000 });
    const topics = [{ name: 'kept', partitions: [{ partitionIndex: 0, offset: -1 }] }];
    const kept = await wire.client.request('DeleteRecords', 2, { topics, timeoutMs: 1000 });
    isError(kept.topics[0]!.partitions[0]!.errorCode, 'POLICY_VIOLATION');
  });
});
