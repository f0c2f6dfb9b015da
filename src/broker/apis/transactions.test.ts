import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { RawClient } from '../../../test/support/raw-client.ts';
import { batchOf, valuesOf } from '../../../test/support/records.ts';
import { systemClock } from '../../base/clock.ts';
import { silentLogger } from '../../base/logger.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { SeededRandom } from '../../base/seeded-random.ts';
import { type ErrorName, errorByName, errorCode } from '../../protocol/errors.ts';
import { sealBatch } from '../../record/batch-builder.ts';
import type { Operation, ResourceType } from '../access.ts';
import type { Api, RequestContext } from '../api.ts';
import { Broker } from '../broker.ts';
import { initProducerId } from './22-init-producer-id.ts';
import { addPartitionsToTxn } from './24-add-partitions-to-txn.ts';
import { addOffsetsToTxn } from './25-add-offsets-to-txn.ts';
import { endTxn } from './26-end-txn.ts';
import { writeTxnMarkers } from './27-write-txn-markers.ts';
import { txnOffsetCommit } from './28-txn-offset-commit.ts';
import { updateFeatures } from './57-update-features.ts';
import { describeProducers } from './61-describe-producers.ts';
import { describeTransactions } from './65-describe-transactions.ts';
import type { ControlPlane } from './control-plane.ts';

const group = { groupId: 'g', memberId: '', groupInstanceId: null, generationId: -1 };
const p0 = { topic: 'tx', partition: 0 };

let broker: Broker;
let client: RawClient;
let topicId: string;

before(async () => {
  broker = await Broker.start({
    fs: new MemoryFileSystem(),
    dataDir: '/data',
    clock: systemClock,
    random: new SeededRandom(5),
    logger: silentLogger,
    listen: { host: '127.0.0.1', port: 0 },
  });
  client = await RawClient.connect(Number(broker.address.split(':')[1]));
  const topics = [{ name: 'tx', numPartitions: 2, replicationFactor: 1 }];
  topicId = (await client.request('CreateTopics', 7, { topics, timeoutMs: 1000 })).topics[0]!.topicId;
});

after(async () => {
  client.close();
  await broker.stop();
});

const isError = (actual: number, name: ErrorName) => assert.equal(actual, errorCode(name));

/** A producer as a client of 4.1 is one: it announces nothing and goes on under what EndTxn answers. */
async function producerOf(transactionalId: string) {
  const request = { transactionalId, transactionTimeoutMs: 10_000, producerId: -1, producerEpoch: -1 };
  const { producerId, producerEpoch } = await client.request('InitProducerId', 5, request);
  const owner = { transactionalId, producerId, producerEpoch };
  let sequence = 0;
  const produce = async (value: string, version = 13, index = 0, baseSequence = sequence) => {
    const records = batchOf(value);
    sealBatch(records, { ...owner, baseSequence, transactional: true });
    const topicData = [{ name: 'tx', topicId, partitionData: [{ index, records }] }];
    const answer = await client.request('Produce', version, {
      transactionalId,
      acks: -1,
      timeoutMs: 1000,
      topicData,
    });
    const { errorCode } = answer.responses[0]!.partitionResponses[0]!;
    if (errorCode === 0) sequence++;
    return errorCode;
  };
  const commitOffset = async (committedOffset: number, version = 5) => {
    const partitions = [
      { partitionIndex: 0, committedOffset, committedLeaderEpoch: -1, committedMetadata: '' },
    ];
    const topics = [{ name: 'tx', partitions }];
    const answer = await client.request('TxnOffsetCommit', version, { ...owner, ...group, topics });
    return answer.topics[0]!.partitions[0]!.errorCode;
  };
  const endAs = (identity: object, committed: boolean) =>
    client.request('EndTxn', 5, { ...owner, ...identity, committed });
  const end = async (committed: boolean) => {
    const answer = await endAs({}, committed);
    if (answer.errorCode === 0) {
      Object.assign(owner, { producerId: answer.producerId, producerEpoch: answer.producerEpoch });
      sequence = 0;
    }
    return answer.errorCode;
  };
  return { owner, produce, commitOffset, end, endAs };
}

async function committedOffset(): Promise<number> {
  const groups = [{ groupId: 'g', topics: null }];
  const { groups: found } = await client.request('OffsetFetch', 8, { groups, requireStable: true });
  return found[0]!.topics[0]?.partitions[0]?.committedOffset ?? -1;
}

