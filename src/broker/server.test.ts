import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import type { RawClient } from '../../test/support/raw-client.ts';
import { startWireServer, type WireServer } from '../../test/support/wire-server.ts';
import { Deferred } from '../base/async.ts';
import { SeededRandom } from '../base/seeded-random.ts';
import { clientBatch } from '../log/log-fixture.ts';
import { api } from './api.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function isServed(client: RawClient): Promise<void> {
  assert.equal((await client.request('ApiVersions', 3, {})).errorCode, 0);
}

async function produceLarge(server: WireServer, client: RawClient, bytes: number): Promise<void> {
  await server.topics.create('large');
  const partitionData = [{ index: 0, records: clientBatch('x'.repeat(bytes)) }];
  await client.request('Produce', 9, { acks: 1, topicData: [{ name: 'large', partitionData }] });
}

const FETCH_LARGE = {
  minBytes: 1,
  maxBytes: 100_000_000,
  topics: [
    { topic: 'large', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100_000_000 }] },
  ],
};

describe('one connection', () => {
  it('is answered in the order of its requests', async () => {
    await using server = await startWireServer();
    await server.topics.create('t');
    const client = await server.connect();
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }];
    const parked = client.send('Fetch', 12, { maxWaitMs: 50, minBytes: 1, topics });
    const behind = client.send('ApiVersions', 3, {});
    assert.equal((await client.receive('Fetch', 12)).correlationId, parked);
    assert.equal((await client.receive('ApiVersions', 3)).correlationId, behind);
  });

  it('starts overlapping requests at once and any other after those before it', async () => {
    const started: string[] = [];
    const gate = new Deferred();
    const slow = api(
      'EndTxn',
      [0, 5],
      async () => {
        started.push('slow');
        await gate.promise;
        return {};
      },
      { overlaps: true },
    );
    const plain = api('Heartbeat', [0, 4], () => {
      started.push('plain');
      return {};
    });
    await using server = await startWireServer({}, [slow, plain]);
    const client = await server.connect();
    const ids = [client.send('EndTxn', 3, {}), client.send('EndTxn', 3, {}), client.send('Heartbeat', 4, {})];
    while (started.length < 2) await pause(1);
    await pause(10);
    assert.deepEqual(started, ['slow', 'slow']);
    gate.resolve();
    const answered = [
      await client.receive('EndTxn', 3),
      await client.receive('EndTxn', 3),
      await client.receive('Heartbeat', 4),
    ];
    assert.deepEqual(
      answered.map(({ correlationId }) => correlationId),
      ids,
    );
    assert.deepEqual(started, ['slow', 'slow', 'plain']);
  });

  it('gets all answers when it ends its side after the last request', async () => {
    await using server = await startWireServer();
    await server.topics.create('t');
    const client = await server.connect();
    const partitionData = [{ index: 0, records: clientBatch('x') }];
    client.send('Produce', 9, { acks: 1, topicData: [{ name: 't', partitionData }] });
    client.send('ApiVersions', 3, {});
    client.end();
    const { message } = await client.receive('Produce', 9);
    assert.equal(message.responses[0]!.partitionResponses[0]!.errorCode, 0);
    await client.receive('ApiVersions', 3);
    await client.closed;
  });

  it('is not read from while its answers are not taken', async () => {
    await using server = await startWireServer();
    const writer = await server.connect();
    await produceLarge(server, writer, 900_000);
    const reader = await server.connect();
    reader.pause();
    for (let i = 0; i < 60; i++) reader.send('Fetch', 12, FETCH_LARGE);
    await pause(50);
    await isServed(writer);
    reader.resume();
    for (let i = 0; i < 60; i++) {
      const { message } = await reader.receive('Fetch', 12);
      assert.ok(message.responses[0]!.partitions[0]!.records!.length > 900_000);
    }
  });

  it('ends when a handler fails unexpectedly, alone', async () => {
    const broken = api('Heartbeat', [0, 4], async () => {
      throw new Error('a bug');
    });
    await using server = await startWireServer({}, [broken]);
    const [client, other] = [await server.connect(), await server.connect()];
    client.send('Heartbeat', 4, {});
    await client.closed;
    assert.match(server.complaints.join(), /failed unexpectedly.*a bug/);
    await isServed(other);
  });
});

