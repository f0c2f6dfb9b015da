import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  consumerCalls,
  type FixtureOptions,
  openGroups,
  TestTopics,
} from '../../../../test/support/group-fixture.ts';
import type { ConsumerHeartbeatReply, ConsumerHeartbeatRequest } from './consumer-calls.ts';

async function consumers(options: FixtureOptions = {}) {
  const opened = await openGroups(options);
  const { topics } = opened;
  const calls = consumerCalls(opened.runner);
  const owned = (partitions: readonly number[], topic = 't') =>
    partitions.length === 0 ? [] : [{ topicId: topics.find(topic)!.topicId, partitions }];
  const commit = async (memberId: string, generation: number, knowsEpochs = true) => {
    const offsets = [{ topic: 't', partition: 0, offset: 7, leaderEpoch: -1, metadata: '' }];
    const identity = { groupId: 'g', memberId, instanceId: null, generation };
    return (await opened.runner.submit('commit', { ...identity, offsets, knowsEpochs })).error;
  };
  return { ...opened, ...calls, owned, commit };
}

/** `t0 t1`: as names, which ids do not tell. */
function given({ assignment }: ConsumerHeartbeatReply, topics: TestTopics): string | null {
  if (assignment === null) return null;
  return assignment
    .flatMap(({ topicId, partitions }) => partitions.map((p) => `${topics.findById(topicId)?.name}${p}`))
    .sort()
    .join(' ');
}

describe('a consumer group', () => {
  it('gives its first member everything at once', async () => {
    const { join, topics, describe: look } = await consumers();
    const reply = await join('m1');
    assert.deepEqual([reply.error, reply.memberEpoch, given(reply, topics)], ['NONE', 1, 't0 t1 t2 t3']);
    assert.equal(reply.heartbeatIntervalMs, 5000);
    assert.equal((await look())?.state, 'Stable');
  });

  it('gives an id to a client that has none', async () => {
    const { join } = await consumers();
    assert.match((await join('')).memberId!, /^[\w-]{22}$/);
  });

  it('hands a partition on only when the old owner no longer lists it', async () => {
    const { join, beat, owned, topics, describe: look } = await consumers();
    await join('m1');
    const second = await join('m2');
    assert.deepEqual([second.memberEpoch, given(second, topics)], [2, '']);
    assert.equal((await look())?.state, 'Reconciling');

    const revoke = await beat('m1', 1);
    assert.deepEqual([revoke.memberEpoch, given(revoke, topics)], [1, 't0 t1']);
    assert.equal(given(await beat('m2', 2), topics), null);
    // Still revoking: the listener has not come back.
    assert.equal((await beat('m1', 1, { owned: owned([0, 1, 2, 3]) })).memberEpoch, 1);
    assert.equal(given(await beat('m2', 2), topics), null);

    assert.equal((await beat('m1', 1, { owned: owned([0, 1]) })).memberEpoch, 2);
    assert.equal(given(await beat('m2', 2), topics), 't2 t3');
    assert.equal((await look())?.state, 'Stable');
  });

  it('answers a keep-alive with nothing new, and writes nothing', async () => {
    const { join, beat, log } = await consumers();
    await join('m1');
    await beat('m1', 1);
    const written = log.batches.length;
    assert.equal((await beat('m1', 1)).assignment, null);
    assert.equal(log.batches.length, written);
  });

  it('tells everything again to one that says everything', async () => {
    const { join, beat, owned, topics } = await consumers();
    await join('m1');
    const full = { rebalanceTimeoutMs: 30_000, subscribedTopics: ['t'], owned: owned([0, 1, 2, 3]) };
    assert.equal(given(await beat('m1', 1, full), topics), 't0 t1 t2 t3');
  });

  it('gives the partitions of a member that leaves to the others', async () => {
    const { join, beat, owned, topics } = await consumers();
    await join('m1');
    await join('m2');
    await beat('m1', 1);
    await beat('m1', 1, { owned: owned([0, 1]) });
    await beat('m2', 2);
    const left = await beat('m1', -1);
    assert.deepEqual([left.error, left.memberEpoch], ['NONE', -1]);
    assert.equal(given(await beat('m2', 2), topics), 't0 t1 t2 t3');
    assert.equal((await beat('m1', 2)).error, 'UNKNOWN_MEMBER_ID');
  });

  it('removes a member that falls silent', async () => {
    const { join, beat, clock, describe: look } = await consumers();
    await join('m1');
    await clock.advance(44_000);
    await beat('m1', 1);
    await clock.advance(44_000);
    assert.equal((await look())?.members.length, 1);
    await clock.advance(2_000);
    assert.deepEqual([(await look())?.state, (await look())?.epoch], ['Empty', 2]);
  });

  it('removes a member that does not revoke within its rebalance timeout', async () => {
    const { join, beat, clock, topics } = await consumers();
    await join('m1', { rebalanceTimeoutMs: 10_000 });
    await join('m2');
    await beat('m1', 1);
    await clock.advance(9_000);
    await beat('m1', 1);
    await clock.advance(2_000);
    assert.equal((await beat('m1', 1)).error, 'UNKNOWN_MEMBER_ID');
    assert.equal(given(await beat('m2', 2), topics), 't0 t1 t2 t3');
  });

  it('takes a session timeout of its own, within the limits of the broker', async () => {
    const options = { overrides: { sessionTimeoutMs: 500_000, heartbeatIntervalMs: 7_000 } };
    const { join, clock, describe: look } = await consumers(options);
    assert.equal((await join('m1')).heartbeatIntervalMs, 7_000);
    await clock.advance(59_000);
    assert.equal((await look())?.members.length, 1);
    await clock.advance(2_000);
    assert.equal((await look())?.members.length, 0);
  });

  it('uses the assignor most members ask for', async () => {
    const { join, topics, describe: look } = await consumers({ topics: new TestTopics({ t: 2, u: 2 }) });
    const both = { subscribedTopics: ['t', 'u'] };
    await join('m1', { ...both, serverAssignor: 'range' });
    await join('m2', both);
    const group = (await look())!;
    assert.equal(group.assignor, 'range');
    assert.deepEqual(
      group.members.map(({ target }) =>
        target.map(({ topicName, partitions }) => [topicName, ...partitions]),
      ),
      [
        [
          ['t', 0],
          ['u', 0],
        ],
        [
          ['t', 1],
          ['u', 1],
        ],
      ],
    );
    assert.ok(topics);
  });

  it('survives a restart with its epochs, and nobody has to move', async () => {
    const before = await consumers();
    await before.join('m1');
    await before.join('m2', { instanceId: 'i2', rackId: 'r', serverAssignor: 'range' });
    await before.beat('m1', 1);
    const after = await consumers({ log: before.log, topics: before.topics });
    assert.deepEqual(await after.describe(), await before.describe());
    assert.equal((await after.beat('m1', 1, { owned: after.owned([2, 3]) })).memberEpoch, 2);
    assert.equal(given(await after.beat('m2', 2, { instanceId: 'i2' }), after.topics), 't0 t1');
  });

  it('is deleted when empty, with its offsets', async () => {
    const { join, beat, commit, runner, describe: look, log, topics } = await consumers();
    await join('m1');
    assert.equal(await commit('m1', 1), 'NONE');
    const remove = () => runner.submit('deleteGroup', { groupId: 'g' });
    assert.equal((await remove()).error, 'NON_EMPTY_GROUP');
    await beat('m1', -1);
    assert.equal((await remove()).error, 'NONE');
    assert.equal(await look(), undefined);
    assert.deepEqual(await (await consumers({ log, topics })).runner.submit('list', {}), []);
  });

  it('is listed with its type and described by its own API only', async () => {
    const { join, runner } = await consumers();
    await join('m1');
    const [listed] = await runner.submit('list', {});
    assert.deepEqual(listed, { groupId: 'g', type: 'consumer', protocolType: 'consumer', state: 'Stable' });
    assert.equal(await runner.submit('describe', { groupId: 'g' }), 'other type');
  });
});