describe('a transaction of version 2', () => {
  it('begins with its first record, and each has an epoch of its own', async () => {
    const producer = await producerOf('v2');
    for (const [round, committed] of [true, false, true].entries()) {
      assert.equal(producer.owner.producerEpoch, round);
      isError(await producer.produce(`v2-${round}`), 'NONE');
      isError(await producer.produce(`v2-${round}-more`, 12), 'NONE');
      isError(await producer.commitOffset(round), 'NONE');
      isError(await producer.end(committed), 'NONE');
    }
    const values = (await valuesOf(broker.topics, p0)).filter((value) => value.startsWith('v2-'));
    assert.deepEqual(values, ['v2-0', 'v2-0-more', 'v2-2', 'v2-2-more']);
    assert.equal(await committedOffset(), 2);
  });

  it('may begin with offsets', async () => {
    const producer = await producerOf('offsets');
    isError(await producer.commitOffset(7), 'NONE');
    isError(await producer.end(true), 'NONE');
    assert.equal(await committedOffset(), 7);
  });

  it('refuses what comes late, and answers a repeated end as it did', async () => {
    const producer = await producerOf('late');
    const { producerId, producerEpoch } = producer.owner;
    isError(await producer.produce('late'), 'NONE');
    isError(await producer.end(true), 'NONE');
    const again = await producer.endAs({ producerId, producerEpoch }, true);
    assert.deepEqual([again.errorCode, again.producerEpoch], [0, producerEpoch + 1]);
    isError((await producer.endAs({ producerId, producerEpoch }, false)).errorCode, 'INVALID_TXN_STATE');
    Object.assign(producer.owner, { producerEpoch });
    isError(await producer.produce('later'), 'INVALID_PRODUCER_EPOCH');
    isError(await producer.commitOffset(1), 'INVALID_PRODUCER_EPOCH');
  });

  it('hides its end from readers of committed records: the latest offset, and the one of the largest time', async () => {
    const offsets = async (isolationLevel: number) => {
      const found = [-1, -3].map(async (timestamp) => {
        const topics = [
          { name: 'tx', partitions: [{ partitionIndex: 1, timestamp, currentLeaderEpoch: -1 }] },
        ];
        const answer = await client.request('ListOffsets', 9, { isolationLevel, topics });
        return answer.topics[0]!.partitions[0]!.offset;
      });
      return await Promise.all(found);
    };
    const producer = await producerOf('undecided');
    isError(await producer.produce('undecided', 13, 1), 'NONE');
    assert.deepEqual(await offsets(0), [1, 0]);
    assert.deepEqual(await offsets(1), [0, -1]);
    isError(await producer.end(true), 'NONE');
    // The marker's.
    assert.deepEqual(await offsets(1), [2, 1]);
  });

  it('has errors that clients of each version understand', async () => {
    const producer = await producerOf('unannounced');
    isError(await producer.produce('x', 10), 'INVALID_TXN_STATE');
    isError(await producer.produce('x', 11), 'TRANSACTION_ABORTABLE');
    isError(await producer.commitOffset(1, 3), 'INVALID_TXN_STATE');
    isError(await producer.commitOffset(1, 4), 'TRANSACTION_ABORTABLE');
    const { transactionalId, producerId, producerEpoch } = producer.owner;
    const topics = [{ name: 'tx', partitions: [0, 5] }];
    const transactions = [{ transactionalId, producerId, producerEpoch, verifyOnly: true, topics }];
    const verify = async (version: number, partitions: number[]) => {
      const request = { transactions: [{ ...transactions[0]!, topics: [{ name: 'tx', partitions }] }] };
      const { resultsByTransaction } = await client.request('AddPartitionsToTxn', version, request);
      return resultsByTransaction[0]!.topicResults[0]!.resultsByPartition.map(
        (each) => each.partitionErrorCode,
      );
    };
    assert.deepEqual(await verify(4, [0]), [errorCode('INVALID_TXN_STATE')]);
    assert.deepEqual(await verify(5, [0]), [errorCode('TRANSACTION_ABORTABLE')]);
    assert.deepEqual(await verify(5, [0, 5]), [
      errorCode('OPERATION_NOT_ATTEMPTED'),
      errorCode('UNKNOWN_TOPIC_OR_PARTITION'),
    ]);
  });

  it('begins at sequence 0 in each partition: another batch was faster than the first', async () => {
    const producer = await producerOf('order');
    isError(await producer.produce('second', 12, 1, 1), 'OUT_OF_ORDER_SEQUENCE_NUMBER');
    isError(await producer.produce('first', 12, 1, 0), 'NONE');
    isError(await producer.produce('second', 12, 1, 1), 'NONE');
    isError(await producer.end(false), 'NONE');
  });

  it('asks for both halves of an identity to resume', async () => {
    const request = { transactionalId: 'half', transactionTimeoutMs: 1000, producerId: 5, producerEpoch: -1 };
    isError((await client.request('InitProducerId', 5, request)).errorCode, 'INVALID_REQUEST');
  });
});

