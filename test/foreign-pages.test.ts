// What pages of other sites can make a browser send: nothing of it may be done unless the setting says so.
import assert from 'node:assert/strict';
import { connect as connectHttp2, constants } from 'node:http2';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { Millrace } from '../src/millrace.ts';

const CREATE = `CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`;
const PATH = `/ws/query?request=${encodeURIComponent('{"ksql":"SELECT * FROM S;"}')}`;

/** 101 when it was opened, else the status of the refusal. */
function openWebSocket(address: string, origin: string): Promise<[status: number, body: string]> {
  const client = new WebSocket(`ws://${address}${PATH}`, { origin });
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('open', () => {
      client.close();
      resolve([101, '']);
    });
    client.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text) => {
        body += text;
      });
      response.on('end', () => resolve([response.statusCode ?? 0, body]));
    });
  });
}

async function overHttp2(address: string, origin: string): Promise<number> {
  const session = connectHttp2(`http://${address}`);
  const request = session.request({ ':path': '/query', ':method': 'POST', origin });
  request.end('{"ksql":"SELECT * FROM S;"}');
  const status = await new Promise<number>((resolve) =>
    request.on('response', (headers) => resolve(Number(headers[constants.HTTP2_HEADER_STATUS]))),
  );
  request.resume();
  session.close();
  return status;
}

for (const [allowOrigin, origin, allowed] of [
  [undefined, 'http://evil', false],
  [undefined, 'null', false],
  [undefined, 'own', true],
  ['http://page', 'http://page', true],
  ['http://page', 'http://evil', false],
  ['http://page', 'own', true],
  ['*', 'http://any', true],
] as const)
  describe(`where allowOrigin is ${allowOrigin}, a page of ${origin}`, () => {
    let millrace: Millrace;
    before(async () => {
      millrace = await Millrace.start({ data: 'memory', registry: '127.0.0.1:0', allowOrigin, sql: CREATE });
    });
    after(() => millrace.stop());
    const originAt = (address: string) => (origin === 'own' ? `http://${address}` : origin);

    const requests: [path: string, body?: string][] = [
      ['/ksql', '{"ksql":"SHOW STREAMS;"}'],
      ['/query', '{"ksql":"SELECT * FROM S;"}'],
      ['/query-stream', '{"sql":"SELECT * FROM S;"}'],
      ['/inserts-stream', '{"target":"S"}\n'],
      ['/api/overview'],
    ];
    const verdict = allowed ? 'is answered' : 'is refused';
    for (const [path, body] of requests)
      it(`${verdict} at ${path}`, async () => {
        const headers = { 'content-type': 'text/plain', origin: originAt(millrace.httpAddress) };
        const init = { headers, ...(body !== undefined && { method: 'POST', body }) };
        const response = await fetch(`http://${millrace.httpAddress}${path}`, init);
        const text = await response.text();
        assert.equal(response.status, allowed ? 200 : 403, text);
        if (!allowed) assert.match(text, new RegExp(`"error_code":40300.*allowOrigin=${origin}`));
      });

    it(`${verdict} over HTTP/2`, async () => {
      const status = await overHttp2(millrace.httpAddress, originAt(millrace.httpAddress));
      assert.equal(status, allowed ? 200 : 403);
    });

    it(`${verdict} by the WebSocket`, async () => {
      const [status, body] = await openWebSocket(millrace.httpAddress, originAt(millrace.httpAddress));
      assert.equal(status, allowed ? 101 : 403);
      if (!allowed) assert.match(body, new RegExp(`allowOrigin=${origin}`));
    });

    it(`${verdict} by the registry`, async () => {
      const { registryAddress } = millrace;
      const response = await fetch(`http://${registryAddress}/subjects/s/versions`, {
        method: 'POST',
        headers: { 'content-type': 'text/plain', origin: originAt(registryAddress!) },
        body: '{"schema":"\\"int\\""}',
      });
      assert.equal(response.status, allowed ? 200 : 403, await response.text());
    });
  });