describe('garbage', () => {
  const hello = Buffer.concat([Buffer.from('16030100f8010000f40303', 'hex'), Buffer.alloc(240, 7)]);
  const cases: [what: string, bytes: Buffer, complaint: RegExp][] = [
    ['a TLS hello', hello, /TLS handshake/],
    ['an HTTP request', Buffer.from('GET /topics HTTP/1.1\r\nHost: localhost\r\n\r\n'), /HTTP request/],
    ['a negative length', Buffer.from('80000000', 'hex'), /negative length/],
    ['an oversized frame', Buffer.from('7fffffff0000', 'hex'), /more than socket.request.max.bytes/],
    ['an empty frame', Buffer.from('00000000', 'hex'), /header is cut short/],
    ['an unknown API', Buffer.from('0000000a7fff000000000001ffff', 'hex'), /API key 32767 version 0 is not/],
    [
      'an unsupported version',
      Buffer.from('0000000a0000000200000001ffff', 'hex'),
      /Produce version 2 is not/,
    ],
    [
      'a body cut short',
      Buffer.from('0000000a0003000100000001ffff', 'hex'),
      /Metadata request v1 is cut short/,
    ],
    ['a hostile count', Buffer.from('0000000e0003000100000001ffff7fffffff', 'hex'), /Metadata request v1/],
  ];
  for (const [what, bytes, complaint] of cases) {
    it(`ends only its own connection: ${what}`, async () => {
      await using server = await startWireServer();
      const [client, other] = [await server.connect(), await server.connect()];
      client.sendBytes(bytes);
      await client.closed;
      assert.equal(server.complaints.length, 1);
      assert.match(server.complaints[0]!, complaint);
      await isServed(other);
    });
  }

  it('of any kind leaves the server up', async () => {
    await using server = await startWireServer();
    const other = await server.connect();
    const seeded = new SeededRandom(42);
    const random = (bound: number) => Math.floor(seeded.next() * bound);
    for (let round = 0; round < 60; round++) {
      const client = await server.connect();
      const bytes = Buffer.from(seeded.bytes(1 + random(200)));
      // Half of them with a fitting frame length, so that the garbage gets as far as the codec.
      if (round % 2 === 0 && bytes.length > 8) bytes.writeInt32BE(bytes.length - 4);
      if (round % 4 === 0 && bytes.length > 8) bytes.writeInt32BE(random(16), 4);
      client.sendBytes(bytes);
      client.end();
      await client.closed;
    }
    await isServed(other);
    assert.equal(server.server.connectionCount, 1);
  });
});

describe('a client that asks for much at once', () => {
  it('does not keep another one waiting until all of it is answered', async () => {
    await using server = await startWireServer();
    const [greedy, modest] = [await server.connect(), await server.connect()];
    const many = 2000;
    for (let i = 0; i < many; i++) greedy.send('ApiVersions', 3, {});
    let answered = 0;
    const all = (async () => {
      while (answered < many) {
        await greedy.receive('ApiVersions', 3);
        answered++;
      }
    })();
    await isServed(modest);
    assert.ok(answered < many, `${answered} answers came first`);
    await all;
  });
});

describe('limits', () => {
  it('refuse connections above the maximum', async () => {
    await using server = await startWireServer({ maxConnections: 2 });
    const first = await server.connect();
    await isServed(first);
    await isServed(await server.connect());
    await (await server.connect()).closed;
    await isServed(first);
    assert.match(server.complaints.join(), /max.connections=2/);
  });

  it('end connections that stay silent, not those with a parked fetch', async () => {
    await using server = await startWireServer({ maxIdleMs: 40 });
    await server.topics.create('t');
    const [silent, waiting] = [await server.connect(), await server.connect()];
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }];
    waiting.send('Fetch', 12, { maxWaitMs: 200, minBytes: 1, topics });
    await silent.closed;
    await waiting.receive('Fetch', 12);
  });

  it('bound the requests of all connections together', async () => {
    const gate = new Deferred();
    let started = 0;
    const slow = api('Heartbeat', [0, 4], async () => {
      started++;
      await gate.promise;
      return {};
    });
    await using server = await startWireServer({ maxReceivedBytes: 100_000 }, [slow]);
    const clients = await Promise.all(Array.from({ length: 5 }, () => server.connect()));
    for (const client of clients) {
      client.send('Heartbeat', 4, { groupId: 'g'.repeat(30_000) });
      await pause(5);
      client.send('Heartbeat', 4, { groupId: 'g' });
    }
    await pause(20);
    assert.ok(started >= 3, `${started} started`);
    gate.resolve();
    for (const client of clients) for (const _ of [1, 2]) await client.receive('Heartbeat', 4);
  });

  it('keep 1,000 idle connections cheap while others are served', async () => {
    await using server = await startWireServer();
    const client = await server.connect();
    await isServed(client);
    const before = process.memoryUsage().heapUsed;
    for (let batch = 0; batch < 10; batch++)
      await Promise.all(Array.from({ length: 100 }, () => server.connect()));
    while (server.server.connectionCount < 1001) await pause(5);
    // Both ends of each live in this process.
    const perConnection = (process.memoryUsage().heapUsed - before) / 1000;
    assert.ok(perConnection < 40_000, `${Math.round(perConnection)} bytes each`);
    await isServed(client);
  });
});

describe('stopping', () => {
  it('answers what has started, parked fetches at once, and then closes', async () => {
    await using server = await startWireServer();
    await server.topics.create('t');
    const client = await server.connect();
    const topics = [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 100 }] }];
    client.send('Fetch', 12, { maxWaitMs: 60_000, minBytes: 1, topics });
    await pause(20);
    const answer = client.receive('Fetch', 12);
    await server.server.stop(5000);
    assert.equal((await answer).message.responses[0]!.partitions[0]!.errorCode, 0);
    await client.closed;
  });

  it('cuts off who does not finish within the deadline', async () => {
    const stuck = api('Heartbeat', [0, 4], () => new Promise<null>(() => {}));
    await using server = await startWireServer({}, [stuck]);
    const client = await server.connect();
    client.send('Heartbeat', 4, {});
    await pause(20);
    await server.server.stop(30);
    await client.closed;
  });
});
