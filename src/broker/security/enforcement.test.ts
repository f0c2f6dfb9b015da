import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { RawClient } from '../../../test/support/raw-client.ts';
import {
  ANY_FILTER,
  acl,
  clientOf,
  lines,
  nameOf,
  startBroker,
} from '../../../test/support/secure-broker.ts';
import { clientBatch } from '../../log/log-fixture.ts';
import type { Draft } from '../../protocol/draft.ts';
import type { ApiName, Requests, Responses } from '../../protocol/messages.gen.ts';
import { CLUSTER_NAME, type Operation, type ResourceType } from '../access.ts';
import type { Broker } from '../broker.ts';
import { operations } from './acl.ts';

/** What a request needs, and where its answer says that it is not allowed. */
interface Case<Name extends ApiName = ApiName> {
  readonly name: Name;
  readonly version: number;
  readonly request: Draft<Requests[Name]>;
  readonly needs: readonly (readonly [Operation, ResourceType, string])[];
  readonly codeOf: (response: Responses[Name]) => number | undefined;
  readonly denied: string;
}

function needing<Name extends ApiName>(
  name: Name,
  version: number,
  request: Draft<Requests[Name]>,
  needs: Case['needs'],
  codeOf: (response: Responses[Name]) => number | undefined,
  denied: string,
): Case {
  return { name, version, request, needs, codeOf, denied } as Case<Name> as unknown as Case;
}

const TOPIC_DENIED = 'TOPIC_AUTHORIZATION_FAILED';
const CLUSTER_DENIED = 'CLUSTER_AUTHORIZATION_FAILED';
const GROUP_DENIED = 'GROUP_AUTHORIZATION_FAILED';
const TRANSACTION_DENIED = 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED';
const CLUSTER = ['CLUSTER', CLUSTER_NAME] as const;

const at = (partition: number) => ({ topic: 't', partitions: [{ partition, partitionMaxBytes: 100 }] });
const produceRequest = (transactionalId: string | null) => ({
  transactionalId,
  acks: -1,
  topicData: [{ name: 't', partitionData: [{ index: 0, records: clientBatch('a') }] }],
});
const configs = (resourceType: number, resourceName: string) => ({
  resources: [{ resourceType, resourceName, configs: [] }],
});
const txn = { transactionalId: 'x', producerId: 1, producerEpoch: 0 };

