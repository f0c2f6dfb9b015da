import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import type { RawClient } from '../../../test/support/raw-client.ts';
import { startWireServer, type WireServer } from '../../../test/support/wire-server.ts';
import { clientBatch, recordsIn } from '../../log/log-fixture.ts';
import { errorByCode } from '../../protocol/errors.ts';
import { decodeResponse } from '../../protocol/frame.ts';

const nameOf = (code: number | undefined) => errorByCode(code ?? -1).name;

function produceTo(topic: string, records: Buffer | null, partition = 0) {
  return {
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: topic, partitionData: [{ index: partition, records }] }],
  };
}

/** Produces one batch and returns the partition's answer. */
async function produce(client: RawClient, topic: string, records: Buffer | null, version = 9) {
  const { responses } = await client.request('Produce', version, produceTo(topic, records));
  return responses[0]!.partitionResponses[0]!;
}

function fetchFrom(
  topic: string,
  fetchOffset: number,
  more: { readonly maxWaitMs?: number; readonly minBytes?: number } = {},
) {
  return {
    maxWaitMs: more.maxWaitMs ?? 0,
    minBytes: more.minBytes ?? 1,
    maxBytes: 1_000_000,
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset, partitionMaxBytes: 1_000_000 }] }],
  };
}

async function withTopic(run: (server: WireServer, client: RawClient) => Promise<void>): Promise<void> {
  await using server = await startWireServer();
  await server.topics.create('t');
  await run(server, await server.connect());
}

