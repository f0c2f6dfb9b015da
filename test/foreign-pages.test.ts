// What pages of other sites can make a browser send: nothing of it may be done unless the setting says so.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Millrace } from '../src/millrace.ts';
import { openWebSocket, overHttp2 } from './support/page-requests.ts';

const CREATE = `CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`;

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
      const status = await overHttp2(millrace.httpAddress, { origin: originAt(millrace.httpAddress) });
      assert.equal(status, allowed ? 200 : 403);
    });

    it(`${verdict} by the WebSocket`, async () => {
      const [status, body] = await openWebSocket(millrace.httpAddress, {
        origin: originAt(millrace.httpAddress),
      });
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
