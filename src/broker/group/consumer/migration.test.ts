import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import {
  consumerCalls,
  embeddedSubscription,
  type FixtureOptions,
  openGroups,
  TestTopics,
} from '../../../../test/support/group-fixture.ts';
import { decodeAssignment, encodeAssignment, type NamedPartitions } from '../embedded-protocol.ts';
import type { JoinReply, JoinRequest } from '../group-calls.ts';

async function groups(options: FixtureOptions = {}) {
  const opened = await openGroups(options);
  const { runner, topics } = opened;
  const consumer = consumerCalls(runner);
  const classicJoin = (request: Partial<JoinRequest> & { owned?: readonly NamedPartitions[] } = {}) => {
    const { owned = [], ...rest } = request;
    return runner.submit('join', {
      groupId: 'g',
      memberId: '',
      instanceId: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: embeddedSubscription(['t'], owned) }],
      mustKnowItsId: false,
      canSkipAssignment: true,
      ...rest,
    });
  };
  const as = (member: JoinReply, instanceId: string | null = null) => ({
    groupId: 'g',
    memberId: member.memberId,
    instanceId,
    generation: member.generation,
  });
  const sync = (member: JoinReply, given: Record<string, Buffer> = {}, instanceId: string | null = null) =>
    runner.submit('sync', {
      ...as(member, instanceId),
      protocolType: 'consumer',
      protocol: 'range',
      assignments: Object.entries(given).map(([memberId, assignment]) => ({ memberId, assignment })),
    });
  const heartbeat = async (member: JoinReply, instanceId: string | null = null) =>
    (await runner.submit('heartbeat', as(member, instanceId))).error;
  const leave = (memberId: string, instanceId: string | null = null) =>
    runner.submit('leave', { groupId: 'g', members: [{ memberId, instanceId }] });
  const type = async () => (await runner.submit('list', {})).find(({ groupId }) => groupId === 'g')?.type;
  const owned = (partitions: readonly number[]) => [{ topicId: topics.find('t')!.topicId, partitions }];
  /** A classic group of one member that has all four partitions. */
  const classicGroup = async (request: Parameters<typeof classicJoin>[0] = {}) => {
    const member = await classicJoin(request);
    const all = encodeAssignment(1, [{ topic: 't', partitions: [0, 1, 2, 3] }]);
    await sync(member, { [member.memberId]: all }, request.instanceId ?? null);
    return member;
  };
  return { ...opened, ...consumer, classicJoin, as, sync, heartbeat, leave, type, owned, classicGroup };
}

function partitionsOf(assignment: Buffer): readonly number[] {
  return decodeAssignment(assignment)!.partitions.flatMap(({ partitions }) => partitions);
}