describe('tools for transactions', () => {
  const describeId = async (id: string) =>
    (await client.request('DescribeTransactions', 0, { transactionalIds: [id] })).transactionStates[0]!;
  const list = async (filter: object, version = 2) => {
    const request = { stateFilters: [], producerIdFilters: [], transactionalIdPattern: 'tool-.*', ...filter };
    const answer = await client.request('ListTransactions', version, request);
    return { ...answer, ids: answer.transactionStates.map((each) => each.transactionalId).sort() };
  };

  it('see an open transaction from every side, and end it', async () => {
    const producer = await producerOf('tool-open');
    await (await producerOf('tool-idle')).owner;
    isError(await producer.produce('hanging', 13, 1), 'NONE');
    const state = await describeId('tool-open');
    assert.deepEqual(
      [state.transactionState, state.transactionTimeoutMs, state.topics],
      ['Ongoing', 10_000, [{ topic: 'tx', partitions: [1] }]],
    );
    assert.ok(state.transactionStartTimeMs > 0);
    const { producerId } = producer.owner;
    assert.deepEqual((await list({})).ids, ['tool-idle', 'tool-open']);
    assert.deepEqual((await list({ stateFilters: ['Ongoing', 'Odd'] })).ids, ['tool-open']);
    assert.deepEqual((await list({ stateFilters: ['Odd'] })).unknownStateFilters, ['Odd']);
    assert.deepEqual((await list({ stateFilters: ['Odd'] })).ids, []);
    assert.deepEqual((await list({ producerIdFilters: [producerId] })).ids, ['tool-open']);
    assert.deepEqual((await list({ stateFilters: ['Ongoing'], durationFilter: 60_000 })).ids, []);
    assert.deepEqual((await list({ transactionalIdPattern: 'tool' })).ids, []);
    isError((await list({ transactionalIdPattern: '(' })).errorCode, 'INVALID_REGULAR_EXPRESSION');

    const topics = [{ name: 'tx', partitionIndexes: [1, 9] }];
    const described = (await client.request('DescribeProducers', 0, { topics })).topics[0]!.partitions;
    isError(described[1]!.errorCode, 'UNKNOWN_TOPIC_OR_PARTITION');
    const active = described[0]!.activeProducers.find((each) => each.producerId === producerId);
    assert.deepEqual(
      [active?.producerId, active?.lastSequence, active?.currentTxnStartOffset],
      [producerId, 0, 5],
    );
    const marker = { producerId, producerEpoch: active!.producerEpoch, transactionResult: false };
    const write = async (coordinatorEpoch: number, producerEpoch = marker.producerEpoch) => {
      const markers = [{ ...marker, producerEpoch, coordinatorEpoch, topics }];
      const answer = await client.request('WriteTxnMarkers', 1, { markers });
      return answer.markers[0]!.topics[0]!.partitions.map((each) => each.errorCode);
    };
    const unknown = errorCode('UNKNOWN_TOPIC_OR_PARTITION');
    assert.deepEqual(await write(0, -2), [errorCode('INVALID_PRODUCER_EPOCH'), unknown]);
    const ofNobody = errorCode('INVALID_REQUEST');
    assert.deepEqual(await write(1), [ofNobody, ofNobody]);
    assert.deepEqual(await write(0), [0, unknown]);
    const { highWatermark, lastStableOffset } = await broker.topics.offsets({ topic: 'tx', partition: 1 });
    assert.equal(lastStableOffset, highWatermark);
    assert.deepEqual(await write(-1), [errorCode('TRANSACTION_COORDINATOR_FENCED'), unknown]);
    // The coordinator still has it, and ends it too.
    isError(await producer.end(false), 'NONE');
  });

  it('fence a producer by a marker, also in the log of the groups, which go on', async () => {
    const producer = await producerOf('fenced-offsets');
    const { producerId } = producer.owner;
    const topics = [{ name: '__consumer_offsets', partitionIndexes: [0] }];
    const marker = {
      producerId,
      producerEpoch: 30_000,
      transactionResult: false,
      coordinatorEpoch: 0,
      topics,
    };
    const { markers } = await client.request('WriteTxnMarkers', 1, { markers: [marker] });
    isError(markers[0]!.topics[0]!.partitions[0]!.errorCode, 'NONE');
    isError(await producer.commitOffset(1), 'INVALID_PRODUCER_EPOCH');
    const other = await producerOf('other-offsets');
    isError(await other.commitOffset(8), 'NONE');
    isError(await other.end(true), 'NONE');
    assert.equal(await committedOffset(), 8);
  });

  it('are told of ids nobody knows', async () => {
    isError((await describeId('tool-nobody')).errorCode, 'TRANSACTIONAL_ID_NOT_FOUND');
    isError((await describeId('')).errorCode, 'INVALID_REQUEST');
  });
});

