import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { MemoryMachineLog } from '../../../test/support/memory-machine-log.ts';
import { silentLogger } from '../../base/logger.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { StateMachineRunner } from '../../topics/runner.ts';
import type { GroupCalls, JoinReply, JoinRequest } from './group-calls.ts';
import { groupCodec } from './group-codec.ts';
import { DEFAULT_GROUP_CONFIG, type GroupConfig } from './group-config.ts';
import type { CoordinatorEntry } from './group-entries.ts';
import { GroupMachine } from './group-machine.ts';

const SESSION_MS = 10_000;
const REBALANCE_MS = 30_000;
const DAY_MS = 86_400_000;
const NO_DELAY = { initialRebalanceDelayMs: 0 };

async function coordinator(options: Partial<GroupConfig> = NO_DELAY, log = new MemoryMachineLog()) {
  const clock = new VirtualClock();
  const config = { ...DEFAULT_GROUP_CONFIG, ...options };
  const machine = new GroupMachine(() => config, new SeededRandom(1));
  const runner = await StateMachineRunner.open<GroupCalls, CoordinatorEntry>({
    ...{ machine, codec: groupCodec, log, clock, logger: silentLogger },
  });
  const join = (request: Partial<JoinRequest> = {}) =>
    runner.submit('join', {
      groupId: 'g',
      memberId: '',
      instanceId: null,
      clientId: 'client',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: SESSION_MS,
      rebalanceTimeoutMs: REBALANCE_MS,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscription('t') }],
      mustKnowItsId: false,
      canSkipAssignment: false,
      ...request,
    });
  const as = (member: JoinReply, instanceId: string | null = null) => ({
    groupId: 'g',
    memberId: member.memberId,
    instanceId,
    generation: member.generation,
  });
  const sync = (member: JoinReply, assignments: Record<string, string> = {}) =>
    runner.submit('sync', {
      ...as(member),
      protocolType: null,
      protocol: null,
      assignments: Object.entries(assignments).map(([memberId, text]) => ({
        memberId,
        assignment: Buffer.from(text),
      })),
    });
  const heartbeat = async (member: JoinReply) => (await runner.submit('heartbeat', as(member))).error;
  const commit = (member: JoinReply | null, offset: number, topic = 't', partition = 0) =>
    runner.submit('commit', {
      ...(member === null ? { groupId: 'g', memberId: '', instanceId: null, generation: -1 } : as(member)),
      offsets: [{ topic, partition, offset, leaderEpoch: 3, metadata: 'note' }],
    });
  const committed = async (topic = 't', partition = 0) => {
    const request = { groupId: 'g', partitions: [{ topic, partition }], requireStable: false };
    return (await runner.submit('fetchOffsets', request)).offsets[0]!;
  };
  const state = async () => {
    const described = await runner.submit('describe', { groupId: 'g' });
    return described === 'other type' ? described : described?.state;
  };
  /** A member alone in its group, with its assignment. */
  const settled = async (request: Partial<JoinRequest> = {}) => {
    const member = await join(request);
    await sync(member, { [member.memberId]: 'all' });
    return member;
  };
  return { clock, machine, runner, log, join, as, sync, heartbeat, commit, committed, state, settled };
}

/** The consumer protocol's subscription to one topic. */
function subscription(topic: string): Buffer {
  const bytes = Buffer.alloc(8 + topic.length);
  bytes.writeInt32BE(1, 2);
  bytes.writeInt16BE(topic.length, 6);
  bytes.write(topic, 8);
  return bytes;
}

async function restart(before: Awaited<ReturnType<typeof coordinator>>) {
  return coordinator(NO_DELAY, before.log);
}

