import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it, type TestContext } from 'node:test';
import { openLocal } from '../../../test/support/local-storage.ts';
import { systemClock } from '../../base/clock.ts';
import { Metrics } from '../../base/metrics.ts';
import type { Draft } from '../../protocol/draft.ts';
import { errorByCode } from '../../protocol/errors.ts';
import { decodeResponse, encodeRequest } from '../../protocol/frame.ts';
import type { ApiName, Requests, Responses } from '../../protocol/messages.gen.ts';
import { type ConnectionContext, Dispatcher } from '../dispatcher.ts';
import { RequestMetrics } from '../request-metrics.ts';
import type { ControlPlane } from './control-plane.ts';
import { controlPlaneApis } from './control-plane-apis.ts';

const FRAME_LENGTH_BYTES = 4;

/** The handlers over a broker without sockets; what a client may not do is told like `READ GROUP g`. */
async function handlers(t: TestContext) {
  const { storage, registry, groups, transactions, close } = await openLocal();
  t.after(close);
  await registry.createTopics(
    ['seen', 'hidden'].map((name) => ({ name, partitionCount: 2, replicationFactor: 1 })),
    false,
  );
  const node = { clusterId: 'c', nodeId: 1 };
  const { settings } = storage;
  const plane = { node, registry, groups, transactions, settings, dataDir: '/' } as ControlPlane;
  const dispatcher = new Dispatcher(controlPlaneApis(plane), new RequestMetrics(new Metrics(), systemClock));
  const topicId = registry.find('seen')!.topicId;
  const ask = async <Name extends ApiName>(
    name: Name,
    version: number,
    request: Draft<Requests[Name]>,
    denied: readonly string[] = [],
  ): Promise<Responses[Name]> => {
    const frame = Buffer.concat(
      encodeRequest(name, version, { correlationId: 1, clientId: 'client' }, request),
    );
    const answer = await dispatcher.handle(frame.subarray(FRAME_LENGTH_BYTES), {
      ...{ connectionId: 1, clientHost: '127.0.0.1', listener: { host: 'h', port: 9092 } },
      ended: new AbortController().signal,
      access: {
        principal: 'User:one',
        may: (operation, type, resource) => !denied.includes(`${operation} ${type} ${resource}`),
      },
      maxResponseBytes: () => 1e6,
    } as ConnectionContext);
    return decodeResponse(name, version, Buffer.concat(answer!), FRAME_LENGTH_BYTES).message;
  };
  return { ask, registry, topicId };
}

const name = (code: number | undefined) => errorByCode(code ?? 0).name;
const JOIN = {
  ...{ groupId: 'g', memberId: 'm1', memberEpoch: 0, rebalanceTimeoutMs: 1000 },
  ...{ subscribedTopicNames: ['seen'], topicPartitions: [] },
};
const PARTITIONS = [
  { partitionIndex: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: '' },
];
const COMMIT = {
  ...{ groupId: 'g', memberId: '', generationIdOrMemberEpoch: -1 },
  topics: [
    { name: 'seen', partitions: PARTITIONS },
    { name: 'hidden', partitions: PARTITIONS },
  ],
};