const CASES: readonly Case[] = [
  needing(
    'Produce',
    9,
    produceRequest(null),
    [['WRITE', 'TOPIC', 't']],
    (r) => r.responses[0]?.partitionResponses[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'Produce',
    9,
    produceRequest('x'),
    [
      ['WRITE', 'TRANSACTIONAL_ID', 'x'],
      ['WRITE', 'TOPIC', 't'],
    ],
    (r) => r.responses[0]?.partitionResponses[0]?.errorCode,
    TRANSACTION_DENIED,
  ),
  needing(
    'Fetch',
    12,
    { maxBytes: 100, topics: [at(0)] },
    [['READ', 'TOPIC', 't']],
    (r) => r.responses[0]?.partitions[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'ListOffsets',
    7,
    { topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp: -1 }] }] },
    [['DESCRIBE', 'TOPIC', 't']],
    (r) => r.topics[0]?.partitions[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'Metadata',
    12,
    { topics: [{ name: 't' }] },
    [['DESCRIBE', 'TOPIC', 't']],
    (r) => r.topics[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'CreateTopics',
    7,
    { topics: [{ name: 'new', numPartitions: 1, replicationFactor: 1 }], validateOnly: true },
    [['CREATE', 'TOPIC', 'new']],
    (r) => r.topics[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'CreateTopics',
    7,
    { topics: [{ name: 'new', numPartitions: 1, replicationFactor: 1 }], validateOnly: true },
    [['CREATE', ...CLUSTER]],
    (r) => r.topics[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'DeleteTopics',
    5,
    { topicNames: ['t'] },
    [['DELETE', 'TOPIC', 't']],
    (r) => r.responses[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'DeleteRecords',
    2,
    { topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset: 0 }] }] },
    [['DELETE', 'TOPIC', 't']],
    (r) => r.topics[0]?.partitions[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'InitProducerId',
    4,
    { transactionalId: null },
    [['IDEMPOTENT_WRITE', ...CLUSTER]],
    (r) => r.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'InitProducerId',
    4,
    { transactionalId: null },
    [['WRITE', 'TOPIC', 'anywhere']],
    (r) => r.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'InitProducerId',
    4,
    { transactionalId: 'x', transactionTimeoutMs: 1000 },
    [['WRITE', 'TRANSACTIONAL_ID', 'x']],
    (r) => r.errorCode,
    TRANSACTION_DENIED,
  ),
  needing(
    'OffsetForLeaderEpoch',
    4,
    { topics: [{ topic: 't', partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }] },
    [['DESCRIBE', 'TOPIC', 't']],
    (r) => r.topics[0]?.partitions[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'AddPartitionsToTxn',
    3,
    { v3AndBelowTransactionalId: 'x', v3AndBelowTopics: [{ name: 't', partitions: [0] }] },
    [
      ['WRITE', 'TRANSACTIONAL_ID', 'x'],
      ['WRITE', 'TOPIC', 't'],
    ],
    (r) => r.resultsByTopicV3AndBelow[0]?.resultsByPartition[0]?.partitionErrorCode,
    TRANSACTION_DENIED,
  ),
  needing(
    'AddOffsetsToTxn',
    3,
    { ...txn, groupId: 'g' },
    [
      ['WRITE', 'TRANSACTIONAL_ID', 'x'],
      ['READ', 'GROUP', 'g'],
    ],
    (r) => r.errorCode,
    TRANSACTION_DENIED,
  ),
  needing('EndTxn', 3, txn, [['WRITE', 'TRANSACTIONAL_ID', 'x']], (r) => r.errorCode, TRANSACTION_DENIED),
  needing(
    'TxnOffsetCommit',
    3,
    {
      ...txn,
      groupId: 'g',
      topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }],
    },
    [
      ['WRITE', 'TRANSACTIONAL_ID', 'x'],
      ['READ', 'GROUP', 'g'],
      ['READ', 'TOPIC', 't'],
    ],
    (r) => r.topics[0]?.partitions[0]?.errorCode,
    TRANSACTION_DENIED,
  ),
  needing('DescribeAcls', 3, ANY_FILTER, [['DESCRIBE', ...CLUSTER]], (r) => r.errorCode, CLUSTER_DENIED),
  needing(
    'CreateAcls',
    3,
    { creations: [acl('x', 'READ', 'TOPIC', 'x')] },
    [['ALTER', ...CLUSTER]],
    (r) => r.results[0]?.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'DeleteAcls',
    3,
    { filters: [{ ...ANY_FILTER, principalFilter: 'User:x' }] },
    [['ALTER', ...CLUSTER]],
    (r) => r.filterResults[0]?.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'DescribeConfigs',
    4,
    { resources: [{ resourceType: 2, resourceName: 't' }] },
    [['DESCRIBE_CONFIGS', 'TOPIC', 't']],
    (r) => r.results[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'DescribeConfigs',
    4,
    { resources: [{ resourceType: 4, resourceName: '1' }] },
    [['DESCRIBE_CONFIGS', ...CLUSTER]],
    (r) => r.results[0]?.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'AlterConfigs',
    2,
    configs(2, 't'),
    [['ALTER_CONFIGS', 'TOPIC', 't']],
    (r) => r.responses[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'IncrementalAlterConfigs',
    1,
    configs(4, '1'),
    [['ALTER_CONFIGS', ...CLUSTER]],
    (r) => r.responses[0]?.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'DescribeLogDirs',
    4,
    { topics: null },
    [['DESCRIBE', ...CLUSTER]],
    (r) => r.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'CreatePartitions',
    3,
    { topics: [{ name: 't', count: 2 }], validateOnly: true },
    [['ALTER', 'TOPIC', 't']],
    (r) => r.results[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'ListPartitionReassignments',
    0,
    { topics: null },
    [['DESCRIBE', ...CLUSTER]],
    (r) => r.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'DescribeUserScramCredentials',
    0,
    { users: null },
    [['DESCRIBE', ...CLUSTER]],
    (r) => r.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'AlterUserScramCredentials',
    0,
    { deletions: [{ name: 'x', mechanism: 1 }] },
    [['ALTER', ...CLUSTER]],
    (r) => r.results[0]?.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'DescribeTopicPartitions',
    0,
    { topics: [{ name: 't' }], responsePartitionLimit: 10 },
    [['DESCRIBE', 'TOPIC', 't']],
    (r) => r.topics[0]?.errorCode,
    TOPIC_DENIED,
  ),
  needing(
    'OffsetCommit',
    8,
    { groupId: 'g', topics: [{ name: 't', partitions: [{ partitionIndex: 0, committedOffset: 0 }] }] },
    [
      ['READ', 'GROUP', 'g'],
      ['READ', 'TOPIC', 't'],
    ],
    (r) => r.topics[0]?.partitions[0]?.errorCode,
    GROUP_DENIED,
  ),
  needing(
    'OffsetFetch',
    7,
    { groupId: 'g', topics: null },
    [['DESCRIBE', 'GROUP', 'g']],
    (r) => r.errorCode,
    GROUP_DENIED,
  ),
  needing('FindCoordinator', 3, { key: 'g' }, [['DESCRIBE', 'GROUP', 'g']], (r) => r.errorCode, GROUP_DENIED),
  needing(
    'FindCoordinator',
    3,
    { key: 'x', keyType: 1 },
    [['DESCRIBE', 'TRANSACTIONAL_ID', 'x']],
    (r) => r.errorCode,
    TRANSACTION_DENIED,
  ),
  needing(
    'JoinGroup',
    5,
    { groupId: 'g', sessionTimeoutMs: 10_000, protocolType: 'consumer' },
    [['READ', 'GROUP', 'g']],
    (r) => r.errorCode,
    GROUP_DENIED,
  ),
  needing('Heartbeat', 3, { groupId: 'g' }, [['READ', 'GROUP', 'g']], (r) => r.errorCode, GROUP_DENIED),
  needing('LeaveGroup', 3, { groupId: 'g' }, [['READ', 'GROUP', 'g']], (r) => r.errorCode, GROUP_DENIED),
  needing('SyncGroup', 3, { groupId: 'g' }, [['READ', 'GROUP', 'g']], (r) => r.errorCode, GROUP_DENIED),
  needing(
    'DescribeGroups',
    5,
    { groups: ['g'] },
    [['DESCRIBE', 'GROUP', 'g']],
    (r) => r.groups[0]?.errorCode,
    GROUP_DENIED,
  ),
  needing(
    'DeleteGroups',
    2,
    { groupsNames: ['g'] },
    [['DELETE', 'GROUP', 'g']],
    (r) => r.results[0]?.errorCode,
    GROUP_DENIED,
  ),
  needing('OffsetDelete', 0, { groupId: 'g' }, [['DELETE', 'GROUP', 'g']], (r) => r.errorCode, GROUP_DENIED),
  needing(
    'ConsumerGroupHeartbeat',
    1,
    { groupId: 'g', memberId: 'm' },
    [['READ', 'GROUP', 'g']],
    (r) => r.errorCode,
    GROUP_DENIED,
  ),
  needing(
    'ConsumerGroupDescribe',
    1,
    { groupIds: ['g'] },
    [['DESCRIBE', 'GROUP', 'g']],
    (r) => r.groups[0]?.errorCode,
    GROUP_DENIED,
  ),
  needing(
    'ShareGroupHeartbeat',
    1,
    { groupId: 'g', memberId: 'm' },
    [['READ', 'GROUP', 'g']],
    (r) => r.errorCode,
    GROUP_DENIED,
  ),
  needing(
    'ElectLeaders',
    2,
    { topicPartitions: null },
    [['ALTER', ...CLUSTER]],
    (r) => r.errorCode,
    CLUSTER_DENIED,
  ),
  needing(
    'DescribeClientQuotas',
    1,
    {},
    [['DESCRIBE_CONFIGS', ...CLUSTER]],
    (r) => r.errorCode,
    CLUSTER_DENIED,
  ),
  needing('DescribeQuorum', 2, {}, [['DESCRIBE', ...CLUSTER]], (r) => r.errorCode, CLUSTER_DENIED),
  needing('UpdateFeatures', 1, {}, [['ALTER', ...CLUSTER]], (r) => r.errorCode, CLUSTER_DENIED),
];

describe('a client without rights', () => {
  let broker: Broker;
  let root: RawClient;
  let alice: RawClient;
  before(async () => {
    broker = await startBroker();
    root = await clientOf(broker, 'root');
    alice = await clientOf(broker, 'alice');
  });
  after(async () => {
    root.close();
    alice.close();
    await broker.stop();
  });

  const grant = (needs: Case['needs']) =>
    root.request('CreateAcls', 3, {
      creations: needs.map(([operation, type, name]) => acl('alice', operation, type, name)),
    });
  const revoke = () => root.request('DeleteAcls', 3, { filters: [ANY_FILTER] });

  for (const { name, version, request, needs, codeOf, denied } of CASES) {
    it(`needs ${needs.map(([operation, type]) => `${operation} ${type}`).join(', ')} for ${name}`, async () => {
      if ((await broker.topics.describe(['t'])).length === 0)
        await broker.topics.create({ name: 't', partitionCount: 1 });
      const ask = async () => nameOf(codeOf((await alice.request(name, version, request)) as never));
      assert.equal(await ask(), denied);
      await grant(needs);
      assert.doesNotMatch(await ask(), /AUTHORIZATION/);
      await revoke();
    });
  }

  it('sees no topic but its own in lists, and hears no name by an id', async () => {
    const secret = await broker.topics.create({ name: 'secret', partitionCount: 1 });
    await broker.topics.create({ name: 'mine', partitionCount: 1 });
    await grant([['READ', 'TOPIC', 'mine']]);
    const all = await alice.request('Metadata', 12, { topics: null });
    assert.deepEqual(
      all.topics.map(({ name }) => name),
      ['mine'],
    );
    const every = await alice.request('DescribeTopicPartitions', 0, {
      topics: [],
      responsePartitionLimit: 10,
    });
    assert.deepEqual(
      every.topics.map(({ name }) => name),
      ['mine'],
    );
    const byId = await alice.request('Metadata', 12, { topics: [{ topicId: secret.topicId, name: null }] });
    assert.deepEqual(
      byId.topics.map(({ name, errorCode }) => [name, nameOf(errorCode)]),
      [[null, TOPIC_DENIED]],
    );
    // What is not there looks the same as what may not be seen.
    const named = await alice.request('Metadata', 12, { topics: [{ name: 'secret' }, { name: 'nothing' }] });
    assert.deepEqual(
      named.topics.map(({ errorCode }) => nameOf(errorCode)),
      [TOPIC_DENIED, TOPIC_DENIED],
    );
    await revoke();
  });

  it('creates no topic by asking for it, unless it may', async () => {
    await grant([['DESCRIBE', 'TOPIC', 'auto']]);
    const ask = async () => {
      const { topics } = await alice.request('Metadata', 12, {
        topics: [{ name: 'auto' }],
        allowAutoTopicCreation: true,
      });
      return nameOf(topics[0]!.errorCode);
    };
    assert.equal(await ask(), TOPIC_DENIED);
    await grant([['CREATE', 'TOPIC', 'auto']]);
    assert.equal(await ask(), 'NONE');
    await revoke();
  });

  it('is told exactly what it may do', async () => {
    await grant([
      ['READ', 'TOPIC', 't'],
      ['ALTER_CONFIGS', 'TOPIC', 't'],
    ]);
    if ((await broker.topics.describe(['t'])).length === 0)
      await broker.topics.create({ name: 't', partitionCount: 1 });
    const { topics, clusterAuthorizedOperations } = await alice.request('Metadata', 10, {
      topics: [{ name: 't' }],
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: true,
    });
    const bits = (['READ', 'DESCRIBE', 'DESCRIBE_CONFIGS', 'ALTER_CONFIGS'] as const).map(
      (operation) => 1 << operations.codeOf(operation),
    );
    assert.equal(
      topics[0]!.topicAuthorizedOperations,
      bits.reduce((a, b) => a | b),
    );
    assert.equal(clusterAuthorizedOperations, 0);
    await revoke();
  });

  it('leaves a line for what it was denied', async () => {
    lines.length = 0;
    await alice.request('Metadata', 12, { topics: [{ name: 't' }] });
    assert.ok(lines.includes('denied User:alice 127.0.0.1 DESCRIBE TOPIC:t'), lines.join('\n'));
    await alice.request('Metadata', 12, { topics: null });
    assert.equal(lines.filter((each) => each.startsWith('denied')).length, 1);
  });
});