describe('without a permission', () => {
  const plane = {} as ControlPlane;
  const topics = [{ name: 't', partitions: [{ partitionIndex: 0 }], partitionIndexes: [0] }];
  const v3 = { v3AndBelowTransactionalId: 'x', v3AndBelowTopics: [{ name: 't', partitions: [0] }] };
  const owner = { transactionalId: 'x', groupId: 'g', transactionalIds: ['x'], topics };
  const marker = { markers: [{ topics, transactionResult: true }] };
  const table: [Api, version: number, Operation, ResourceType, request: object, ErrorName][] = [
    [initProducerId(plane), 5, 'WRITE', 'TRANSACTIONAL_ID', owner, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
    [
      ...[initProducerId(plane), 5, 'IDEMPOTENT_WRITE', 'CLUSTER', { transactionalId: null }],
      'CLUSTER_AUTHORIZATION_FAILED',
    ] as never,
    [addPartitionsToTxn(plane), 3, 'WRITE', 'TRANSACTIONAL_ID', v3, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
    [addPartitionsToTxn(plane), 3, 'WRITE', 'TOPIC', v3, 'TOPIC_AUTHORIZATION_FAILED'],
    [addPartitionsToTxn(plane), 4, 'CLUSTER_ACTION', 'CLUSTER', {}, 'CLUSTER_AUTHORIZATION_FAILED'],
    [addOffsetsToTxn(plane), 3, 'WRITE', 'TRANSACTIONAL_ID', owner, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
    [addOffsetsToTxn(plane), 3, 'READ', 'GROUP', owner, 'GROUP_AUTHORIZATION_FAILED'],
    [endTxn(plane), 5, 'WRITE', 'TRANSACTIONAL_ID', owner, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
    [writeTxnMarkers(plane), 1, 'ALTER', 'CLUSTER', marker, 'CLUSTER_AUTHORIZATION_FAILED'],
    [txnOffsetCommit(plane), 5, 'WRITE', 'TRANSACTIONAL_ID', owner, 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'],
    [txnOffsetCommit(plane), 5, 'READ', 'GROUP', owner, 'GROUP_AUTHORIZATION_FAILED'],
    [updateFeatures(plane), 2, 'ALTER', 'CLUSTER', {}, 'CLUSTER_AUTHORIZATION_FAILED'],
    [describeProducers(plane), 0, 'READ', 'TOPIC', owner, 'TOPIC_AUTHORIZATION_FAILED'],
    [
      ...[describeTransactions(plane), 0, 'DESCRIBE', 'TRANSACTIONAL_ID', owner],
      'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
    ] as never,
  ];
  for (const [api, apiVersion, operation, type, request, error] of table) {
    it(`${api.name} v${apiVersion} needs ${operation} on ${type}`, async () => {
      // A marker may be written with either of two.
      const denied = [operation, ...(api.name === 'WriteTxnMarkers' ? ['CLUSTER_ACTION'] : [])];
      const may = (asked: Operation, of: ResourceType) => !(denied.includes(asked) && of === type);
      const context = {
        apiVersion,
        access: { principal: 'User:x', may, mayAny: () => false },
      } as unknown as RequestContext;
      const answer = await api.handle(request as never, context);
      const codes: number[] = [];
      JSON.stringify(answer, (key, value) => {
        if (/errorCode$/i.test(key)) codes.push(value);
        return value;
      });
      assert.deepEqual(codes, [errorByName(error).code]);
    });
  }
});