describe('the consumer protocol over the wire', () => {
  it('joins, commits at its epoch, is listed and described', async (t) => {
    const { ask, topicId } = await handlers(t);
    const joined = await ask('ConsumerGroupHeartbeat', 1, JOIN);
    assert.equal(name(joined.errorCode), 'NONE');
    assert.deepEqual(joined.assignment?.topicPartitions, [{ topicId, partitions: [0, 1] }]);
    const offsets = { ...COMMIT, memberId: 'm1', generationIdOrMemberEpoch: 1 };
    const committed = await ask('OffsetCommit', 9, offsets);
    assert.deepEqual(
      committed.topics.map(({ partitions }) => name(partitions[0]!.errorCode)),
      ['NONE', 'NONE'],
    );
    const old = await ask('OffsetCommit', 8, offsets);
    assert.equal(name(old.topics[0]!.partitions[0]!.errorCode), 'UNSUPPORTED_VERSION');

    const { groups } = await ask('ConsumerGroupDescribe', 1, { groupIds: ['g', 'none', ''] });
    const [group, none, empty] = groups;
    assert.deepEqual([group!.groupState, group!.groupEpoch, group!.assignorName], ['Stable', 1, 'uniform']);
    const [member] = group!.members;
    assert.deepEqual([member!.clientHost, member!.memberType], ['/127.0.0.1', 1]);
    assert.deepEqual(member!.targetAssignment.topicPartitions[0]!.topicName, 'seen');
    assert.deepEqual(
      [name(none!.errorCode), none!.errorMessage],
      ['GROUP_ID_NOT_FOUND', 'Group none not found.'],
    );
    assert.equal(name(empty!.errorCode), 'INVALID_GROUP_ID');

    const classic = await ask('DescribeGroups', 6, { groups: ['g'] });
    assert.deepEqual(
      [name(classic.groups[0]!.errorCode), classic.groups[0]!.groupState, classic.groups[0]!.errorMessage],
      ['GROUP_ID_NOT_FOUND', 'Dead', 'Group g is not a classic group.'],
    );
    assert.equal(name((await ask('DescribeGroups', 5, { groups: ['g'] })).groups[0]!.errorCode), 'NONE');

    const list = async (filter: Draft<Requests['ListGroups']>) =>
      (await ask('ListGroups', 5, filter)).groups.map(({ groupId, groupType }) => [groupId, groupType]);
    assert.deepEqual(await list({}), [['g', 'consumer']]);
    assert.deepEqual(await list({ typesFilter: ['Consumer'], statesFilter: ['stable'] }), [
      ['g', 'consumer'],
    ]);
    assert.deepEqual(await list({ typesFilter: ['classic'] }), []);
    assert.deepEqual(await list({ statesFilter: ['Empty'] }), []);
  });

  it('wants ids from clients that make their own', async (t) => {
    const { ask } = await handlers(t);
    const nameless = { ...JOIN, memberId: '' };
    assert.equal(name((await ask('ConsumerGroupHeartbeat', 1, nameless)).errorCode), 'INVALID_REQUEST');
    assert.ok((await ask('ConsumerGroupHeartbeat', 0, nameless)).memberId);
  });

  it('is not served at level 0 of group.version', async (t) => {
    const { ask, registry } = await handlers(t);
    t.mock.method(registry, 'level', () => 0);
    assert.equal(name((await ask('ConsumerGroupHeartbeat', 1, JOIN)).errorCode), 'UNSUPPORTED_VERSION');
    const { groups } = await ask('ConsumerGroupDescribe', 1, { groupIds: ['g'] });
    assert.equal(name(groups[0]!.errorCode), 'UNSUPPORTED_VERSION');
  });
});

