import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { MemoryMachineLog } from '../../../../test/support/memory-machine-log.ts';
import { silentLogger } from '../../../base/logger.ts';
import { randomInt } from '../../../base/random.ts';
import { SeededRandom } from '../../../base/seeded-random.ts';
import { VirtualClock } from '../../../base/virtual-clock.ts';
import { StateMachineRunner } from '../../../topics/runner.ts';
import { NO_TOPICS } from '../consumer/group-topics.ts';
import type { GroupCalls } from '../group-calls.ts';
import { groupCodec } from '../group-codec.ts';
import { DEFAULT_GROUP_CONFIG } from '../group-config.ts';
import type { CoordinatorEntry } from '../group-entries.ts';
import { GroupMachine } from '../group-machine.ts';
import type { ShareHeartbeat } from './share-group-calls.ts';
import type { Assignment } from './share-group-entries.ts';

const SESSION_MS = 45_000;
const TOPIC_ID = '11'.repeat(16);

async function coordinator(log = new MemoryMachineLog(), clock = new VirtualClock()) {
  const topics = new Map([['t', 4]]);
  const machine = new GroupMachine(() => DEFAULT_GROUP_CONFIG, new SeededRandom(1), {
    groupConfig: () => ({}),
    shareConfig: () => ({ sessionTimeoutMs: SESSION_MS, heartbeatIntervalMs: 5000, maxSize: 3 }),
    topics: {
      ...NO_TOPICS,
      find: (name) => {
        const partitionCount = topics.get(name);
        if (partitionCount === undefined) return undefined;
        return { name, topicId: name === 't' ? TOPIC_ID : '22'.repeat(16), partitionCount };
      },
    },
  });
  const runner = await StateMachineRunner.open<GroupCalls, CoordinatorEntry>({
    ...{ machine, codec: groupCodec, log, clock, logger: silentLogger },
  });
  const beat = (memberId: string, memberEpoch: number, request: Partial<ShareHeartbeat> = {}) =>
    runner.submit('shareHeartbeat', {
      ...{ groupId: 'g', memberId, memberEpoch, rackId: null, clientId: 'c', clientHost: '/h' },
      topics: memberEpoch === 0 ? ['t'] : null,
      ...request,
    });
  /** Error, epoch and partitions of the first topic, as far as the answer tells. */
  const told = async (...args: Parameters<typeof beat>) => {
    const { error, memberEpoch, assignment } = await beat(...args);
    return error === 'NONE' ? [memberEpoch, assignment && shown(assignment)] : error;
  };
  const group = async () => {
    const found = await runner.submit('shareDescribe', { groupId: 'g' });
    if (typeof found === 'string') return found;
    const members = found.members.map(
      ({ memberId, memberEpoch, assignment }) => `${memberId}@${memberEpoch} ${shown(assignment)}`,
    );
    return [found.state, found.epoch, found.assignmentEpoch, ...members];
  };
  return { log, clock, topics, runner, beat, told, group };
}

function shown(assignment: Assignment): string {
  return assignment.map(({ partitions }) => partitions.join(' ')).join(', ');
}

