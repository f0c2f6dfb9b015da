import assert from 'node:assert/strict';
import type { Buffer } from 'node:buffer';
import { after, before, describe, it } from 'node:test';
import { RawClient } from '../../../test/support/raw-client.ts';
import { batchOf } from '../../../test/support/records.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { type ErrorName, errorByCode } from '../../protocol/errors.ts';
import type { ShareFetchResponse } from '../../protocol/messages.gen.ts';
import { batchBaseOffset, walkBatches } from '../../record/batch.ts';
import { sealBatch } from '../../record/batch-builder.ts';
import { Broker } from '../broker.ts';

const [ACCEPT, RELEASE] = [1, 2];
const MEMBERS = { a: 'AAAAAAAAAAAAAAAAAAAAAA', b: 'BAAAAAAAAAAAAAAAAAAAAA' };

let broker: Broker;
let client: RawClient;

const connect = () => RawClient.connect(Number(broker.address.split(':')[1]));
const errorName = (code: number): ErrorName => errorByCode(code).name as ErrorName;

before(async () => {
  broker = await Broker.start({
    fs: new MemoryFileSystem(),
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(3),
    logger: silentLogger,
    listen: { host: '127.0.0.1', port: 0 },
  });
  client = await connect();
});

after(async () => {
  client.close();
  await broker.stop();
});

let count = 0;

/** A topic with records, and members of a share group that reads it from the start. */
async function share(values: readonly string[] = ['v0', 'v1', 'v2']) {
  const groupId = `group-${++count}`;
  const { topicId } = await broker.topics.create({ name: groupId, partitionCount: 1 });
  await setGroupConfig(groupId, 'share.auto.offset.reset', 'earliest');
  const join = async () => {
    const request = { groupId, memberId: 'CAAAAAAAAAAAAAAAAAAAAA', subscribedTopicNames: [groupId] };
    for (const memberEpoch of [0, -1])
      await client.request('ShareGroupHeartbeat', 1, { ...request, memberEpoch });
  };
  await join();
  const append = (...texts: string[]) =>
    broker.topics.append({ topic: groupId, partition: 0, batch: batchOf(...texts) });
  if (values.length > 0) await append(...values);
  const topics = (acknowledgementBatches: readonly object[] = []) => [
    { topicId, partitions: [{ partitionIndex: 0, acknowledgementBatches }] },
  ];
  const fetch = async (
    shareSessionEpoch: number,
    { memberId = MEMBERS.a, connection = client, acks = [] as object[], maxWaitMs = 0, named = true } = {},
  ) => {
    const response = await connection.request('ShareFetch', 1, {
      ...{ groupId, memberId, shareSessionEpoch, maxWaitMs, minBytes: 1, maxRecords: 100, batchSize: 100 },
      topics: named ? topics(acks) : [],
    });
    return told(response);
  };
  const acknowledge = async (
    shareSessionEpoch: number,
    first: number,
    last: number,
    types: readonly number[],
    { memberId = MEMBERS.a } = {},
  ) => {
    const response = await client.request('ShareAcknowledge', 1, {
      ...{ groupId, memberId, shareSessionEpoch },
      topics: topics([{ firstOffset: first, lastOffset: last, acknowledgeTypes: types }]),
    });
    if (response.errorCode !== 0) return errorName(response.errorCode);
    return errorName(response.responses[0]!.partitions[0]!.errorCode);
  };
  return { groupId, topicId, join, append, fetch, acknowledge };
}

async function setGroupConfig(groupId: string, name: string, value: string): Promise<void> {
  const configs = [{ name, value, configOperation: 0 }];
  const resources = [{ resourceType: 32, resourceName: groupId, configs }];
  const { responses } = await client.request('IncrementalAlterConfigs', 1, { resources });
  assert.equal(errorName(responses[0]!.errorCode), 'NONE');
}

/** The answer as a text: error, what was acquired, where the batches begin, what became of acknowledgements. */
function told(response: ShareFetchResponse): string {
  if (response.errorCode !== 0) return errorName(response.errorCode);
  const parts = response.responses.flatMap(({ partitions }) =>
    partitions.map((partition) => {
      if (partition.errorCode !== 0) return errorName(partition.errorCode);
      const ranges = partition.acquiredRecords.map(
        ({ firstOffset, lastOffset, deliveryCount }) => `${firstOffset}-${lastOffset}x${deliveryCount}`,
      );
      const records: Buffer = partition.records;
      const bases = [...walkBatches(records)].map((position) => batchBaseOffset(records, position));
      const acknowledged =
        partition.acknowledgeErrorCode === 0 ? '' : ` !${errorName(partition.acknowledgeErrorCode)}`;
      return `${ranges.join(' ')} in ${bases.join(' ')}${acknowledged}`;
    }),
  );
  return parts.join('; ');
}