describe('groups and those who may not', () => {
  const G = 'GROUP_AUTHORIZATION_FAILED';
  const T = 'TOPIC_AUTHORIZATION_FAILED';

  it('are refused as a whole without the right to the group', async (t) => {
    const { ask } = await handlers(t);
    await ask('ConsumerGroupHeartbeat', 1, JOIN);
    const deny = (operation: string) => [`${operation} GROUP g`];
    const groupId = 'g';
    const read = deny('READ');
    assert.equal(name((await ask('ConsumerGroupHeartbeat', 1, JOIN, read)).errorCode), G);
    assert.equal(name((await ask('JoinGroup', 9, { groupId, protocols: [] }, read)).errorCode), G);
    assert.equal(name((await ask('SyncGroup', 5, { groupId, assignments: [] }, read)).errorCode), G);
    assert.equal(name((await ask('Heartbeat', 4, { groupId }, read)).errorCode), G);
    assert.equal(name((await ask('LeaveGroup', 5, { groupId, members: [] }, read)).errorCode), G);
    const commit = await ask('OffsetCommit', 9, COMMIT, read);
    assert.equal(name(commit.topics[0]!.partitions[0]!.errorCode), G);

    const look = deny('DESCRIBE');
    const topics = [{ name: 'seen', partitionIndexes: [0] }];
    const fetch = await ask('OffsetFetch', 9, { groups: [{ groupId, topics }] }, look);
    assert.equal(name(fetch.groups[0]!.errorCode), G);
    const first = await ask('OffsetFetch', 1, { groupId, topics }, look);
    assert.equal(name(first.topics[0]!.partitions[0]!.errorCode), G);
    const found = await ask('FindCoordinator', 6, { keyType: 0, coordinatorKeys: ['g', 'h'] }, look);
    assert.deepEqual(
      found.coordinators.map(({ errorCode }) => name(errorCode)),
      [G, 'NONE'],
    );
    const described = await ask('DescribeGroups', 6, { groups: ['g'] }, look);
    assert.equal(name(described.groups[0]!.errorCode), G);
    const consumers = await ask('ConsumerGroupDescribe', 1, { groupIds: ['g'] }, look);
    assert.equal(name(consumers.groups[0]!.errorCode), G);

    const remove = deny('DELETE');
    const deleted = await ask('DeleteGroups', 2, { groupsNames: ['g'] }, remove);
    assert.equal(name(deleted.results[0]!.errorCode), G);
    assert.equal(name((await ask('OffsetDelete', 0, { groupId, topics: [] }, remove)).errorCode), G);
  });

  it('are not listed, unless the cluster may be described', async (t) => {
    const { ask } = await handlers(t);
    await ask('ConsumerGroupHeartbeat', 1, JOIN);
    const hidden = 'DESCRIBE GROUP g';
    assert.equal((await ask('ListGroups', 5, {}, [hidden])).groups.length, 1);
    assert.equal(
      (await ask('ListGroups', 5, {}, [hidden, 'DESCRIBE CLUSTER kafka-cluster'])).groups.length,
      0,
    );
  });

  it('do without the topics that may not be seen', async (t) => {
    const { ask } = await handlers(t);
    const hidden = ['DESCRIBE TOPIC hidden', 'READ TOPIC hidden'];
    const commit = await ask('OffsetCommit', 9, COMMIT, hidden);
    const results = commit.topics.map((topic) => [topic.name, name(topic.partitions[0]!.errorCode)]);
    assert.deepEqual(results, [
      ['seen', 'NONE'],
      ['hidden', T],
    ]);
    await ask('OffsetCommit', 9, COMMIT);
    const topics = ['seen', 'hidden'].map((topic) => ({ name: topic, partitionIndexes: [0] }));
    const named = await ask('OffsetFetch', 9, { groups: [{ groupId: 'g', topics }] }, hidden);
    assert.deepEqual(
      named.groups[0]!.topics.map(({ partitions }) => [
        partitions[0]!.committedOffset,
        name(partitions[0]!.errorCode),
      ]),
      [
        [1, 'NONE'],
        [-1, T],
      ],
    );
    const all = await ask('OffsetFetch', 9, { groups: [{ groupId: 'g', topics: null }] }, hidden);
    assert.deepEqual(
      all.groups[0]!.topics.map((topic) => topic.name),
      ['seen'],
    );
    const join = { ...JOIN, groupId: 'h', subscribedTopicNames: ['seen', 'hidden'] };
    assert.equal(name((await ask('ConsumerGroupHeartbeat', 1, join, hidden)).errorCode), T);
    const deleted = await ask(
      'OffsetDelete',
      0,
      {
        groupId: 'g',
        topics: ['seen', 'hidden', 'none'].map((topic) => ({
          ...{ name: topic, partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] },
        })),
      },
      hidden,
    );
    assert.deepEqual(
      deleted.topics.map(({ partitions }) => partitions.map(({ errorCode }) => name(errorCode))),
      [
        ['NONE', 'UNKNOWN_TOPIC_OR_PARTITION'],
        [T, T],
        ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION'],
      ],
    );
    // Without offsets it is still a group, until somebody looks for such.
    const { groups } = await ask('DescribeGroups', 6, { groups: ['g'] });
    assert.deepEqual([name(groups[0]!.errorCode), groups[0]!.groupState], ['NONE', 'Empty']);
  });

  it('match no regular expression with what they may not see, and hide members with it', async (t) => {
    const { ask } = await handlers(t);
    const regex = { ...JOIN, subscribedTopicNames: null, subscribedTopicRegex: 'seen|hidden' };
    const hidden = ['DESCRIBE TOPIC hidden'];
    const joined = await ask('ConsumerGroupHeartbeat', 1, regex, hidden);
    assert.equal(joined.assignment?.topicPartitions.length, 1);
    const { groups } = await ask('ConsumerGroupDescribe', 1, { groupIds: ['g'] }, ['DESCRIBE TOPIC seen']);
    assert.deepEqual([name(groups[0]!.errorCode), groups[0]!.members], [T, []]);
  });
});
