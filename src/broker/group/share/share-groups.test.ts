import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { MemoryMachineLog } from '../../../../test/support/memory-machine-log.ts';
import { silentLogger } from '../../../base/logger.ts';
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