describe('a heartbeat is refused', () => {
  const cases: [string, Partial<ConsumerHeartbeatRequest>, string][] = [
    ['without a group', { groupId: '' }, 'INVALID_REQUEST'],
    ['with an epoch below -2', { memberEpoch: -3 }, 'INVALID_REQUEST'],
    ['without an id, unless it joins', { memberId: '', memberEpoch: 1 }, 'INVALID_REQUEST'],
    ['joining without a rebalance timeout', { rebalanceTimeoutMs: -1 }, 'INVALID_REQUEST'],
    ['joining with partitions', { owned: [{ topicId: '00', partitions: [0] }] }, 'INVALID_REQUEST'],
    ['joining without a subscription', { subscribedTopics: null }, 'INVALID_REQUEST'],
    ['leaving for a while without an instance id', { memberEpoch: -2 }, 'INVALID_REQUEST'],
    ['with an empty instance id', { instanceId: '' }, 'INVALID_REQUEST'],
    ['with an assignor nobody has', { serverAssignor: 'mine' }, 'UNSUPPORTED_ASSIGNOR'],
    [
      'with a regular expression RE2 does not know',
      { subscribedRegex: '(?=t)' },
      'INVALID_REGULAR_EXPRESSION',
    ],
    ['of a group that is not there', { memberEpoch: 1 }, 'GROUP_ID_NOT_FOUND'],
    ['leaving a group that is not there', { memberEpoch: -1 }, 'GROUP_ID_NOT_FOUND'],
  ];
  for (const [what, request, error] of cases) {
    it(what, async () => {
      const reply = await (await consumers()).join('m1', request);
      assert.equal(reply.error, error);
      assert.ok(reply.message);
    });
  }

  it('of a member nobody knows', async () => {
    const { join, beat } = await consumers();
    await join('m1');
    assert.equal((await beat('m2', 1)).error, 'UNKNOWN_MEMBER_ID');
  });

  it('at a full group', async () => {
    const { join } = await consumers({ consumer: { maxSize: 1 } });
    await join('m1');
    assert.equal((await join('m2')).error, 'GROUP_MAX_SIZE_REACHED');
    assert.equal((await join('m1')).error, 'NONE');
  });

  it('of an epoch that is not the member’s, unless only our last answer was lost', async () => {
    const { join, beat, owned } = await consumers();
    await join('m1');
    await join('m2');
    await beat('m1', 1);
    await beat('m1', 1, { owned: owned([0, 1]) });
    assert.equal((await beat('m1', 3)).error, 'FENCED_MEMBER_EPOCH');
    assert.equal((await beat('m1', 1)).error, 'FENCED_MEMBER_EPOCH');
    assert.equal((await beat('m1', 1, { owned: owned([0, 3]) })).error, 'FENCED_MEMBER_EPOCH');
    assert.equal((await beat('m1', 1, { owned: owned([0]) })).error, 'NONE');
  });
});

