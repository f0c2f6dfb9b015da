import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { after, before, describe, it } from 'node:test';
import { RawClient } from '../../../test/support/raw-client.ts';
import { batchOf, valuesOf } from '../../../test/support/records.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { type ErrorName, errorCode } from '../../protocol/errors.ts';
import { MESSAGES } from '../../protocol/messages.gen.ts';
import { sealBatch } from '../../record/batch-builder.ts';
import { Broker } from '../broker.ts';
import { BROKER_CONFIGS } from '../config/broker-configs.ts';
import { TOPIC_CONFIGS } from '../config/topic-configs.ts';

const TOPIC = 2;
const BROKER = 4;
const SET = 0;

let broker: Broker;
let client: RawClient;

before(async () => {
  broker = await Broker.start({
    fs: new MemoryFileSystem(),
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(3),
    logger: silentLogger,
    listen: { host: '127.0.0.1', port: 0 },
    config: { 'log.retention.ms': '5000' },
  });
  client = await RawClient.connect(Number(broker.address.split(':')[1]));
});

after(async () => {
  client.close();
  await broker.stop();
});

const isError = (actual: number, name: ErrorName) => assert.equal(actual, errorCode(name));

async function createTopic(name: string, numPartitions = 1): Promise<void> {
  const topics = [{ name, numPartitions, replicationFactor: 1 }];
  const response = await client.request('CreateTopics', 7, { topics, timeoutMs: 1000 });
  isError(response.topics[0]!.errorCode, 'NONE');
}

describe('the list of APIs', () => {
  it('advertises versions that exist, and each API once', async () => {
    const { apiKeys } = await client.request('ApiVersions', 3, {
      clientSoftwareName: 'x',
      clientSoftwareVersion: '1',
    });
    assert.equal(new Set(apiKeys.map(({ apiKey }) => apiKey)).size, apiKeys.length);
    const requests = Object.entries(MESSAGES).filter(([, message]) => message.kind === 'request');
    for (const { apiKey, minVersion, maxVersion } of apiKeys) {
      const [name, message] = requests.find(([, { key }]) => key === apiKey)!;
      const [first, last] = message.versions;
      // KAFKA-18659: Produce is advertised from 0 and accepted from 3.
      assert.ok(minVersion >= first || name === 'ProduceRequest', `${name} from ${minVersion}`);
      assert.ok(maxVersion <= last, `${name} to ${maxVersion}`);
    }
  });
});

describe('authorized operations', () => {
  const ALL = { cluster: 0b1_1111_1010_0000, topic: 0b1101_1111_1000, group: 0b1101_0100_1000 };
  const UNASKED = -2147483648;

  it('are all there are, for who asks: there is no authorizer', async () => {
    await createTopic('permitted');
    for (const asked of [true, false]) {
      const answer = <T>(all: T) => (asked ? all : UNASKED);
      const topics = await client.request('Metadata', 10, {
        topics: [{ name: 'permitted' }],
        includeTopicAuthorizedOperations: asked,
        includeClusterAuthorizedOperations: asked,
      });
      assert.equal(topics.topics[0]!.topicAuthorizedOperations, answer(ALL.topic));
      assert.equal(topics.clusterAuthorizedOperations, answer(ALL.cluster));
      const cluster = await client.request('DescribeCluster', 1, {
        includeClusterAuthorizedOperations: asked,
      });
      assert.equal(cluster.clusterAuthorizedOperations, answer(ALL.cluster));
    }
    const described = await client.request('DescribeTopicPartitions', 0, { topics: [{ name: 'permitted' }] });
    assert.equal(described.topics[0]!.topicAuthorizedOperations, ALL.topic);
  });

  it('of a group', async () => {
    const topics = [{ name: 'permitted', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }];
    await client.request('OffsetCommit', 9, { groupId: 'permitted', topics });
    const { groups } = await client.request('DescribeGroups', 5, {
      groups: ['permitted'],
      includeAuthorizedOperations: true,
    });
    assert.equal(groups[0]!.authorizedOperations, ALL.group);
  });
});