describe('produce and fetch', () => {
  it('never mix the bytes of clients, while memory for requests and answers goes round between them', async () => {
    // Room for six batches: most are read after their memory has been given back.
    await using server = await startWireServer({}, [], { tailBytes: 100_000 });
    await server.topics.create('t', 3);
    const partitions = [0, 1, 2];
    const rounds = Array.from({ length: 60 }, (_, n) => n);
    const textOf = (partition: number, n: number) => `${partition}/${n}:`.padEnd(16_000, `${(7 * n) % 10}`);
    const one = (partition: number, fetchOffset: number) => ({
      ...fetchFrom('t', 0, { maxWaitMs: 5_000 }),
      topics: [{ topic: 't', partitions: [{ partition, fetchOffset, partitionMaxBytes: 40_000 }] }],
    });
    const readers = partitions.map(async (partition) => {
      const [client, late] = await Promise.all([server.connect(), server.connect()]);
      for (const n of rounds) {
        // One that keeps up, and one that takes its answers when all are there.
        late.send('Fetch', 12, one(partition, n));
        const { responses } = await client.request('Fetch', 12, one(partition, n));
        const [first] = recordsIn(responses[0]!.partitions[0]!.records!);
        assert.deepEqual(first, { offset: n, value: textOf(partition, n) });
      }
      for (const n of rounds) {
        const { message } = decodeResponse('Fetch', 12, await late.nextFrame());
        const [first] = recordsIn(message.responses[0]!.partitions[0]!.records!);
        assert.deepEqual(first, { offset: n, value: textOf(partition, n) });
      }
    });
    const writers = partitions.map(async (partition) => {
      const client = await server.connect();
      for (const n of rounds)
        client.send('Produce', 9, produceTo('t', clientBatch(textOf(partition, n)), partition));
      for (const _ of rounds) await client.nextFrame();
    });
    await Promise.all([...readers, ...writers]);
  });

  it('return what was written from files, while memory for reads goes round between clients', async () => {
    await using server = await startWireServer({}, [], { tailBytes: 0 });
    await server.topics.create('t');
    const producer = await server.connect();
    const batches = Array.from({ length: 40 }, (_, n) => clientBatch(`${n}:`.padEnd(70_000, `${n % 10}`)));
    for (const batch of batches) await produce(producer, 't', Buffer.from(batch));
    const clients = await Promise.all(Array.from({ length: 6 }, () => server.connect()));
    for (const [n, client] of clients.entries()) {
      for (let offset = n; offset < 40; offset += 2) client.send('Fetch', 12, fetchFrom('t', offset));
    }
    for (const [n, client] of clients.entries()) {
      for (let offset = n; offset < 40; offset += 2) {
        const { message } = decodeResponse('Fetch', 12, await client.nextFrame());
        const { records } = message.responses[0]!.partitions[0]!;
        const found = recordsIn(records!).map(({ offset, value }) => [offset, value]);
        const expected = batches.slice(offset, offset + found.length).map((batch, i) => {
          return [offset + i, recordsIn(batch)[0]!.value];
        });
        assert.ok(found.length > 0);
        assert.deepEqual(found, expected);
      }
    }
  });

  it('return what was written, in every version', async () => {
    await withTopic(async (server, client) => {
      const topicId = server.topics.find('t')!.topicId;
      let written = 0;
      for (let version = 3; version <= 13; version++) {
        const topicData = [
          { name: 't', topicId, partitionData: [{ index: 0, records: clientBatch(`v${version}`) }] },
        ];
        const { responses } = await client.request('Produce', version, { acks: 1, topicData });
        const partition = responses[0]!.partitionResponses[0]!;
        assert.deepEqual([partition.errorCode, partition.baseOffset], [0, written++], `Produce v${version}`);
      }
      for (let version = 4; version <= 18; version++) {
        const request = fetchFrom('t', 3);
        const topics = [{ ...request.topics[0]!, topicId }];
        const { responses } = await client.request('Fetch', version, { ...request, topics });
        const partition = responses[0]!.partitions[0]!;
        assert.equal(partition.highWatermark, written, `Fetch v${version}`);
        const values = recordsIn(partition.records!).map(({ value }) => value);
        assert.deepEqual(values, ['v6', 'v7', 'v8', 'v9', 'v10', 'v11', 'v12', 'v13']);
      }
    });
  });

  it('refuse each bad partition by itself', async () => {
    await withTopic(async (server, client) => {
      await server.topics.create('__internal', 1, { internal: true });
      const badCrc = clientBatch('x');
      badCrc[badCrc.length - 1]! ^= 1;
      const zstd = clientBatch('x');
      zstd.writeInt16BE(4, 21);
      const cases: [topic: string, records: Buffer | null, version: number, error: string][] = [
        ['t', null, 9, 'INVALID_RECORD'],
        ['t', Buffer.alloc(10), 9, 'INVALID_RECORD'],
        ['t', badCrc, 9, 'CORRUPT_MESSAGE'],
        ['t', Buffer.concat([clientBatch('a'), clientBatch('b')]), 9, 'INVALID_RECORD'],
        ['t', zstd, 6, 'UNSUPPORTED_COMPRESSION_TYPE'],
        ['nowhere', clientBatch('x'), 9, 'UNKNOWN_TOPIC_OR_PARTITION'],
        ['__internal', clientBatch('x'), 9, 'INVALID_TOPIC_EXCEPTION'],
      ];
      for (const [topic, records, version, error] of cases)
        assert.equal(
          nameOf((await produce(client, topic, records, version)).errorCode),
          error,
          `${topic} ${error}`,
        );
      const two = [
        { index: 7, records: clientBatch('lost') },
        { index: 0, records: clientBatch('kept') },
      ];
      const { responses } = await client.request('Produce', 9, {
        acks: -1,
        topicData: [{ name: 't', partitionData: two }],
      });
      const errors = responses[0]!.partitionResponses.map(({ errorCode }) => nameOf(errorCode));
      assert.deepEqual(errors, ['UNKNOWN_TOPIC_OR_PARTITION', 'NONE']);
      assert.equal(server.topics.log('t').highWatermark, 1);
    });
  });

  it('answer a batch damaged at any byte with an error, never with its offset', async () => {
    await withTopic(async (server, client) => {
      // What a broker overwrites may hold anything but a base offset: leader epoch at 12..15.
      for (let position = 0; position < clientBatch('x').length; position++) {
        for (const flip of [0x01, 0x80, 0xff]) {
          if (position >= 12 && position < 16) continue;
          const records = clientBatch('x');
          records[position]! ^= flip;
          assert.notEqual((await produce(client, 't', records)).errorCode, 0, `byte ${position} ^ ${flip}`);
        }
      }
      assert.equal(server.topics.log('t').endOffset, 0);
    });
  });

  it('refuse acks other than -1, 0 and 1, and topic ids of the past', async () => {
    await withTopic(async (server, client) => {
      const acks2 = await client.request('Produce', 9, { ...produceTo('t', clientBatch('x')), acks: 2 });
      assert.equal(nameOf(acks2.responses[0]!.partitionResponses[0]!.errorCode), 'INVALID_REQUIRED_ACKS');
      const old = server.topics.find('t')!.topicId;
      await server.topics.delete('t');
      await server.topics.create('t');
      const topicData = [{ topicId: old, partitionData: [{ index: 0, records: clientBatch('x') }] }];
      const produced = await client.request('Produce', 13, { acks: 1, topicData });
      assert.equal(nameOf(produced.responses[0]!.partitionResponses[0]!.errorCode), 'UNKNOWN_TOPIC_ID');
      const topics = [{ topicId: old, partitions: [{ partition: 0, fetchOffset: 0 }] }];
      const fetched = await client.request('Fetch', 13, { maxWaitMs: 10_000, minBytes: 1, topics });
      assert.equal(nameOf(fetched.responses[0]!.partitions[0]!.errorCode), 'UNKNOWN_TOPIC_ID');
    });
  });

  it('send nothing for acks=0, and end the connection when that fails', async () => {
    await withTopic(async (server, client) => {
      client.send('Produce', 9, { ...produceTo('t', clientBatch('x')), acks: 0 });
      const correlationId = client.send('ApiVersions', 0, {});
      assert.equal((await client.receive('ApiVersions', 0)).correlationId, correlationId);
      assert.equal(server.topics.log('t').endOffset, 1);
      client.send('Produce', 9, { ...produceTo('nowhere', clientBatch('x')), acks: 0 });
      await client.closed;
      assert.match(server.complaints.join(), /acks=0 failed/);
    });
  });

  it('tell a fetch beyond either end of the log', async () => {
    await withTopic(async (server, client) => {
      for (const value of 'abc') await produce(client, 't', clientBatch(value));
      await server.topics.log('t').deleteRecordsBefore(1);
      for (const offset of [0, 4]) {
        const { responses } = await client.request(
          'Fetch',
          12,
          fetchFrom('t', offset, { maxWaitMs: 10_000 }),
        );
        const partition = responses[0]!.partitions[0]!;
        assert.equal(nameOf(partition.errorCode), 'OFFSET_OUT_OF_RANGE');
        assert.equal(partition.logStartOffset, 1);
      }
    });
  });
});