describe('a static member of a consumer group', () => {
  const one = { instanceId: 'one' };

  it('that leaves for a while finds its partitions again, without a rebalance', async () => {
    const { join, beat, topics, describe: look } = await consumers();
    await join('m1', one);
    await join('m2');
    await beat('m1', 1, one);
    const left = await beat('m1', -2, one);
    assert.deepEqual([left.error, left.memberEpoch], ['NONE', -2]);
    const epoch = (await look())!.epoch;
    const back = await join('m3', one);
    assert.deepEqual([back.error, given(back, topics)], ['NONE', 't0 t1']);
    assert.equal((await look())!.epoch, epoch);
    assert.equal((await beat('m1', 1, one)).error, 'FENCED_INSTANCE_ID');
  });

  it('is removed when it does not come back within its session', async () => {
    const { join, beat, clock, describe: look } = await consumers();
    await join('m1', one);
    await beat('m1', -2, one);
    await clock.advance(46_000);
    assert.equal((await look())!.members.length, 0);
  });

  it('keeps its place from another process while it has not left', async () => {
    const { join } = await consumers();
    await join('m1', one);
    assert.equal((await join('m2', one)).error, 'UNRELEASED_INSTANCE_ID');
    assert.equal((await join('m1', one)).error, 'NONE');
  });

  it('that nobody knows is told so', async () => {
    const { join, beat } = await consumers();
    await join('m1');
    assert.equal((await beat('m1', 1, one)).error, 'UNKNOWN_MEMBER_ID');
  });
});

describe('topics behind a subscription', () => {
  it('that appear, grow and go move the group with the next heartbeat', async () => {
    const topics = new TestTopics();
    const { join, beat, owned, describe: look } = await consumers({ topics });
    assert.equal(given(await join('m1'), topics), '');
    topics.set('t', 1);
    assert.deepEqual([(await beat('m1', 1)).memberEpoch, (await look())!.epoch], [2, 2]);
    topics.set('t', 2);
    assert.equal(given(await beat('m1', 2), topics), 't0 t1');
    const all = owned([0, 1]);
    topics.delete('t');
    assert.equal(given(await beat('m1', 3, { owned: all }), topics), '');
    assert.equal((await beat('m1', 3, { owned: [] })).memberEpoch, 4);
  });

  it('are noticed when they changed during a restart', async () => {
    const before = await consumers({ topics: new TestTopics({ t: 1 }) });
    await before.join('m1');
    before.topics.set('t', 2);
    const after = await consumers({ log: before.log, topics: before.topics });
    assert.equal(given(await after.beat('m1', 1), after.topics), 't0 t1');
  });

  it('that belong to nobody do not matter', async () => {
    const { join, beat, topics, describe: look } = await consumers();
    await join('m1');
    topics.set('other', 3);
    await beat('m1', 1);
    assert.equal((await look())!.epoch, 1);
  });

  it('match a regular expression in full, as it is when they come and go', async () => {
    const topics = new TestTopics({ logs: 1, 'logs-a': 1, secret: 1 });
    const { join, beat, describe: look } = await consumers({ topics });
    const mayDescribe = (topic: string) => topic !== 'logs-hidden';
    const regex = { subscribedTopics: null, subscribedRegex: 'logs-.*', mayDescribe };
    assert.equal(given(await join('m1', regex), topics), 'logs-a0');
    topics.set('logs-b', 1);
    topics.set('logs-hidden', 1);
    assert.equal(given(await beat('m1', 1, { mayDescribe }), topics), 'logs-a0 logs-b0');
    assert.equal((await look())!.members[0]!.subscribedRegex, 'logs-.*');
  });

  it('match the same after a restart, with no new epoch', async () => {
    const topics = new TestTopics({ a: 1, b: 1 });
    const before = await consumers({ topics });
    await before.join('m1', { subscribedTopics: null, subscribedRegex: '[ab]' });
    const after = await consumers({ log: before.log, topics });
    assert.deepEqual(await after.describe(), await before.describe());
    assert.equal((await after.beat('m1', 1)).assignment, null);
    assert.equal((await after.describe())!.epoch, 1);
  });

  it('match again after a while, because rights may have changed', async () => {
    const topics = new TestTopics({ a: 1, b: 1 });
    const { join, beat, clock } = await consumers({ topics, consumer: { regexRefreshMs: 30_000 } });
    const mayDescribe = (topic: string) => topic === 'a';
    await join('m1', { subscribedTopics: null, subscribedRegex: '.*', mayDescribe });
    assert.equal(given(await beat('m1', 1, { mayDescribe }), topics), null);
    assert.equal(given(await beat('m1', 1), topics), null);
    await clock.advance(31_000);
    assert.equal(given(await beat('m1', 1), topics), 'a0 b0');
  });

  it('change with a member’s subscription: what it drops must go at once', async () => {
    const topics = new TestTopics({ t: 1, u: 1 });
    const { join, beat, owned } = await consumers({ topics });
    await join('m1', { subscribedTopics: ['t', 'u'] });
    const dropped = await beat('m1', 1, { subscribedTopics: ['u'] });
    assert.deepEqual([dropped.memberEpoch, given(dropped, topics)], [1, 'u0']);
    assert.equal((await beat('m1', 1, { owned: owned([0], 'u') })).memberEpoch, 2);
  });
});