describe('share fetches', () => {
  it('give records to one member, and none to the other until they are released', async () => {
    const { fetch, acknowledge } = await share();
    assert.equal(await fetch(0), '0-2x1 in 0');
    assert.equal(await fetch(0, { memberId: MEMBERS.b }), '');
    assert.equal(await acknowledge(1, 0, 1, [ACCEPT!, RELEASE!]), 'NONE');
    assert.equal(await fetch(1, { memberId: MEMBERS.b }), '1-1x2 in 0');
    assert.equal(await acknowledge(2, 1, 1, [ACCEPT!]), 'INVALID_RECORD_STATE');
  });

  it('take acknowledgements along, each partition with its own outcome', async () => {
    const { fetch, append } = await share();
    assert.equal(await fetch(0), '0-2x1 in 0');
    await append('v3');
    const acks = (firstOffset: number, lastOffset: number, ...acknowledgeTypes: number[]) => [
      { firstOffset, lastOffset, acknowledgeTypes },
    ];
    assert.equal(await fetch(1, { acks: acks(0, 2, ACCEPT!) }), '3-3x1 in 3');
    assert.equal(await fetch(2, { acks: acks(3, 4, ACCEPT!) }), ' in  !INVALID_REQUEST');
    assert.equal(await fetch(3, { acks: acks(3, 3, 7) }), ' in  !INVALID_REQUEST');
    assert.equal(await fetch(4, { acks: acks(3, 3, ACCEPT!) }), ' in ');
  });

  it('keep the order of a session by its epochs', async () => {
    const { fetch, acknowledge } = await share([]);
    assert.equal(await fetch(1), 'SHARE_SESSION_NOT_FOUND');
    assert.equal(await acknowledge(1, 0, 0, [ACCEPT!]), 'SHARE_SESSION_NOT_FOUND');
    assert.equal(await acknowledge(0, 0, 0, [ACCEPT!]), 'INVALID_SHARE_SESSION_EPOCH');
    const acks = [{ firstOffset: 0, lastOffset: 0, acknowledgeTypes: [ACCEPT!] }];
    assert.equal(await fetch(0, { acks }), 'INVALID_REQUEST');
    assert.equal(await fetch(0), '');
    assert.equal(await fetch(2), 'INVALID_SHARE_SESSION_EPOCH');
    assert.equal(await fetch(1, { named: false }), '');
    assert.equal(await fetch(-1), 'INVALID_REQUEST');
    assert.equal(await fetch(-1, { named: false }), '');
    assert.equal(await fetch(-1, { named: false }), 'SHARE_SESSION_NOT_FOUND');
  });

  it('wait for an append', async () => {
    const { fetch, append } = await share([]);
    const waiting = fetch(0, { maxWaitMs: 60_000 });
    const other = await connect();
    await other.request('ApiVersions', 3, { clientSoftwareName: 'x', clientSoftwareVersion: '1' });
    await append('late');
    assert.equal(await waiting, '0-0x1 in 0');
    other.close();
  });

  for (const [how, end] of [
    ['a release', 'release'],
    ['the end of a session', 'final'],
    ['the end of a connection', 'close'],
  ] as const)
    it(`wait for ${how}`, async () => {
      const { fetch, acknowledge } = await share();
      const holder = await connect();
      assert.equal(await fetch(0, { connection: end === 'close' ? holder : client }), '0-2x1 in 0');
      const other = await connect();
      const waiting = fetch(0, { memberId: MEMBERS.b, connection: other, maxWaitMs: 60_000 });
      await new Promise((resolve) => setImmediate(resolve));
      if (end === 'release') assert.equal(await acknowledge(1, 0, 2, [RELEASE!]), 'NONE');
      if (end === 'final') assert.equal(await fetch(-1, { named: false }), '');
      holder.close();
      // What nobody got to say anything about does not count as delivered.
      assert.equal(await waiting, end === 'release' ? '0-2x2 in 0' : '0-2x1 in 0');
      other.close();
    });

  it('answer what is wrong with a topic', async () => {
    const { groupId, fetch } = await share();
    assert.equal(await fetch(0), '0-2x1 in 0');
    await broker.topics.delete(groupId);
    assert.equal(await fetch(1), 'UNKNOWN_TOPIC_ID');
  });

  it('leave out aborted transactions for groups that want committed records', async () => {
    const { groupId, fetch } = await share([]);
    await setGroupConfig(groupId, 'share.isolation.level', 'read_committed');
    const transactionalId = groupId;
    const { producerId, producerEpoch } = await client.request('InitProducerId', 4, {
      ...{ transactionalId, transactionTimeoutMs: 60_000, producerId: -1, producerEpoch: -1 },
    });
    const owner = { transactionalId, producerId, producerEpoch };
    let baseSequence = 0;
    for (const committed of [false, true]) {
      await client.request('AddPartitionsToTxn', 3, {
        ...{ v3AndBelowTransactionalId: transactionalId, v3AndBelowProducerId: producerId },
        v3AndBelowProducerEpoch: producerEpoch,
        v3AndBelowTopics: [{ name: groupId, partitions: [0] }],
      });
      const records = batchOf('x', 'y');
      sealBatch(records, { producerId, producerEpoch, baseSequence, transactional: true });
      baseSequence += 2;
      await client.request('Produce', 9, {
        ...{ transactionalId, acks: -1, timeoutMs: 1000 },
        topicData: [{ name: groupId, partitionData: [{ index: 0, records }] }],
      });
      await client.request('EndTxn', 3, { ...owner, committed });
    }
    // 0-1 and 2 are the aborted transaction; the members themselves skip its marker and that of the other.
    assert.equal(await fetch(0), '2-5x1 in 2 3 5');
  });
});