describe('a classic group that a consumer of the new protocol joins', () => {
  it('becomes a consumer group; its members go on in it, and give up what is not theirs any more', async () => {
    const { classicGroup, join, beat, heartbeat, classicJoin, sync, type, describe: look } = await groups();
    const old = await classicGroup();
    const joined = await join('new');
    assert.deepEqual([joined.error, joined.memberEpoch, joined.assignment], ['NONE', 2, []]);
    assert.equal(await type(), 'consumer');
    assert.deepEqual(
      (await look())!.members.map(({ isClassic }) => isClassic),
      [true, false],
    );

    assert.equal(await heartbeat(old), 'REBALANCE_IN_PROGRESS');
    const { memberId } = old;
    const has = (partitions: readonly number[]) => ({ memberId, owned: [{ topic: 't', partitions }] });
    const cooperative = await classicJoin(has([0, 1, 2, 3]));
    assert.deepEqual([cooperative.error, cooperative.generation, cooperative.members], ['NONE', 1, []]);
    const kept = partitionsOf((await sync(cooperative)).assignment);
    assert.equal(kept.length, 2);
    assert.equal((await beat('new', 2)).assignment, null);

    // Told to come again, it says what it has left, and the other one gets the rest.
    assert.equal(await heartbeat(cooperative), 'REBALANCE_IN_PROGRESS');
    const again = await classicJoin(has(kept));
    assert.equal(again.generation, 2);
    assert.deepEqual(partitionsOf((await sync(again)).assignment), kept);
    assert.equal(await heartbeat(again), 'NONE');
    const rest = (await beat('new', 2)).assignment!.flatMap(({ partitions }) => partitions);
    assert.deepEqual([...kept, ...rest].sort(), [0, 1, 2, 3]);
    assert.equal((await look())!.state, 'Stable');
  });

  it('tells members that wait in a rebalance to come again', async () => {
    const { classicGroup, classicJoin, join } = await groups();
    await classicGroup();
    const waiting = classicJoin();
    await join('new');
    assert.equal((await waiting).error, 'REBALANCE_IN_PROGRESS');
  });

  it('keeps its offsets and the commits of its members', async () => {
    const { classicGroup, join, runner, as } = await groups();
    const old = await classicGroup();
    const offsets = [{ topic: 't', partition: 0, offset: 7, leaderEpoch: -1, metadata: '' }];
    const commit = async () => (await runner.submit('commit', { ...as(old), offsets })).error;
    assert.equal(await commit(), 'NONE');
    await join('new');
    assert.equal(await commit(), 'NONE');
    const { offsets: found } = await runner.submit('fetchOffsets', {
      ...{ groupId: 'g', partitions: 'all', requireStable: false },
    });
    assert.equal(found[0]!.offset, 7);
  });

  it('removes classic members that fall silent, or do not come again in time', async () => {
    const { classicGroup, join, beat, heartbeat, clock, describe: look } = await groups();
    const old = await classicGroup({ rebalanceTimeoutMs: 12_000 });
    await join('new');
    for (let seconds = 0; seconds < 16; seconds += 4) {
      await heartbeat(old);
      await beat('new', 2);
      await clock.advance(4_000);
    }
    assert.deepEqual(
      (await look())!.members.map(({ memberId }) => memberId),
      ['new'],
    );
  });

  it('is the same after a restart', async () => {
    const before = await groups();
    await before.classicGroup();
    await before.join('new');
    const after = await groups({ log: before.log, topics: before.topics });
    assert.deepEqual(await after.describe(), await before.describe());
  });

  const refusals: [string, FixtureOptions, Partial<JoinRequest>][] = [
    ['the policy says no', { consumer: { migrationPolicy: 'downgrade' } }, {}],
    ['it is not one of consumers', {}, { protocolType: 'connect' }],
    [
      'its subscriptions are not readable',
      {},
      { protocols: [{ name: 'range', metadata: embeddedSubscription([]).subarray(0, 3) }] },
    ],
  ];
  for (const [why, options, request] of refusals) {
    it(`stays classic when ${why}`, async () => {
      const { classicJoin, sync, join, type, runner, as } = await groups(options);
      const member = await classicJoin(request);
      const type_ = request.protocolType ?? 'consumer';
      await runner.submit('sync', {
        ...{ ...as(member), protocolType: type_, protocol: 'range', assignments: [] },
      });
      assert.ok(sync);
      assert.equal((await join('new')).error, 'GROUP_ID_NOT_FOUND');
      assert.equal(await type(), 'classic');
    });
  }

  it('changes its protocol at once when it is empty', async () => {
    const { classicGroup, leave, join, type } = await groups({ consumer: { migrationPolicy: 'disabled' } });
    const { memberId } = await classicGroup();
    await leave(memberId);
    assert.equal((await join('new')).error, 'NONE');
    assert.equal(await type(), 'consumer');
  });
});

