// A name of somebody else's that leads to this machine: to a browser its pages are this server's own.
import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { after, before, describe, it } from 'node:test';
import { Millrace } from '../src/millrace.ts';
import { openWebSocket, overHttp2 } from './support/page-requests.ts';

const CREATE = `CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`;

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
      assert.equal(
        await overHttp2(millrace.httpAddress, { ':authority': hostAt(millrace.httpAddress) }),
        allowed ? 200 : 403,
      );
    });

    it(`${verdict} by the WebSocket`, async () => {
      const [status] = await openWebSocket(millrace.httpAddress, { host: hostAt(millrace.httpAddress) });
      assert.equal(status, allowed ? 101 : 403);
    });

    it(`${verdict} by the registry`, async () => {
      const address = millrace.registryAddress!;
      const [status, text] = await overHttp1(address, hostAt(address), '/subjects');
      assert.equal(status, allowed ? 200 : 403, text);
      if (!allowed) assert.match(text, /"error_code":40301/);
    });
  });