describe('offsets of a consumer group', () => {
  it('are committed by members at their epoch, and by anybody while there is none', async () => {
    const { join, beat, commit } = await consumers();
    assert.equal(await commit('m1', 1), 'GROUP_ID_NOT_FOUND');
    assert.equal(await commit('', -1), 'NONE');
    assert.equal(await commit('m1', 1), 'UNKNOWN_MEMBER_ID');
    await join('m1');
    assert.equal(await commit('', -1), 'UNKNOWN_MEMBER_ID');
    assert.equal(await commit('m1', 0), 'STALE_MEMBER_EPOCH');
    assert.equal(await commit('m2', 1), 'UNKNOWN_MEMBER_ID');
    assert.equal(await commit('m1', 1, false), 'UNSUPPORTED_VERSION');
    assert.equal(await commit('m1', 1), 'NONE');
    await beat('m1', -1);
    assert.equal(await commit('', -1), 'NONE');
  });

  it('are told to members at their epoch, and to administrators', async () => {
    const { join, runner } = await consumers();
    await join('m1');
    const fetch = async (member?: { memberId: string; epoch: number }) => {
      const request = { groupId: 'g', partitions: 'all' as const, requireStable: false };
      return (await runner.submit('fetchOffsets', { ...request, ...(member && { member }) })).error;
    };
    assert.equal(await fetch(), 'NONE');
    assert.equal(await fetch({ memberId: 'm1', epoch: 1 }), 'NONE');
    assert.equal(await fetch({ memberId: 'm1', epoch: 2 }), 'STALE_MEMBER_EPOCH');
    assert.equal(await fetch({ memberId: 'm2', epoch: 1 }), 'UNKNOWN_MEMBER_ID');
  });

  it('cannot be deleted while a member subscribes to the topic', async () => {
    const { join, commit, runner } = await consumers();
    await join('m1');
    await commit('m1', 1);
    const request = { groupId: 'g', partitions: [{ topic: 't', partition: 0 }] };
    assert.deepEqual((await runner.submit('deleteOffsets', request)).results, ['GROUP_SUBSCRIBED_TO_TOPIC']);
  });

  it('live as long as a member subscribes, and their time after it', async () => {
    const { join, beat, commit, runner, clock } = await consumers({
      config: { offsetsRetentionMs: 3_600_000, offsetsRetentionCheckMs: 60_000 },
    });
    await join('m1');
    await commit('m1', 1);
    const committed = async () =>
      (await runner.submit('fetchOffsets', { groupId: 'g', partitions: 'all', requireStable: false }))
        .offsets;
    for (let minutes = 0; minutes < 120; minutes += 0.5) {
      await clock.advance(30_000);
      await beat('m1', 1);
    }
    assert.equal((await committed()).length, 1);
    await beat('m1', -1);
    await clock.advance(120_000);
    assert.equal((await committed()).length, 0);
    assert.deepEqual(await runner.submit('list', {}), []);
  });
});