describe('share groups over the wire', () => {
  it('assign, show, move, forget', async () => {
    const { groupId, topicId, fetch, acknowledge } = await share();
    const beat = (memberEpoch: number) =>
      client.request('ShareGroupHeartbeat', 1, {
        ...{ groupId, memberId: MEMBERS.a, memberEpoch },
        subscribedTopicNames: memberEpoch === 0 ? [groupId] : null,
      });
    const joined = await beat(0);
    assert.deepEqual(joined.assignment?.topicPartitions, [{ topicId, partitions: [0] }]);
    const described = async () =>
      (await client.request('ShareGroupDescribe', 1, { groupIds: [groupId] })).groups[0]!;
    assert.equal((await described()).groupState, 'Stable');
    assert.equal((await described()).members[0]!.assignment.topicPartitions[0]!.topicName, groupId);
    await fetch(0);
    await acknowledge(1, 0, 0, [ACCEPT!]);
    const start = async () => {
      const groups = [{ groupId, topics: null }];
      const [group] = (await client.request('DescribeShareGroupOffsets', 0, { groups })).groups;
      return group!.topics.map(({ partitions }) => partitions[0]!.startOffset);
    };
    assert.deepEqual(await start(), [1]);
    const alter = async (startOffset: number, topicName = groupId) => {
      const topics = [{ topicName, partitions: [{ partitionIndex: 0, startOffset }] }];
      const response = await client.request('AlterShareGroupOffsets', 0, { groupId, topics });
      return errorName(response.errorCode || response.responses[0]!.partitions[0]!.errorCode);
    };
    const forget = async (topicName = groupId) => {
      const response = await client.request('DeleteShareGroupOffsets', 0, {
        groupId,
        topics: [{ topicName }],
      });
      return errorName(response.errorCode || response.responses[0]!.errorCode);
    };
    assert.equal(await alter(0), 'NON_EMPTY_GROUP');
    assert.equal(await forget(), 'NON_EMPTY_GROUP');
    assert.equal(errorName((await beat(-1)).errorCode), 'NONE');
    assert.equal(await alter(2, 'nowhere'), 'UNKNOWN_TOPIC_OR_PARTITION');
    assert.equal(await alter(2), 'NONE');
    assert.deepEqual(await start(), [2]);
    assert.equal(await fetch(0), '2-2x1 in 0');
    assert.equal(await forget('nowhere'), 'UNKNOWN_TOPIC_OR_PARTITION');
    assert.equal(await forget(), 'NONE');
    assert.equal(await forget(), 'UNKNOWN_TOPIC_OR_PARTITION');
    assert.deepEqual(await start(), []);
    const { results } = await client.request('DeleteGroups', 2, { groupsNames: [groupId] });
    assert.equal(errorName(results[0]!.errorCode), 'NONE');
    assert.equal(errorName((await described()).errorCode), 'GROUP_ID_NOT_FOUND');
  });

  it('begin anew when they are deleted and come again', async () => {
    const { groupId, join, fetch, acknowledge } = await share();
    const request = { groupId, memberId: MEMBERS.a, subscribedTopicNames: [groupId] };
    await client.request('ShareGroupHeartbeat', 1, { ...request, memberEpoch: 0 });
    await fetch(0);
    await acknowledge(1, 0, 2, [ACCEPT!]);
    await client.request('ShareGroupHeartbeat', 1, { ...request, memberEpoch: -1 });
    await client.request('DeleteGroups', 2, { groupsNames: [groupId] });
    assert.equal(await fetch(0), 'UNKNOWN_TOPIC_OR_PARTITION');
    await join();
    assert.equal(await fetch(0), '0-2x1 in 0');
  });

  it('are found by their coordinator key', async () => {
    const request = { keyType: 2, coordinatorKeys: ['g:AAAAAAAAAAAAAAAAAAAAAA:0'] };
    const [found] = (await client.request('FindCoordinator', 6, request)).coordinators;
    assert.equal(errorName(found!.errorCode), 'NONE');
  });
});