describe('a parked fetch', () => {
  it('is answered when its records are durable, and blocks nobody else', async () => {
    await withTopic(async (server, reader) => {
      const writer = await server.connect();
      reader.send('Fetch', 12, fetchFrom('t', 0, { maxWaitMs: 30_000 }));
      assert.equal((await produce(writer, 't', clientBatch('x'))).errorCode, 0);
      const { message } = await reader.receive('Fetch', 12);
      assert.deepEqual(recordsIn(message.responses[0]!.partitions[0]!.records!), [{ offset: 0, value: 'x' }]);
    });
  });

  it('waits for MinBytes until its time is up', async () => {
    await withTopic(async (server, reader) => {
      const writer = await server.connect();
      reader.send('Fetch', 12, fetchFrom('t', 0, { maxWaitMs: 80, minBytes: 1000 }));
      const started = performance.now();
      await produce(writer, 't', clientBatch('small'));
      const { message } = await reader.receive('Fetch', 12);
      assert.ok(performance.now() - started > 40);
      assert.equal(recordsIn(message.responses[0]!.partitions[0]!.records!).length, 1);
    });
  });

  it('is answered when its topic is deleted', async () => {
    await withTopic(async (server, reader) => {
      reader.send('Fetch', 12, fetchFrom('t', 0, { maxWaitMs: 30_000 }));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await server.topics.delete('t');
      const { message } = await reader.receive('Fetch', 12);
      assert.equal(nameOf(message.responses[0]!.partitions[0]!.errorCode), 'UNKNOWN_TOPIC_OR_PARTITION');
    });
  });

  it('does not outlive its client', async () => {
    await withTopic(async (server, reader) => {
      reader.send('Fetch', 12, fetchFrom('t', 0, { maxWaitMs: 30_000 }));
      reader.end();
      await reader.closed;
      assert.equal(server.server.connectionCount, 0);
    });
  });
});

describe('fetch limits', () => {
  it('always return the first batch and cut the rest at whole batches', async () => {
    await withTopic(async (server, client) => {
      await server.topics.create('u');
      const large = 'x'.repeat(3000);
      for (const topic of ['t', 'u'])
        for (let i = 0; i < 3; i++) await produce(client, topic, clientBatch(large));
      const partition = { partition: 0, fetchOffset: 0, partitionMaxBytes: 100 };
      const topics = ['t', 'u'].map((topic) => ({ topic, partitions: [partition] }));
      const { responses } = await client.request('Fetch', 12, { minBytes: 1, maxBytes: 100, topics });
      const counts = responses.map(({ partitions }) => recordsIn(partitions[0]!.records!).length);
      assert.deepEqual(counts, [1, 0]);
    });
  });
});

