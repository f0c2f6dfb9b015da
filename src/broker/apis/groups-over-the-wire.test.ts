import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { isError, ServedBroker } from '../../../test/support/served-broker.ts';
import { errorCode } from '../../protocol/errors.ts';

const wire = new ServedBroker();

describe('groups over the wire', () => {
  it('join, sync and commit in every version of the protocol', async () => {
    await wire.createTopic('grouped');
    for (let version = 0; version <= 9; version++) {
      const groupId = `g${version}`;
      const request = {
        ...{ groupId, sessionTimeoutMs: 10_000, rebalanceTimeoutMs: 10_000, protocolType: 'consumer' },
        protocols: [{ name: 'range', metadata: Buffer.alloc(6) }],
      };
      let joined = await wire.client.request('JoinGroup', version, { ...request, memberId: '' });
      if (version >= 4) {
        isError(joined.errorCode, 'MEMBER_ID_REQUIRED');
        joined = await wire.client.request('JoinGroup', version, { ...request, memberId: joined.memberId });
      }
      isError(joined.errorCode, 'NONE');
      const { memberId, generationId } = joined;
      assert.equal(joined.leader, memberId);
      const syncVersion = Math.min(version, 5);
      const synced = await wire.client.request('SyncGroup', syncVersion, {
        ...{ groupId, memberId, generationId, protocolType: 'consumer', protocolName: 'range' },
        assignments: [{ memberId, assignment: Buffer.from('mine') }],
      });
      assert.equal(synced.assignment.toString(), 'mine');
      const beat = await wire.client.request('Heartbeat', Math.min(version, 4), {
        groupId,
        memberId,
        generationId,
      });
      isError(beat.errorCode, 'NONE');
      const partitions = [
        { partitionIndex: 0, committedOffset: version, committedMetadata: 'm' },
        { partitionIndex: 1, committedOffset: 1, committedMetadata: 'm' },
      ];
      const commit = await wire.client.request('OffsetCommit', Math.max(2, version), {
        ...{ groupId, memberId, generationIdOrMemberEpoch: generationId },
        topics: [{ name: 'grouped', partitions }],
      });
      isError(commit.topics[0]!.partitions[0]!.errorCode, 'NONE');
      isError(commit.topics[0]!.partitions[1]!.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION');
      const [description] = (
        await wire.client.request('DescribeGroups', Math.min(version, 6), { groups: [groupId] })
      ).groups;
      assert.equal(description!.groupState, 'Stable');
      assert.equal(description!.members[0]!.memberAssignment.toString(), 'mine');
      const leaving = { groupId, memberId, members: [{ memberId }] };
      isError((await wire.client.request('LeaveGroup', Math.min(version, 5), leaving)).errorCode, 'NONE');
    }
    const { groups } = await wire.client.request('ListGroups', 5, {
      statesFilter: ['empty'],
      typesFilter: [],
    });
    assert.ok(groups.some(({ groupId }) => groupId === 'g9'));
  });

  it('give their offsets back in every version', async () => {
    for (let version = 1; version <= 9; version++) {
      const topics = [{ name: 'grouped', partitionIndexes: [0, 1] }];
      const request = version < 8 ? { groupId: 'g9', topics } : { groups: [{ groupId: 'g9', topics }] };
      const response = await wire.client.request('OffsetFetch', version, request);
      const found = version < 8 ? response.topics : response.groups[0]!.topics;
      assert.deepEqual(
        found[0]!.partitions.map((partition) => partition.committedOffset),
        [9, -1],
      );
      assert.equal(found[0]!.partitions[0]!.metadata, 'm');
    }
  });

  it('are found at the address the client already uses, in every version', async () => {
    const [host, port] = wire.broker.address.split(':');
    for (let version = 0; version <= 6; version++) {
      const request = version < 4 ? { key: 'g' } : { keyType: 0, coordinatorKeys: ['g'] };
      const response = await wire.client.request('FindCoordinator', version, request);
      const found = version < 4 ? response : response.coordinators[0]!;
      assert.deepEqual([found.host, found.port, found.errorCode], [host, Number(port), 0]);
    }
  });

  it('forget offsets and themselves when told to', async () => {
    const topics = [{ name: 'grouped', partitions: [{ partitionIndex: 0 }] }];
    const forgotten = await wire.client.request('OffsetDelete', 0, { groupId: 'g8', topics });
    isError(forgotten.topics[0]!.partitions[0]!.errorCode, 'NONE');
    const { results } = await wire.client.request('DeleteGroups', 2, { groupsNames: ['g7', 'nobody'] });
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
      const [group] = (await wire.client.request('DescribeGroups', version, { groups: ['nobody'] })).groups;
      assert.equal(group!.groupState, 'Dead');
      isError(group!.errorCode, error);
    }
  });
});