describe('features', () => {
  const finalized = async () => {
    const { finalizedFeatures, finalizedFeaturesEpoch } = await client.request('ApiVersions', 4, {});
    const level = finalizedFeatures.find(({ name }) => name === 'metadata.version')?.maxVersionLevel;
    return { level, epoch: finalizedFeaturesEpoch };
  };
  const update = (maxVersionLevel: number, upgradeType: number, validateOnly = false) =>
    client.request('UpdateFeatures', 2, {
      featureUpdates: [{ feature: 'metadata.version', maxVersionLevel, upgradeType }],
      validateOnly,
    });

  it('are announced with level 0 only to clients that can read it (KAFKA-17011)', async () => {
    for (const [version, lowest] of [[3, 1] as const, [4, 0] as const]) {
      const { supportedFeatures } = await client.request('ApiVersions', version, {});
      const kraft = supportedFeatures.find(({ name }) => name === 'kraft.version');
      assert.deepEqual(kraft, { name: 'kraft.version', minVersion: lowest, maxVersion: 1 });
    }
  });

  it('go down and up again, and the epoch rises', async () => {
    const before = await finalized();
    isError((await update(25, 2, true)).errorCode, 'NONE');
    assert.deepEqual(await finalized(), before);
    isError((await update(25, 2)).errorCode, 'NONE');
    const lowered = await finalized();
    assert.equal(lowered.level, 25);
    assert.ok(lowered.epoch > before.epoch);
    const refused = await update(25, 1);
    isError(refused.errorCode, 'NONE');
    const tooHigh = await update(99, 1);
    isError(tooHigh.errorCode, 'INVALID_UPDATE_VERSION');
    assert.match(tooHigh.errorMessage ?? '', /only supports versions 7-27/);
    isError((await update(before.level!, 1)).errorCode, 'NONE');
    assert.equal((await finalized()).level, before.level);
  });
});

