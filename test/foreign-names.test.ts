// A name of somebody else's that leads to this machine: to a browser its pages are this server's own.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { connect as connectHttp2, constants } from 'node:http2';
import { after, before, describe, it } from 'node:test';
import WebSocket from 'ws';
import { Millrace } from '../src/millrace.ts';

const CREATE = `CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`;
const PATH = `/ws/query?request=${encodeURIComponent('{"ksql":"SELECT * FROM S;"}')}`;

type Answer = [status: number, body: string];

function overHttp1(address: string, host: string, path: string, body?: string): Promise<Answer> {
  const method = body === undefined ? 'GET' : 'POST';
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`http://${address}${path}`, { method, headers: { host } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => resolve([response.statusCode ?? 0, text]));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

async function overHttp2(address: string, host: string): Promise<number> {
  const session = connectHttp2(`http://${address}`);
  const request = session.request({ ':path': '/query', ':method': 'POST', ':authority': host });
  request.end('{"ksql":"SELECT * FROM S;"}');
  const status = await new Promise<number>((resolve) =>
    request.on('response', (headers) => resolve(Number(headers[constants.HTTP2_HEADER_STATUS]))),
  );
  request.resume();
  session.close();
  return status;
}

/** 101 when it was opened, else the status of the refusal. */
function openWebSocket(address: string, host: string): Promise<number> {
  const client = new WebSocket(`ws://${address}${PATH}`, { headers: { host } });
  return new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('open', () => {
      client.close();
      resolve(101);
    });
    client.on('unexpected-response', (_request, response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
  });
}

for (const [name, allowedHosts, allowed] of [
  ['evil.example', undefined, false],
  ['localhost', undefined, true],
  ['shop.example', ['shop.example'], true],
] as const)
  describe(`asked as ${name}, where allowedHosts is ${allowedHosts}, a server`, () => {
    let millrace: Millrace;
    before(async () => {
      millrace = await Millrace.start({
        data: 'memory',
        registry: '127.0.0.1:0',
        sql: CREATE,
        ...(allowedHosts && { allowedHosts }),
      });
    });
    after(() => millrace.stop());
    const hostAt = (address: string) => `${name}:${address.split(':')[1]}`;
    const verdict = allowed ? 'answers' : 'refuses';

    const requests: [path: string, body?: string][] = [
      ['/ksql', '{"ksql":"SHOW STREAMS;"}'],
      ['/query', '{"ksql":"SELECT * FROM S;"}'],
      ['/query-stream', '{"sql":"SELECT * FROM S;"}'],
      ['/inserts-stream', '{"target":"S"}\n'],
      ['/api/overview'],
      ['/info'],
      ['/metrics'],
    ];
    for (const [path, body] of requests)
      it(`${verdict} at ${path}`, async () => {
        const { httpAddress } = millrace;
        const [status, text] = await overHttp1(httpAddress, hostAt(httpAddress), path, body);
        assert.equal(status, allowed ? 200 : 403, text);
        if (!allowed) assert.match(text, /"error_code":40300.*allowedHosts=evil\.example/);
      });

    it(`${verdict} over HTTP/2`, async () => {
      assert.equal(await overHttp2(millrace.httpAddress, hostAt(millrace.httpAddress)), allowed ? 200 : 403);
    });

    it(`${verdict} by the WebSocket`, async () => {
      const status = await openWebSocket(millrace.httpAddress, hostAt(millrace.httpAddress));
      assert.equal(status, allowed ? 101 : 403);
    });

    it(`${verdict} by the registry`, async () => {
      const address = millrace.registryAddress!;
      const [status, text] = await overHttp1(address, hostAt(address), '/subjects');
      assert.equal(status, allowed ? 200 : 403, text);
      if (!allowed) assert.match(text, /"error_code":40301/);
    });
  });