describe('fetch sessions', () => {
  it('answer only what is new, and know their epochs', async () => {
    await withTopic(async (server, client) => {
      await server.topics.create('u');
      await produce(client, 't', clientBatch('x'));
      const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }];
      const topics = ['t', 'u'].map((topic) => ({ topic, partitions }));
      const first = await client.request('Fetch', 12, { sessionEpoch: 0, topics });
      assert.ok(first.sessionId > 0);
      assert.deepEqual(
        first.responses.map(({ topic }) => topic),
        ['t', 'u'],
      );
      const session = { sessionId: first.sessionId, minBytes: 0 };
      const moved = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 1, partitionMaxBytes: 1000 }] }];
      const second = await client.request('Fetch', 12, { ...session, sessionEpoch: 1, topics: moved });
      assert.deepEqual(second.responses, []);
      await produce(client, 'u', clientBatch('y'));
      const third = await client.request('Fetch', 12, { ...session, sessionEpoch: 2 });
      assert.deepEqual(
        third.responses.map(({ topic }) => topic),
        ['u'],
      );
      const forgottenTopicsData = [{ topic: 'u', partitions: [0] }];
      await produce(client, 'u', clientBatch('z'));
      const fourth = await client.request('Fetch', 12, { ...session, sessionEpoch: 3, forgottenTopicsData });
      assert.deepEqual(fourth.responses, []);
      const wrong = await client.request('Fetch', 12, { ...session, sessionEpoch: 9 });
      assert.equal(nameOf(wrong.errorCode), 'INVALID_FETCH_SESSION_EPOCH');
      const unknown = await client.request('Fetch', 12, { sessionId: 1, sessionEpoch: 1 });
      assert.equal(nameOf(unknown.errorCode), 'FETCH_SESSION_ID_NOT_FOUND');
      const byId = await client.request('Fetch', 13, { ...session, sessionEpoch: 4 });
      assert.equal(nameOf(byId.errorCode), 'FETCH_SESSION_TOPIC_ID_ERROR');
    });
  });
});

describe('offsets', () => {
  it('are found by code and by time', async () => {
    await withTopic(async (_, client) => {
      const times = [1000, 3000, 2000];
      for (const time of times)
        await produce(client, 't', clientBatch({ values: ['x'], timestampsMs: [time] }));
      const cases: [timestamp: number, offset: number][] = [
        [-1, 3],
        [-2, 0],
        [-3, 1],
        [-4, 0],
        [-5, -1],
        [0, 0],
        [1001, 1],
        [3001, -1],
        [Number.MAX_SAFE_INTEGER, -1],
      ];
      for (const [timestamp, offset] of cases) {
        const topics = [{ name: 't', partitions: [{ partitionIndex: 0, timestamp }] }];
        const response = await client.request('ListOffsets', 9, { topics });
        const found = response.topics[0]!.partitions[0]!;
        assert.deepEqual([found.errorCode, found.offset], [0, offset], `timestamp ${timestamp}`);
      }
    });
  });

  it('are refused to clients that know another leader epoch', async () => {
    await withTopic(async (_, client) => {
      const cases: [epoch: number, error: string][] = [
        [4, 'FENCED_LEADER_EPOCH'],
        [5, 'NONE'],
        [6, 'UNKNOWN_LEADER_EPOCH'],
      ];
      for (const [currentLeaderEpoch, error] of cases) {
        const partition = { partition: 0, currentLeaderEpoch, leaderEpoch: 5 };
        const topics = [{ topic: 't', partitions: [partition] }];
        const ends = await client.request('OffsetForLeaderEpoch', 4, { topics });
        assert.equal(nameOf(ends.topics[0]!.partitions[0]!.errorCode), error);
        const fetch = fetchFrom('t', 0);
        const fetched = await client.request('Fetch', 12, {
          ...fetch,
          topics: [{ topic: 't', partitions: [{ ...fetch.topics[0]!.partitions[0]!, currentLeaderEpoch }] }],
        });
        assert.equal(nameOf(fetched.responses[0]!.partitions[0]!.errorCode), error);
      }
    });
  });
});