describe('topics over the wire', () => {
  it('are described by id, with a name beside it or without', async () => {
    await createTopic('named');
    const [{ topicId } = { topicId: '' }] = await broker.topics.describe(['named']);
    const gone = 'f'.repeat(32);
    for (const name of [null, '']) {
      const { topics } = await client.request('Metadata', 12, {
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
    const asked = await client.request('Metadata', 9, { topics, allowAutoTopicCreation: false });
    const paged = await client.request('DescribeTopicPartitions', 0, { topics });
    for (const answer of [asked.topics, paged.topics]) {
      const errorOf = (name: string) => answer.find((topic) => topic.name === name)!.errorCode;
      isError(errorOf('no topic'), 'INVALID_TOPIC_EXCEPTION');
      isError(errorOf('absent'), 'UNKNOWN_TOPIC_OR_PARTITION');
    }
  });

  it('answer a refused batch with the records at fault', async () => {
    const configs = [{ name: 'cleanup.policy', value: 'compact' }];
    const topics = [{ name: 'keyed', numPartitions: 1, replicationFactor: 1, configs }];
    await client.request('CreateTopics', 7, { topics, timeoutMs: 1000 });
    const records = batchOf('without a key');
    sealBatch(records);
    const { responses } = await client.request('Produce', 9, {
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
      const response = await client.request('CreateTopics', version, { topics, timeoutMs: 1000 });
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
      return (await client.request('CreateTopics', 7, { topics, timeoutMs: 1000 })).topics[0]!.errorCode;
    };
    isError(await assign(1), 'NONE');
    isError(await assign(2), 'INVALID_REPLICA_ASSIGNMENT');
    isError(await assign(1, 2), 'INVALID_REPLICA_ASSIGNMENT');
  });

  it('are deleted by name and by id', async () => {
    await createTopic('by-name');
    await createTopic('by-id');
    const [{ topicId } = { topicId: '' }] = await broker.topics.describe(['by-id']);
    const topics = [
      { name: 'by-name' },
      { name: null, topicId },
      { name: null, topicId: 'f'.repeat(32) },
      { name: 'no' },
    ];
    const { responses } = await client.request('DeleteTopics', 6, { topics, timeoutMs: 1000 });
    const expected: ErrorName[] = ['NONE', 'NONE', 'UNKNOWN_TOPIC_ID', 'UNKNOWN_TOPIC_OR_PARTITION'];
    assert.deepEqual(
      responses.map((response) => response.errorCode),
      expected.map(errorCode),
    );
    assert.deepEqual(await broker.topics.describe(['by-name', 'by-id']), []);
  });

  it('lose their beginning to DeleteRecords', async () => {
    await createTopic('trimmed');
    const partition = { topic: 'trimmed', partition: 0 };
    for (const value of ['a', 'b', 'c']) await broker.topics.append({ ...partition, batch: batchOf(value) });
    const remove = async (offset: number) => {
      const topics = [{ name: 'trimmed', partitions: [{ partitionIndex: 0, offset }] }];
      return (await client.request('DeleteRecords', 2, { topics, timeoutMs: 1000 })).topics[0]!
        .partitions[0]!;
    };
    assert.equal((await remove(2)).lowWatermark, 2);
    assert.deepEqual(await valuesOf(broker.topics, partition), ['c']);
    isError((await remove(9)).errorCode, 'OFFSET_OUT_OF_RANGE');
    assert.equal((await remove(-1)).lowWatermark, 3);
    const own = [{ name: '__millrace_metadata', partitions: [{ partitionIndex: 0, offset: -1 }] }];
    const refused = await client.request('DeleteRecords', 2, { topics: own, timeoutMs: 1000 });
    isError(refused.topics[0]!.partitions[0]!.errorCode, 'INVALID_TOPIC_EXCEPTION');
    const configs = [{ name: 'cleanup.policy', value: 'compact' }];
    const compacted = [{ name: 'kept', numPartitions: 1, replicationFactor: 1, configs }];
    await client.request('CreateTopics', 7, { topics: compacted, timeoutMs: 1000 });
    const topics = [{ name: 'kept', partitions: [{ partitionIndex: 0, offset: -1 }] }];
    const kept = await client.request('DeleteRecords', 2, { topics, timeoutMs: 1000 });
    isError(kept.topics[0]!.partitions[0]!.errorCode, 'POLICY_VIOLATION');
  });
});

describe('configuration over the wire', () => {
  const describeOne = async (resourceType: number, resourceName: string) => {
    const resources = [{ resourceType, resourceName, configurationKeys: null }];
    const request = { resources, includeSynonyms: true, includeDocumentation: true };
    return (await client.request('DescribeConfigs', 4, request)).results[0]!;
  };

  it('shows every config with type and documentation', async () => {
    await createTopic('described');
    for (const [type, name, table] of [
      [TOPIC, 'described', TOPIC_CONFIGS],
      [BROKER, '1', BROKER_CONFIGS],
    ] as const) {
      const { configs } = await describeOne(type, name);
      assert.deepEqual(
        configs.map((config) => config.name),
        [...table.values()].filter(({ internal }) => !internal).map((definition) => definition.name),
      );
      assert.ok(configs.every(({ configType, documentation }) => configType > 0 && documentation));
    }
  });

  it('says where a value comes from, and a change counts at once', async () => {
    await createTopic('altered');
    const retention = async () => {
      const { configs } = await describeOne(TOPIC, 'altered');
      const { value, configSource, synonyms } = configs.find(({ name }) => name === 'retention.ms')!;
      return [value, configSource, synonyms.map((synonym) => `${synonym.name}=${synonym.value}`).join(' ')];
    };
    const inherited = 'log.retention.ms=5000 log.retention.hours=168';
    assert.deepEqual(await retention(), ['5000', 4, inherited]);
    const configs = [{ name: 'retention.ms', configOperation: SET, value: '9' }];
    const resources = [{ resourceType: TOPIC, resourceName: 'altered', configs }];
    await client.request('IncrementalAlterConfigs', 1, { resources });
    assert.deepEqual(await retention(), ['9', 1, `retention.ms=9 ${inherited}`]);
    const limit = {
      resourceType: TOPIC,
      resourceName: 'altered',
      configs: [{ name: 'max.message.bytes', value: '80' }],
    };
    await client.request('AlterConfigs', 2, { resources: [limit] });
    assert.deepEqual((await retention())[0], '5000', 'the old form resets what it does not name');
    const append = broker.topics.append({ topic: 'altered', partition: 0, batch: batchOf('x'.repeat(100)) });
    await assert.rejects(append, /max\.message\.bytes/);
  });

  it('refuses what does not exist', async () => {
    isError((await describeOne(TOPIC, 'nowhere')).errorCode, 'UNKNOWN_TOPIC_OR_PARTITION');
    isError((await describeOne(BROKER, '7')).errorCode, 'INVALID_REQUEST');
    isError((await describeOne(99, 'x')).errorCode, 'INVALID_REQUEST');
  });
});

describe('a transactional client', () => {
  const group = { groupId: 'tx-group', memberId: '', groupInstanceId: null, generationId: -1 };
  const partition = { topic: 'tx', partition: 0 };

  before(() => createTopic('tx'));

  async function begin(transactionalId: string) {
    const { producerId, producerEpoch } = await client.request('InitProducerId', 4, {
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
      return (await client.request('Produce', 9, request)).responses[0]!.partitionResponses[0]!.errorCode;
    };
    const addPartitions = async (name = 'tx') =>
      (
        await client.request('AddPartitionsToTxn', 3, {
          v3AndBelowTransactionalId: transactionalId,
          v3AndBelowProducerId: producerId,
          v3AndBelowProducerEpoch: producerEpoch,
          v3AndBelowTopics: [{ name, partitions: [0] }],
        })
      ).resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode;
    const end = async (committed: boolean) =>
      (await client.request('EndTxn', 3, { ...owner, committed })).errorCode;
    const addOffsets = async () =>
      (await client.request('AddOffsetsToTxn', 3, { ...owner, groupId: group.groupId })).errorCode;
    const commitOffset = async (committedOffset: number) => {
      const partitions = [
        { partitionIndex: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: 'm' },
      ];
      const topics = [{ name: 'tx', partitions }];
      const response = await client.request('TxnOffsetCommit', 3, { ...owner, ...group, topics });
      return response.topics[0]!.partitions[0]!.errorCode;
    };
    return { produce, addPartitions, end, addOffsets, commitOffset };
  }

  async function committedOffset(): Promise<number> {
    const groups = [{ groupId: group.groupId, topics: null }];
    const response = await client.request('OffsetFetch', 8, { groups, requireStable: true });
    return response.groups[0]!.topics[0]!.partitions[0]!.committedOffset;
  }

  it('commits records and offsets together, and aborts them together', async () => {
    const producer = await begin('together');
    isError(await producer.addPartitions(), 'NONE');
    isError(await producer.produce('kept'), 'NONE');
    isError(await producer.addOffsets(), 'NONE');
    isError(await producer.commitOffset(5), 'NONE');
    assert.deepEqual(await valuesOf(broker.topics, partition), []);
    isError(await producer.end(true), 'NONE');
    assert.deepEqual(await valuesOf(broker.topics, partition), ['kept']);
    assert.equal(await committedOffset(), 5);
    isError(await producer.end(true), 'NONE');
    isError(await producer.end(false), 'INVALID_TXN_STATE');

    isError(await producer.addPartitions(), 'NONE');
    isError(await producer.produce('dropped'), 'NONE');
    isError(await producer.addOffsets(), 'NONE');
    isError(await producer.commitOffset(9), 'NONE');
    isError(await producer.end(false), 'NONE');
    assert.deepEqual(await valuesOf(broker.topics, partition), ['kept']);
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
    assert.deepEqual(await valuesOf(broker.topics, partition), ['kept', 'living']);
  });

  it('needs a reasonable time-out and an id', async () => {
    const init = async (transactionalId: string, transactionTimeoutMs: number) =>
      (
        await client.request('InitProducerId', 4, {
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

describe('groups over the wire', () => {
  it('join, sync and commit in every version of the protocol', async () => {
    await createTopic('grouped');
    for (let version = 0; version <= 9; version++) {
      const groupId = `g${version}`;
      const request = {
        ...{ groupId, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
        protocols: [{ name: 'range', metadata: Buffer.alloc(6) }],
      };
      let joined = await client.request('JoinGroup', version, { ...request, memberId: '' });
      if (version >= 4) {
        isError(joined.errorCode, 'MEMBER_ID_REQUIRED');
        joined = await client.request('JoinGroup', version, { ...request, memberId: joined.memberId });
      }
      isError(joined.errorCode, 'NONE');
      const { memberId, generationId } = joined;
      assert.equal(joined.leader, memberId);
      const syncVersion = Math.min(version, 5);
      const synced = await client.request('SyncGroup', syncVersion, {
        ...{ groupId, memberId, generationId, protocolType: 'consumer', protocolName: 'range' },
        assignments: [{ memberId, assignment: Buffer.from('mine') }],
      });
      assert.equal(synced.assignment.toString(), 'mine');
      const beat = await client.request('Heartbeat', Math.min(version, 4), {
        groupId,
        memberId,
        generationId,
      });
      isError(beat.errorCode, 'NONE');
      const partitions = [
        { partitionIndex: 0, committedOffset: version, committedMetadata: 'm' },
        { partitionIndex: 1, committedOffset: 1, committedMetadata: 'm' },
      ];
      const commit = await client.request('OffsetCommit', Math.max(2, version), {
        ...{ groupId, memberId, generationIdOrMemberEpoch: generationId },
        topics: [{ name: 'grouped', partitions }],
      });
      isError(commit.topics[0]!.partitions[0]!.errorCode, 'NONE');
      isError(commit.topics[0]!.partitions[1]!.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION');
      const [description] = (
        await client.request('DescribeGroups', Math.min(version, 6), { groups: [groupId] })
      ).groups;
      assert.equal(description!.groupState, 'Stable');
      assert.equal(description!.members[0]!.memberAssignment.toString(), 'mine');
      const leaving = { groupId, memberId, members: [{ memberId }] };
      isError((await client.request('LeaveGroup', Math.min(version, 5), leaving)).errorCode, 'NONE');
    }
    const { groups } = await client.request('ListGroups', 5, { statesFilter: ['empty'], typesFilter: [] });
    assert.ok(groups.some(({ groupId }) => groupId === 'g9'));
  });

  it('give their offsets back in every version', async () => {
    for (let version = 1; version <= 9; version++) {
      const topics = [{ name: 'grouped', partitionIndexes: [0, 1] }];
      const request = version < 8 ? { groupId: 'g9', topics } : { groups: [{ groupId: 'g9', topics }] };
      const response = await client.request('OffsetFetch', version, request);
      const found = version < 8 ? response.topics : response.groups[0]!.topics;
      assert.deepEqual(
        found[0]!.partitions.map((partition) => partition.committedOffset),
        [9, -1],
      );
      assert.equal(found[0]!.partitions[0]!.metadata, 'm');
    }
  });

  it('are found at the address the client already uses, in every version', async () => {
    const [host, port] = broker.address.split(':');
    for (let version = 0; version <= 6; version++) {
      const request = version < 4 ? { key: 'g' } : { keyType: 0, coordinatorKeys: ['g'] };
      const response = await client.request('FindCoordinator', version, request);
      const found = version < 4 ? response : response.coordinators[0]!;
      assert.deepEqual([found.host, found.port, found.errorCode], [host, Number(port), 0]);
    }
  });

  it('forget offsets and themselves when told to', async () => {
    const topics = [{ name: 'grouped', partitions: [{ partitionIndex: 0 }] }];
    const forgotten = await client.request('OffsetDelete', 0, { groupId: 'g8', topics });
    isError(forgotten.topics[0]!.partitions[0]!.errorCode, 'NONE');
    const { results } = await client.request('DeleteGroups', 2, { groupsNames: ['g7', 'nobody'] });
    assert.deepEqual(
      results.map((result) => result.errorCode),
      [0, errorCode('GROUP_ID_NOT_FOUND')],
    );
  });

  it('are Dead when nobody knows them, and an error since version 6', async () => {
    for (const [version, error] of [
      [5, 'NONE'],
      [6, 'GROUP_ID_NOT_FOUND'],
    ] as const) {
      const [group] = (await client.request('DescribeGroups', version, { groups: ['nobody'] })).groups;
      assert.equal(group!.groupState, 'Dead');
      isError(group!.errorCode, error);
    }
  });
});
