// Bytes that are no request: whatever arrives on either port, the server stays up and goes on serving others.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { type ServerProcess, serverForTest } from './support/server.ts';

const TLS_HELLO = Buffer.from(`16030100c8010000c40303${'5a'.repeat(192)}`, 'hex');
const HTTP_REQUEST = Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');

function frame(length: number, body: Buffer): Buffer {
  const head = Buffer.alloc(4);
  head.writeInt32BE(length | 0);
  return Buffer.concat([head, body]);
}

/** A well-formed request header: api key, version, correlation id, client id "x". */
function header(apiKey: number, version: number): Buffer {
  const bytes = Buffer.alloc(11);
  bytes.writeInt16BE(apiKey, 0);
  bytes.writeInt16BE(version, 2);
  bytes.writeInt32BE(7, 4);
  bytes.writeInt16BE(1, 8);
  bytes.write('x', 10);
  return bytes;
}

function pseudoRandom(length: number, seed: number): Buffer {
  const bytes = Buffer.alloc(length);
  let state = seed;
  for (let n = 0; n < length; n++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[n] = state >>> 16;
  }
  return bytes;
}

const KAFKA_GARBAGE: [name: string, bytes: Buffer][] = [
  ['a TLS hello', TLS_HELLO],
  ['an HTTP request', HTTP_REQUEST],
  ['a negative length', frame(-5, Buffer.alloc(10))],
  ['a length of two gigabytes', frame(0x7fffffff, Buffer.alloc(10))],
  ['an empty frame', frame(0, Buffer.alloc(0))],
  ['a frame shorter than a header', frame(3, Buffer.from([0, 1, 2]))],
  ['an unknown API', frame(11, header(9999, 0))],
  ['an unknown version', frame(11, header(3, 999))],
  ['a metadata request cut short', frame(13, Buffer.concat([header(3, 1), Buffer.from([0, 0])]))],
  [
    'a metadata request naming a billion topics',
    frame(15, Buffer.concat([header(3, 1), Buffer.from([0x3b, 0x9a, 0xca, 0])])),
  ],
  ['a produce request of noise', frame(211, Buffer.concat([header(0, 9), pseudoRandom(200, 3)]))],
  ['a fetch request of noise', frame(211, Buffer.concat([header(1, 12), pseudoRandom(200, 4)]))],
  ['half a frame', frame(1000, Buffer.alloc(20))],
  ['random bytes', pseudoRandom(5000, 1)],
  ['more random bytes', pseudoRandom(70_000, 2)],
];

const HTTP_GARBAGE: [name: string, bytes: Buffer][] = [
  ['a TLS hello', TLS_HELLO],
  ['random bytes', pseudoRandom(5000, 5)],
  ['half an HTTP/2 preface', Buffer.from('PRI * HTTP/2.0\r\n')],
  [
    'an HTTP/2 preface and noise',
    Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), pseudoRandom(3000, 6)]),
  ],
  [
    'a body that never comes',
    Buffer.from('POST /ksql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{"ks'),
  ],
  [
    'a body that is no JSON',
    Buffer.from('POST /ksql HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\n{"ks'),
  ],
  [
    'a chunk size that is none',
    Buffer.from('POST /ksql HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzzzz\r\n'),
  ],
  [
    'endless headers',
    Buffer.concat([Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\nX: '), Buffer.alloc(200_000, 0x61)]),
  ],
];

/** Sends bytes, lingers a little, then drops the connection. */
function send(address: string, bytes: Buffer): Promise<void> {
  const [host, port] = address.split(':') as [string, string];
  return new Promise((resolve) => {
    const socket = connect(Number(port), host, () => {
      socket.write(bytes);
      setTimeout(() => socket.destroy(), 60);
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => resolve());
  });
}

async function serves(server: ServerProcess): Promise<void> {
  const admin = new Kafka({ brokers: [server.kafka], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.listTopics();
  await admin.disconnect();
  const info = await fetch(`${server.http}/info`);
  assert.equal(info.status, 200);
  await info.text();
}

describe('garbage', () => {
  it('on the Kafka port leaves the server serving', async (t) => {
    const server = await serverForTest(t);
    for (const [name, bytes] of KAFKA_GARBAGE) {
      await send(server.kafka, bytes);
      await serves(server).catch((error: unknown) => assert.fail(`after ${name}: ${error}`));
    }
  });

  it('on the HTTP port leaves the server serving', async (t) => {
    const server = await serverForTest(t);
    for (const [name, bytes] of HTTP_GARBAGE) {
      await send(server.http.replace('http://', ''), bytes);
      await serves(server).catch((error: unknown) => assert.fail(`after ${name}: ${error}`));
    }
  });
});