describe('joining a group', () => {
  const refusals: [string, Partial<JoinRequest>, string][] = [
    ['an empty group id', { groupId: '' }, 'INVALID_GROUP_ID'],
    ['a session timeout below the limit', { sessionTimeoutMs: 5999 }, 'INVALID_SESSION_TIMEOUT'],
    ['a session timeout above the limit', { sessionTimeoutMs: 1_800_001 }, 'INVALID_SESSION_TIMEOUT'],
    ['an id nobody gave out', { memberId: 'ghost' }, 'UNKNOWN_MEMBER_ID'],
    ['no protocols', { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol type', { protocolType: '' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  ];
  for (const [what, request, error] of refusals) {
    it(`is refused with ${what}`, async () => {
      assert.equal((await (await coordinator()).join(request)).error, error);
    });
  }

  it('is refused with a protocol the others do not have, or of another type', async () => {
    const { settled, join } = await coordinator();
    await settled();
    const other = [{ name: 'sticky', metadata: Buffer.alloc(0) }];
    assert.equal((await join({ protocols: other })).error, 'INCONSISTENT_GROUP_PROTOCOL');
    assert.equal((await join({ protocolType: 'connect' })).error, 'INCONSISTENT_GROUP_PROTOCOL');
  });

  it('is refused when the group is full', async () => {
    const { settled, join } = await coordinator({ ...NO_DELAY, maxGroupSize: 1 });
    await settled();
    assert.equal((await join()).error, 'GROUP_MAX_SIZE_REACHED');
  });

  it('makes the first member leader, which alone learns who the members are', async () => {
    const { join, clock } = await coordinator({ initialRebalanceDelayMs: 100 });
    const joins = [join(), join()] as const;
    await clock.advance(200);
    const [first, second] = await Promise.all(joins);
    assert.equal(first.leader, first.memberId);
    assert.equal(second.leader, first.memberId);
    assert.deepEqual(
      first.members.map(({ memberId }) => memberId),
      [first.memberId, second.memberId],
    );
    assert.deepEqual(second.members, []);
    assert.deepEqual([first.generation, second.generation], [1, 1]);
  });

  it('tells a new member its id first, and forgets the id after the session timeout', async () => {
    const { join, clock } = await coordinator();
    const told = await join({ mustKnowItsId: true });
    assert.equal(told.error, 'MEMBER_ID_REQUIRED');
    const joined = await join({ mustKnowItsId: true, memberId: told.memberId });
    assert.equal(joined.error, 'NONE');
    const lost = await join({ mustKnowItsId: true });
    await clock.advance(SESSION_MS);
    const late = await join({ mustKnowItsId: true, memberId: lost.memberId });
    assert.equal(late.error, 'UNKNOWN_MEMBER_ID');
  });

  it('waits the initial delay once more for each who comes during it, up to the rebalance timeout', async () => {
    const { join, clock, runner } = await coordinator({ initialRebalanceDelayMs: 3000 });
    const joins = [join({ rebalanceTimeoutMs: 7000 })];
    await clock.advance(2000);
    joins.push(join({ rebalanceTimeoutMs: 7000 }));
    await clock.advance(1000);
    assert.equal(runner.pendingCount, 2);
    await clock.advance(3000);
    assert.deepEqual(
      (await Promise.all(joins)).map(({ generation }) => generation),
      [1, 1],
    );
  });

  it('picks the protocol most members prefer among those all have', async () => {
    const { join, clock } = await coordinator({ initialRebalanceDelayMs: 100 });
    const named = (...names: string[]) => names.map((name) => ({ name, metadata: Buffer.from(name) }));
    const joins = [
      join({ protocols: named('range', 'sticky', 'own') }),
      join({ protocols: named('sticky', 'range') }),
      join({ protocols: named('sticky', 'range', 'other') }),
    ];
    await clock.advance(200);
    const [leader] = await Promise.all(joins);
    assert.equal(leader!.protocol, 'sticky');
    assert.deepEqual(
      leader!.members.map(({ metadata }) => metadata.toString()),
      ['sticky', 'sticky', 'sticky'],
    );
  });
});

describe('a rebalance', () => {
  it('begins when a member joins; the others learn it by heartbeat and rejoin', async () => {
    const { settled, join, heartbeat, sync, as } = await coordinator();
    const first = await settled();
    assert.equal(await heartbeat(first), 'NONE');
    const joining = join();
    assert.equal(await heartbeat(first), 'REBALANCE_IN_PROGRESS');
    assert.equal((await sync(first)).error, 'REBALANCE_IN_PROGRESS');
    const [again, second] = await Promise.all([join({ memberId: as(first).memberId }), joining]);
    assert.deepEqual([again.generation, second.generation], [2, 2]);
    const waiting = sync(second);
    const [mine, others] = await Promise.all([
      sync(again, { [again.memberId]: 'p0', [second.memberId]: 'p1' }),
      waiting,
    ]);
    assert.deepEqual([mine.assignment.toString(), others.assignment.toString()], ['p0', 'p1']);
    assert.equal(await heartbeat({ ...first, generation: 1 }), 'ILLEGAL_GENERATION');
  });

  it('leaves out who does not rejoin in time', async () => {
    const { settled, join, clock, heartbeat } = await coordinator();
    const silent = await settled({ sessionTimeoutMs: 60_000 });
    const joining = join();
    await clock.advance(REBALANCE_MS);
    const alone = await joining;
    assert.equal(alone.leader, alone.memberId);
    assert.equal(await heartbeat(silent), 'UNKNOWN_MEMBER_ID');
  });

  it('follows from silence longer than the session', async () => {
    const { settled, clock, heartbeat, state } = await coordinator();
    const member = await settled();
    await clock.advance(SESSION_MS - 1);
    assert.equal(await heartbeat(member), 'NONE');
    await clock.advance(SESSION_MS - 1);
    assert.equal(await state(), 'Stable');
    await clock.advance(1);
    assert.equal(await state(), 'Empty');
    assert.equal(await heartbeat(member), 'UNKNOWN_MEMBER_ID');
  });

  it('does not follow from a jump of the wall clock', async () => {
    const { settled, clock, heartbeat } = await coordinator();
    const member = await settled();
    clock.setWallMs(clock.nowMs() + DAY_MS);
    await clock.advance(1);
    assert.equal(await heartbeat(member), 'NONE');
  });

  it('is not asked for by a follower that repeats its join, but by the leader', async () => {
    const { join, clock, sync, state } = await coordinator({ initialRebalanceDelayMs: 100 });
    const joins = [join(), join()];
    await clock.advance(200);
    const [leader, follower] = await Promise.all(joins);
    await Promise.all([sync(leader!), sync(follower!)]);
    assert.equal((await join({ memberId: follower!.memberId })).generation, 1);
    assert.equal(await state(), 'Stable');
    void join({ memberId: leader!.memberId });
    assert.equal(await state(), 'PreparingRebalance');
  });

  it('drops members that never ask for their assignment', async () => {
    const { join, clock, state } = await coordinator();
    await join({ sessionTimeoutMs: 60_000 });
    assert.equal(await state(), 'CompletingRebalance');
    await clock.advance(REBALANCE_MS);
    assert.equal(await state(), 'Empty');
  });

  it('ends empty, one generation on, when the last member leaves', async () => {
    const { settled, runner, join, state } = await coordinator();
    const member = await settled();
    const members = [
      { memberId: member.memberId, instanceId: null },
      { memberId: 'ghost', instanceId: null },
    ];
    const left = await runner.submit('leave', { groupId: 'g', members });
    assert.deepEqual(
      left.members.map(({ error }) => error),
      ['NONE', 'UNKNOWN_MEMBER_ID'],
    );
    assert.equal(await state(), 'Empty');
    assert.equal((await join()).generation, 3);
  });
});

describe('a static member', () => {
  it('that comes back replaces its earlier self without a rebalance', async () => {
    const { settled, join, as, runner, sync, state } = await coordinator();
    const before = await settled({ instanceId: 'i' });
    const after = await join({ instanceId: 'i', canSkipAssignment: true });
    assert.notEqual(after.memberId, before.memberId);
    assert.deepEqual([after.generation, after.skipAssignment, after.leader], [1, true, after.memberId]);
    assert.equal(await state(), 'Stable');
    assert.equal((await sync(after)).assignment.toString(), 'all');
    assert.equal((await runner.submit('heartbeat', as(before, 'i'))).error, 'FENCED_INSTANCE_ID');
  });

  it('that is an old client is not told that it leads: it would assign and nobody would listen', async () => {
    const { settled, join } = await coordinator();
    const before = await settled({ instanceId: 'i' });
    assert.equal((await join({ instanceId: 'i' })).leader, before.memberId);
  });

  it('with another subscription replaces its earlier self too, and rebalances when it asks again', async () => {
    const { settled, join, as } = await coordinator();
    await settled({ instanceId: 'i' });
    const first = await join({
      instanceId: 'i',
      protocols: [{ name: 'range', metadata: subscription('u') }],
    });
    assert.equal(first.generation, 1);
    const protocols = [{ name: 'range', metadata: subscription('v') }];
    assert.equal((await join({ ...as(first, 'i'), protocols })).generation, 2);
  });

  it('with another protocol rebalances', async () => {
    const { settled, join } = await coordinator();
    await settled({ instanceId: 'i' });
    const common = { name: 'range', metadata: subscription('t') };
    const protocols = [{ name: 'sticky', metadata: subscription('t') }, common];
    assert.equal((await join({ instanceId: 'i', protocols })).generation, 2);
  });

  it('keeps its new id over a restart', async () => {
    const before = await coordinator();
    await before.settled({ instanceId: 'i' });
    const member = await before.join({ instanceId: 'i' });
    const after = await restart(before);
    assert.equal((await after.runner.submit('heartbeat', after.as(member, 'i'))).error, 'NONE');
  });

  it('is removed by its instance id alone', async () => {
    const { settled, runner, state } = await coordinator();
    await settled({ instanceId: 'i' });
    await runner.submit('leave', { groupId: 'g', members: [{ memberId: '', instanceId: 'i' }] });
    assert.equal(await state(), 'Empty');
  });
});

describe('a restart', () => {
  it('keeps generation, members and assignments; sessions begin anew', async () => {
    const before = await coordinator();
    const member = await before.settled();
    await before.clock.advance(SESSION_MS - 1);
    const after = await restart(before);
    assert.deepEqual(
      await after.runner.submit('describe', { groupId: 'g' }),
      await before.runner.submit('describe', { groupId: 'g' }),
    );
    await after.clock.advance(SESSION_MS - 1);
    assert.equal(await after.heartbeat(member), 'NONE');
    assert.equal((await after.sync(member)).assignment.toString(), 'all');
    await after.clock.advance(SESSION_MS);
    assert.equal(await after.state(), 'Empty');
  });

  it('with a lower limit of members keeps those who rejoin first', async () => {
    const before = await coordinator();
    const first = await before.settled();
    const joins = [before.join(), before.join({ memberId: first.memberId })] as const;
    const [second, again] = [await joins[0], await joins[1]];
    await before.sync(again, { [again.memberId]: 'half', [second.memberId]: 'half' });
    const after = await coordinator({ ...NO_DELAY, maxGroupSize: 1 }, before.log);
    assert.equal(await after.heartbeat(again), 'REBALANCE_IN_PROGRESS');
    const rejoined = after.join({ memberId: second.memberId });
    assert.equal((await after.join({ memberId: first.memberId })).error, 'GROUP_MAX_SIZE_REACHED');
    await after.clock.advance(REBALANCE_MS);
    assert.equal((await rejoined).error, 'NONE');
  });

  it('keeps the generation of an empty group, so that old members stay old', async () => {
    const before = await coordinator();
    const member = await before.settled();
    await before.clock.advance(SESSION_MS);
    const after = await restart(before);
    assert.equal((await after.join()).generation, member.generation + 2);
  });
});

describe('committed offsets', () => {
  it('come back as they were given, also after a restart', async () => {
    const before = await coordinator();
    const member = await before.settled();
    assert.deepEqual(await before.commit(member, 42), { error: 'NONE', results: ['NONE'] });
    const expected = {
      topic: 't',
      partition: 0,
      offset: 42,
      leaderEpoch: 3,
      metadata: 'note',
      error: 'NONE',
    };
    assert.deepEqual(await before.committed(), expected);
    assert.deepEqual(await (await restart(before)).committed(), expected);
  });

  it('that are not there are -1 without an error', async () => {
    const nothing = { topic: 't', partition: 0, offset: -1, leaderEpoch: -1, metadata: '', error: 'NONE' };
    assert.deepEqual(await (await coordinator()).committed(), nothing);
  });

  it('are for members of the running generation, or for anybody while there are none', async () => {
    const { settled, commit, runner, as } = await coordinator();
    assert.equal((await commit(null, 1)).error, 'NONE');
    const member = await settled();
    assert.equal((await commit(null, 2)).error, 'UNKNOWN_MEMBER_ID');
    assert.equal((await commit({ ...member, memberId: 'ghost' }, 2)).error, 'UNKNOWN_MEMBER_ID');
    assert.equal((await commit({ ...member, generation: 7 }, 2)).error, 'ILLEGAL_GENERATION');
    const elsewhere = { ...as(member), groupId: 'unknown', offsets: [] };
    assert.equal((await runner.submit('commit', elsewhere)).error, 'ILLEGAL_GENERATION');
  });

  it('wait for the assignment: a commit between join and sync is refused', async () => {
    const { join, commit } = await coordinator();
    assert.equal((await commit(await join(), 1)).error, 'REBALANCE_IN_PROGRESS');
  });

  it('have metadata of limited length', async () => {
    const { runner } = await coordinator();
    const { results } = await runner.submit('commit', {
      ...{ groupId: 'g', memberId: '', instanceId: null, generation: -1 },
      offsets: [
        { topic: 't', partition: 0, offset: 1, leaderEpoch: -1, metadata: 'x'.repeat(4097) },
        { topic: 't', partition: 1, offset: 1, leaderEpoch: -1, metadata: 'x'.repeat(4096) },
      ],
    });
    assert.deepEqual(results, ['OFFSET_METADATA_TOO_LARGE', 'NONE']);
  });

  it('of a transaction count when it commits, and make a careful reader wait', async () => {
    const { runner, committed, commit } = await coordinator();
    await commit(null, 1);
    const producer = { producerId: 5, producerEpoch: 0 };
    const offsets = [{ topic: 't', partition: 0, offset: 9, leaderEpoch: -1, metadata: '' }];
    const request = { groupId: 'g', memberId: '', instanceId: null, generation: -1, offsets };
    const partitions = [{ topic: 't', partition: 0 }];
    for (const [outcome, offset] of [
      ['abort', 1],
      ['commit', 9],
    ] as const) {
      await runner.submit('commit', { ...request, producer });
      assert.equal((await committed()).offset, 1);
      const careful = await runner.submit('fetchOffsets', { groupId: 'g', partitions, requireStable: true });
      assert.equal(careful.offsets[0]!.error, 'UNSTABLE_OFFSET_COMMIT');
      await runner.endTransaction({ ...producer, coordinatorEpoch: 0, outcome });
      assert.equal((await committed()).offset, offset);
    }
  });

  it('expire some time after the group became empty, and the group with them', async () => {
    const options = { ...NO_DELAY, offsetsRetentionMs: DAY_MS };
    const { settled, commit, committed, clock, runner, heartbeat } = await coordinator(options);
    const member = await settled({ sessionTimeoutMs: 1_800_000 });
    await commit(member, 1);
    for (let quarter = 0; quarter < 2 * 96; quarter++) {
      await clock.advance(DAY_MS / 96);
      await heartbeat(member);
    }
    assert.equal((await committed()).offset, 1, 'a live group keeps what it subscribes to');
    await runner.submit('leave', {
      groupId: 'g',
      members: [{ memberId: member.memberId, instanceId: null }],
    });
    await clock.advance(DAY_MS - 1);
    assert.equal((await committed()).offset, 1);
    await clock.advance(600_001);
    assert.equal((await committed()).offset, -1);
    await clock.advance(600_000);
    assert.deepEqual(await runner.submit('list', {}), []);
  });

  it('that never expire do not', async () => {
    const before = await coordinator();
    const offsets = [{ topic: 't', partition: 0, offset: 9, leaderEpoch: -1, metadata: '' }];
    const anonymous = { groupId: 'g', memberId: '', instanceId: null, generation: -1 };
    await before.runner.submit('commit', { ...anonymous, offsets, neverExpires: true });
    const { clock, committed } = await restart(before);
    await clock.advance(8 * DAY_MS);
    assert.equal((await committed()).offset, 9);
  });

  it('go with their topic', async () => {
    const { commit, committed, runner } = await coordinator();
    await commit(null, 1, 'gone');
    await commit(null, 2, 'kept');
    await runner.submit('forgetTopics', { isGone: (topic) => topic === 'gone' });
    assert.equal((await committed('gone')).offset, -1);
    assert.equal((await committed('kept')).offset, 2);
  });
});

describe('removing', () => {
  it('a group needs it to be empty', async () => {
    const { settled, runner, commit, committed, clock } = await coordinator();
    const remove = async () => (await runner.submit('deleteGroup', { groupId: 'g' })).error;
    assert.equal(await remove(), 'GROUP_ID_NOT_FOUND');
    await commit(await settled(), 5);
    assert.equal(await remove(), 'NON_EMPTY_GROUP');
    await clock.advance(SESSION_MS);
    assert.equal(await remove(), 'NONE');
    assert.equal((await committed()).offset, -1);
    assert.equal(await remove(), 'GROUP_ID_NOT_FOUND');
  });

  it('offsets needs that nobody subscribes to their topic', async () => {
    const { settled, runner, commit, committed } = await coordinator();
    const member = await settled();
    await commit(member, 1, 't');
    await commit(member, 1, 'u');
    const partitions = ['t', 'u'].map((topic) => ({ topic, partition: 0 }));
    const reply = await runner.submit('deleteOffsets', { groupId: 'g', partitions });
    assert.deepEqual(reply.results, ['GROUP_SUBSCRIBED_TO_TOPIC', 'NONE']);
    assert.deepEqual([(await committed('t')).offset, (await committed('u')).offset], [1, -1]);
  });
});