describe('ShareGroups', () => {
  it('give a member all partitions at once, and share them with the next', async () => {
    const { told, group } = await coordinator();
    assert.deepEqual(await told('a', 0), [1, '0 1 2 3']);
    assert.deepEqual(await told('a', 1), [1, null]);
    assert.deepEqual(await told('b', 0), [2, '2 3']);
    assert.deepEqual(await told('a', 1), [2, '0 1']);
    assert.deepEqual(await told('a', 1), [2, null]);
    assert.deepEqual(await group(), ['Stable', 2, 2, 'a@2 0 1', 'b@2 2 3']);
  });

  it('give back what a member had when it leaves or falls silent', async () => {
    const { clock, told, group } = await coordinator();
    await told('a', 0);
    await told('b', 0);
    await told('a', 1);
    assert.deepEqual(await told('b', -1), [-1, null]);
    assert.deepEqual(await told('a', 2), [3, '0 1 2 3']);
    await told('b', 0);
    await clock.advance(SESSION_MS - 1);
    await told('a', 3);
    await clock.advance(1);
    assert.deepEqual(await group(), ['Stable', 5, 5, 'a@4 0 1']);
    assert.deepEqual(await told('a', 4), [5, '0 1 2 3']);
    assert.equal(await told('b', 4), 'UNKNOWN_MEMBER_ID');
    await told('a', -1);
    assert.deepEqual((await group()).slice(0, 1), ['Empty']);
  });

  it('follow topics that come, grow and go', async () => {
    const { topics, told, runner } = await coordinator();
    assert.deepEqual(await told('a', 0, { topics: ['t', 'u'] }), [1, '0 1 2 3']);
    topics.set('u', 1);
    assert.deepEqual(await told('a', 1), [2, '0 1 2 3, 0']);
    topics.set('u', 2);
    assert.deepEqual(await told('a', 2), [3, '0 1 2 3, 0 1']);
    topics.delete('t');
    await runner.submit('forgetTopics', { isGone: (topic) => topic === 't' });
    assert.deepEqual(await told('a', 3), [4, '0 1']);
    const found = await runner.submit('shareDescribe', { groupId: 'g' });
    assert.deepEqual(typeof found === 'string' ? [] : found.partitions.map(({ name }) => name), ['u']);
  });

  const refusals: readonly (readonly [string, number, Partial<ShareHeartbeat>, string])[] = [
    ['', 0, {}, 'INVALID_REQUEST'],
    ['a', 0, { groupId: '' }, 'INVALID_REQUEST'],
    ['a', 0, { rackId: ' ' }, 'INVALID_REQUEST'],
    ['a', 0, { topics: [] }, 'INVALID_REQUEST'],
    ['a', 0, { topics: null }, 'INVALID_REQUEST'],
    ['a', -2, {}, 'INVALID_REQUEST'],
    ['a', 9, {}, 'FENCED_MEMBER_EPOCH'],
    ['stranger', 1, {}, 'UNKNOWN_MEMBER_ID'],
    ['stranger', -1, {}, 'UNKNOWN_MEMBER_ID'],
    ['a', 1, { groupId: 'nowhere' }, 'GROUP_ID_NOT_FOUND'],
    ['a', -1, { groupId: 'nowhere' }, 'GROUP_ID_NOT_FOUND'],
    ['stranger', 0, {}, 'GROUP_MAX_SIZE_REACHED'],
  ];
  for (const [memberId, epoch, request, error] of refusals)
    it(`refuse ${JSON.stringify({ memberId, epoch, ...request })} with ${error}`, async () => {
      const { told } = await coordinator();
      for (const each of error === 'GROUP_MAX_SIZE_REACHED' ? ['a', 'b', 'c'] : ['a', 'b'])
        await told(each, 0);
      await told('a', 1);
      assert.equal(await told(memberId, epoch, request), error);
    });

  it('take the epoch before for one whose answer was lost, and no earlier one', async () => {
    const { told } = await coordinator();
    await told('a', 0);
    await told('b', 0);
    assert.deepEqual(await told('a', 1), [2, '0 1']);
    assert.deepEqual(await told('a', 1), [2, null]);
    assert.equal(await told('a', 0), 'FENCED_MEMBER_EPOCH');
  });

  it('are the same after a restart, sessions begun anew', async () => {
    const { log, clock, told, group, runner } = await coordinator();
    await told('a', 0, { rackId: 'r' });
    await told('b', 0);
    await told('a', 1);
    const before = await group();
    runner.close();
    const again = await coordinator(log, clock);
    assert.deepEqual(await again.group(), before);
    assert.deepEqual(await again.told('a', 2), [2, null]);
    await clock.advance(SESSION_MS);
    assert.deepEqual((await again.group()).slice(0, 1), ['Empty']);
  });

  it('are listed with their type, and deleted when they are empty', async () => {
    const { log, told, group, runner } = await coordinator();
    await told('a', 0);
    assert.deepEqual(await runner.submit('list', {}), [
      { groupId: 'g', type: 'share', protocolType: 'share', state: 'Stable' },
    ]);
    assert.equal((await runner.submit('deleteGroup', { groupId: 'g' })).error, 'NON_EMPTY_GROUP');
    await told('a', -1);
    assert.equal((await runner.submit('deleteGroup', { groupId: 'g' })).error, 'NONE');
    assert.equal(await group(), 'Group g not found.');
    assert.equal(await (await coordinator(log)).group(), 'Group g not found.');
  });

  it('leave names of other groups alone, and others theirs', async () => {
    const { told, group, runner } = await coordinator();
    const commit = { memberId: '', instanceId: null, generation: -1 };
    const offsets = [{ topic: 't', partition: 0, offset: 1, leaderEpoch: -1, metadata: '' }];
    await runner.submit('commit', { groupId: 'g', ...commit, offsets });
    assert.equal(await told('a', 0), 'GROUP_ID_NOT_FOUND');
    assert.equal(await group(), 'Group g is not a share group.');
    await told('a', 0, { groupId: 'shared' });
    const refused = await runner.submit('commit', { groupId: 'shared', ...commit, offsets });
    assert.equal(refused.error, 'GROUP_ID_NOT_FOUND');
    const joined = await runner.submit('join', {
      ...{ groupId: 'shared', memberId: '', instanceId: null, clientId: 'c', clientHost: '/h' },
      ...{ sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
      protocols: [{ name: 'range', metadata: Buffer.alloc(6) }],
      ...{ mustKnowItsId: false, canSkipAssignment: false },
    });
    assert.equal(joined.error, 'INCONSISTENT_GROUP_PROTOCOL');
  });
});

describe('ShareGroups, at random', () => {
  for (let seed = 1; seed <= 20; seed++)
    it(`leave no partition without a reader, forget nothing, and never go back an epoch (seed ${seed})`, async () => {
      const random = new SeededRandom(seed);
      const share = await coordinator();
      /** What members believe: epoch and partitions of the topic. */
      const believed = new Map<string, { epoch: number; partitions: string }>();
      let lastEpoch = 0;
      for (let step = 0; step < 150; step++) {
        const memberId = `m${randomInt(random, 4)}`;
        const known = believed.get(memberId);
        const action = randomInt(random, 20);
        if (action === 0) share.topics.set('t', share.topics.get('t')! + 1);
        else if (action === 1) await share.clock.advance(randomInt(random, SESSION_MS));
        else if (action < 4 && known !== undefined) {
          const { error } = await share.beat(memberId, -1);
          assert.ok(error === 'NONE' || error === 'UNKNOWN_MEMBER_ID');
          believed.delete(memberId);
        } else {
          const reply = await share.beat(memberId, known?.epoch ?? 0);
          if (reply.error === 'NONE') {
            const partitions = reply.assignment === null ? known!.partitions : shown(reply.assignment);
            assert.ok(reply.memberEpoch >= (known?.epoch ?? 0));
            believed.set(memberId, { epoch: reply.memberEpoch, partitions });
          } else {
            // Silent for too long, beyond the size of the group, or still there from before: join again some time.
            assert.ok(
              ['UNKNOWN_MEMBER_ID', 'GROUP_MAX_SIZE_REACHED', 'FENCED_MEMBER_EPOCH'].includes(reply.error),
            );
            believed.delete(memberId);
          }
        }
        const group = await share.runner.submit('shareDescribe', { groupId: 'g' });
        if (typeof group === 'string') continue;
        assert.ok(group.epoch >= lastEpoch);
        lastEpoch = group.epoch;
        for (const { memberId: each, memberEpoch, assignment } of group.members)
          if (believed.get(each)?.epoch === memberEpoch)
            assert.equal(believed.get(each)!.partitions, shown(assignment), `what ${each} believes`);
        if (step % 10 === 0) {
          const again = await coordinator(share.log, new VirtualClock());
          assert.deepEqual(await again.runner.submit('shareDescribe', { groupId: 'g' }), group);
          again.runner.close();
        }
      }
      // When everybody who is there has been heard, everything has a reader.
      for (let round = 0; round < 2; round++)
        for (const [memberId, { epoch }] of [...believed]) {
          const reply = await share.beat(memberId, epoch);
          if (reply.error === 'NONE') believed.set(memberId, { epoch: reply.memberEpoch, partitions: '' });
          else believed.delete(memberId);
        }
      const group = await share.runner.submit('shareDescribe', { groupId: 'g' });
      if (typeof group === 'string' || group.members.length === 0) return;
      if (group.members.some(({ memberEpoch }) => memberEpoch !== group.epoch)) return;
      const read = new Set(
        group.members.flatMap(({ assignment }) => assignment.flatMap(({ partitions }) => partitions)),
      );
      assert.equal(read.size, share.topics.get('t'));
    });
});