describe('metadata', () => {
  it('knows who asks for all topics and who for none', async () => {
    await withTopic(async (server, client) => {
      const cases: [version: number, topics: [] | null, count: number][] = [
        [0, [], 1],
        [1, [], 0],
        [1, null, 1],
        [13, null, 1],
      ];
      for (const [version, topics, count] of cases)
        assert.equal(
          (await client.request('Metadata', version, { topics })).topics.length,
          count,
          `v${version}`,
        );
      const { brokers, clusterId, controllerId } = await client.request('Metadata', 12, { topics: null });
      assert.deepEqual(
        [brokers[0]?.port, clusterId, controllerId],
        [server.server.address.port, 'wire-test', 1],
      );
    });
  });

  it('creates topics only when both sides allow it', async () => {
    await withTopic(async (server, client) => {
      const ask = async (name: string, allowAutoTopicCreation: boolean) => {
        const response = await client.request('Metadata', 9, { topics: [{ name }], allowAutoTopicCreation });
        return nameOf(response.topics[0]!.errorCode);
      };
      assert.equal(await ask('new', true), 'UNKNOWN_TOPIC_OR_PARTITION');
      server.topics.mayAutoCreate = true;
      assert.equal(await ask('new', false), 'UNKNOWN_TOPIC_OR_PARTITION');
      assert.equal(await ask('new', true), 'NONE');
      assert.equal(await ask('bad name', true), 'INVALID_TOPIC_EXCEPTION');
    });
  });

  it('finds topics by id from v12 on', async () => {
    await withTopic(async (server, client) => {
      const { topicId } = server.topics.find('t')!;
      const topics = [
        { name: null, topicId },
        { name: null, topicId: 'f'.repeat(32) },
      ];
      const response = await client.request('Metadata', 12, { topics });
      assert.deepEqual(
        response.topics.map(({ name, errorCode }) => [name, nameOf(errorCode)]),
        [
          ['t', 'NONE'],
          [null, 'UNKNOWN_TOPIC_ID'],
        ],
      );
    });
  });

  it('describes the cluster, but has no controllers to reach', async () => {
    await withTopic(async (server, client) => {
      const cluster = await client.request('DescribeCluster', 1, { endpointType: 1 });
      assert.deepEqual([cluster.clusterId, cluster.controllerId], ['wire-test', 1]);
      const { port } = server.server.address;
      const broker = { brokerId: 1, host: '127.0.0.1', port, rack: null, isFenced: false };
      assert.deepEqual(cluster.brokers, [broker]);
      const controllers = await client.request('DescribeCluster', 1, { endpointType: 2 });
      assert.equal(nameOf(controllers.errorCode), 'MISMATCHED_ENDPOINT_TYPE');
    });
  });

  it('is paged by DescribeTopicPartitions', async () => {
    await withTopic(async (server, client) => {
      await server.topics.create('big', 5);
      const page = async (cursor: { topicName: string; partitionIndex: number } | null) => {
        const { topics, nextCursor } = await client.request('DescribeTopicPartitions', 0, {
          responsePartitionLimit: 2,
          cursor,
        });
        const found = topics.map(
          ({ name, partitions }) => `${name}:${partitions.map((each) => each.partitionIndex)}`,
        );
        return { found: found.join(' '), nextCursor };
      };
      const first = await page(null);
      assert.deepEqual(first, { found: 'big:0,1', nextCursor: { topicName: 'big', partitionIndex: 2 } });
      const second = await page(first.nextCursor);
      assert.deepEqual(second, { found: 'big:2,3', nextCursor: { topicName: 'big', partitionIndex: 4 } });
      assert.deepEqual(await page(second.nextCursor), { found: 'big:4 t:0', nextCursor: null });
    });
  });
});

describe('ApiVersions', () => {
  it('is answered as version 0 to a client from the future', async () => {
    await withTopic(async (_, client) => {
      const frame = Buffer.from('00000011001200630000000700000000000000000000', 'hex').subarray(0, 21);
      client.sendBytes(frame);
      const { correlationId, message } = await client.receive('ApiVersions', 0);
      assert.equal(correlationId, 7);
      assert.equal(nameOf(message.errorCode), 'UNSUPPORTED_VERSION');
      assert.deepEqual(message.apiKeys, [{ apiKey: 18, minVersion: 0, maxVersion: 4 }]);
      assert.equal((await client.request('ApiVersions', 4, {})).errorCode, 0);
    });
  });
});