describe('a consumer group that classic members join', () => {
  it('takes them in, and is classic again when the last one of the new protocol leaves', async () => {
    const opened = await groups();
    const { join, beat, classicJoin, sync, heartbeat, type, owned, describe: look } = opened;
    await join('new');
    const first = await classicJoin();
    assert.deepEqual([first.error, first.leader, first.protocol], ['NONE', '', 'range']);
    assert.deepEqual(partitionsOf((await sync(first)).assignment), []);
    await beat('new', 1);
    await beat('new', 1, { owned: owned([0, 1]) });
    assert.equal(await heartbeat(first), 'REBALANCE_IN_PROGRESS');
    const { memberId } = first;
    const second = await classicJoin({ memberId });
    assert.equal(partitionsOf((await sync(second)).assignment).length, 2);
    const { epoch } = (await look())!;

    await beat('new', -1);
    assert.equal(await type(), 'classic');
    await opened.clock.advance(1);
    assert.equal(await heartbeat(second), 'REBALANCE_IN_PROGRESS');
    const third = await classicJoin({ memberId });
    assert.deepEqual([third.error, third.leader], ['NONE', memberId]);
    assert.ok(third.generation > epoch);
  });

  it('survives a restart on either side of that', async () => {
    const before = await groups();
    await before.join('new');
    const classic = await before.classicJoin();
    await before.beat('new', -1);
    assert.equal(await before.type(), 'classic');
    const after = await groups({ log: before.log, topics: before.topics });
    assert.equal(await after.type(), 'classic');
    const described = await after.runner.submit('describe', { groupId: 'g' });
    assert.ok(typeof described === 'object');
    assert.deepEqual(
      described.members.map(({ memberId }) => memberId),
      [classic.memberId],
    );
  });

  it('stays one when the policy says so', async () => {
    const { join, beat, classicJoin, type } = await groups({ consumer: { migrationPolicy: 'upgrade' } });
    await join('new');
    await classicJoin();
    await beat('new', -1);
    assert.equal(await type(), 'consumer');
  });

  it('gives way to a classic group when it is empty', async () => {
    const { join, beat, classicJoin, type, log, topics } = await groups();
    await join('new');
    await beat('new', -1);
    const member = await classicJoin();
    assert.deepEqual([member.error, member.generation, member.leader], ['NONE', 1, member.memberId]);
    assert.equal(await type(), 'classic');
    assert.equal(await (await groups({ log, topics })).type(), undefined);
  });

  it('lets a static member come back with the other protocol, in both directions', async () => {
    const { classicGroup, join, classicJoin, sync, type, describe: look } = await groups();
    const instanceId = 'one';
    await classicGroup({ instanceId });
    const upgraded = await join('new', { instanceId });
    assert.equal(upgraded.error, 'NONE');
    assert.deepEqual(
      upgraded.assignment!.flatMap(({ partitions }) => partitions),
      [0, 1, 2, 3],
    );
    assert.equal((await look())!.members.length, 1);

    const back = await classicJoin({ instanceId });
    assert.equal(back.error, 'NONE');
    assert.equal(await type(), 'classic');
    assert.deepEqual(partitionsOf((await sync(back, {}, instanceId)).assignment), [0, 1, 2, 3]);
  });

  const refusals: [string, Partial<JoinRequest>, string][] = [
    ['another protocol type', { protocolType: 'connect' }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocols', { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['a session timeout out of bounds', { sessionTimeoutMs: 1 }, 'INVALID_SESSION_TIMEOUT'],
    ['no id, when it must know its id first', { mustKnowItsId: true }, 'MEMBER_ID_REQUIRED'],
    ['an instance id nobody has', { memberId: 'x', instanceId: 'i' }, 'UNKNOWN_MEMBER_ID'],
  ];
  for (const [what, request, error] of refusals) {
    it(`refuses one with ${what}`, async () => {
      const { join, classicJoin } = await groups();
      await join('new');
      assert.equal((await classicJoin(request)).error, error);
    });
  }

  it('refuses one that has no protocol in common with the classic ones', async () => {
    const { join, classicJoin } = await groups();
    await join('new');
    await classicJoin();
    const protocols = [{ name: 'other', metadata: embeddedSubscription(['t']) }];
    assert.equal((await classicJoin({ protocols })).error, 'INCONSISTENT_GROUP_PROTOCOL');
  });

  it('answers calls of the classic protocol only to those who speak it', async () => {
    const { join, heartbeat, runner } = await groups({ topics: new TestTopics({ t: 4 }) });
    await join('new');
    const member = { memberId: 'new', generation: 1 } as JoinReply;
    assert.equal(await heartbeat(member), 'UNKNOWN_MEMBER_ID');
    const { members } = await runner.submit('leave', {
      ...{ groupId: 'g', members: [{ memberId: 'ghost', instanceId: null }] },
    });
    assert.equal(members[0]!.error, 'UNKNOWN_MEMBER_ID');
  });
});
