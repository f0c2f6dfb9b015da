import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { KsqlClient, KsqlRefusal, quote, type Row } from './ksql-client.ts';

type Answer = (response: ServerResponse, request: IncomingMessage, body: string) => void;

/** A real server with one answer, gone after the test. */
async function serve(t: TestContext, answer: Answer): Promise<KsqlClient> {
  const server = createServer(async (request, response) => answer(response, request, await text(request)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    server.closeAllConnections();
  });
  return new KsqlClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
}

const header = '{"queryId":"q1","columnNames":["A","B"],"columnTypes":["STRING","INTEGER"]}\n';

test('a statement goes to /ksql as ksqlDB clients send it', async (t) => {
  let seen: unknown;
  const client = await serve(t, (response, { url, headers }, body) => {
    seen = [url, headers['content-type'], JSON.parse(body)];
    response.end('[]');
  });
  await client.execute('INSERT INTO S (A) VALUES (1);');
  assert.deepEqual(seen, [
    '/ksql',
    'application/vnd.ksql.v1+json',
    { ksql: 'INSERT INTO S (A) VALUES (1);' },
  ]);
});

test('a refusal carries the status and the message of the server', async (t) => {
  const client = await serve(t, (response) => {
    response.writeHead(400).end('{"@type":"statement_error","error_code":40001,"message":"no such stream"}');
  });
  await assert.rejects(
    client.execute('INSERT'),
    (error) => error instanceof KsqlRefusal && error.status === 400 && error.message === 'no such stream',
  );
});

test('rows are read however the answer is cut into pieces', async (t) => {
  const answer = `${header}["é",1]\n["b",2]`;
  for (const size of [1, 2, 3, 7, 1_000]) {
    const client = await serve(t, async (response) => {
      const bytes = Buffer.from(answer);
      for (let at = 0; at < bytes.length; at += size) {
        response.write(bytes.subarray(at, at + size));
        if (size > 2) await new Promise(setImmediate);
      }
      response.end();
    });
    assert.deepEqual(await client.pull('SELECT'), [
      ['é', 1],
      ['b', 2],
    ]);
  }
});

test('a push tells when it is open, then each row as it comes', async (t) => {
  let go = (): void => {};
  let asked: unknown;
  const client = await serve(t, (response, _request, body) => {
    asked = JSON.parse(body);
    response.write(header);
    go = () => response.end('["a",1]\n');
  });
  const rows: Row[] = [];
  const opened: number[] = [];
  const done = client.push('SELECT', {
    from: 'earliest',
    onOpen: () => {
      opened.push(rows.length);
      go();
    },
    onRow: (row) => rows.push(row),
  });
  await done;
  assert.deepEqual(asked, { sql: 'SELECT', properties: { 'auto.offset.reset': 'earliest' } });
  assert.deepEqual([opened, rows], [[0], [['a', 1]]]);
});

test('an error in the middle of a push ends it as an error', async (t) => {
  const client = await serve(t, (response) =>
    response.end(`${header}{"error_code":50000,"message":"broken"}\n`),
  );
  await assert.rejects(client.push('SELECT', { onRow: () => {} }), /broken/);
});

test('quotes are doubled', () => assert.equal(quote("O'Neil's"), "'O''Neil''s'"));
