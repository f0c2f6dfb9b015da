// Queries over HTTP as clients run them: push and pull, all content types, both protocols, inserts that stream.
import assert from 'node:assert/strict';
import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import WebSocket from 'ws';
import type { Millrace, MillraceOptions } from '../../src/millrace.ts';

/** What HTTP clients see of queries, wherever these run. */
export function describeSqlOverHttp(
  name: string,
  startMillrace: (options: Omit<MillraceOptions, 'data'>) => Promise<Millrace>,
): void {
  describe(`SQL over HTTP, ${name}`, () => {
    let millrace: Millrace;
    let base = '';

    before(async () => {
      millrace = await startMillrace({
        maxWaitingBytes: 100_000,
        stallMs: 300,
        sql: `
      CREATE STREAM READINGS (SENSOR STRING KEY, C DOUBLE, N BIGINT) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON', PARTITIONS=2);
      CREATE TABLE HOTTEST AS SELECT SENSOR, MAX(C) AS C, COUNT(*) AS N FROM READINGS GROUP BY SENSOR;
      CREATE STREAM NOTES (TEXT STRING) WITH (KAFKA_TOPIC='notes', VALUE_FORMAT='JSON', PARTITIONS=1);`,
      });
      base = `http://${millrace.httpAddress}`;
      await millrace.sql("INSERT INTO READINGS (SENSOR, C, N) VALUES ('a', 20.5, 9223372036854775807);");
      await millrace.sql("INSERT INTO READINGS (SENSOR, C, N) VALUES ('b', 3, 1);");
    });
    after(() => millrace.stop());

    function post(path: string, body: unknown, accept?: string, signal?: AbortSignal): Promise<Response> {
      return fetch(base + path, {
        method: 'POST',
        body: typeof body === 'string' ? body : JSON.stringify(body),
        ...(accept && { headers: { accept } }),
        ...(signal && { signal }),
      });
    }

    /** Lines of a body, one by one as they arrive. */
    async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
      const decoder = new TextDecoder();
      let rest = '';
      for await (const chunk of body) {
        const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
      if (rest !== '') yield rest;
    }

    async function pushQueryIds(): Promise<string[]> {
      const response = await post('/ksql', { ksql: 'SHOW QUERIES;' });
      const [{ queries }] = (await response.json()) as [{ queries: { id: string; queryType: string }[] }];
      return queries.filter(({ queryType }) => queryType === 'PUSH').map(({ id }) => id);
    }

    async function eventually(probe: () => Promise<boolean>): Promise<void> {
      for (let i = 0; i < 200; i++) {
        if (await probe()) return;
        await delay(10);
      }
      assert.fail('it did not happen within two seconds');
    }

    describe('pull queries', () => {
      const sql = "SELECT SENSOR, C, N FROM HOTTEST WHERE SENSOR = 'a';";
      const header = {
        queryId: 'Q',
        columnNames: ['SENSOR', 'C', 'N'],
        columnTypes: ['STRING', 'DOUBLE', 'BIGINT'],
      };
      const cases: [
        name: string,
        path: string,
        body: object,
        accept: string | undefined,
        type: string,
        text: string,
      ][] = [
        [
          '/query-stream by default',
          '/query-stream',
          { sql },
          undefined,
          'application/vnd.ksqlapi.delimited.v1',
          `${JSON.stringify(header)}\n["a",20.5,1]\n`,
        ],
        [
          '/query-stream as one array',
          '/query-stream',
          { sql },
          'application/json',
          'application/json',
          `[${JSON.stringify(header)},["a",20.5,1]]`,
        ],
        [
          '/query',
          '/query',
          { ksql: sql },
          undefined,
          'application/vnd.ksql.v1+json',
          '[{"header":{"queryId":"Q","schema":"`SENSOR` STRING KEY, `C` DOUBLE, `N` BIGINT"}},\n{"row":{"columns":["a",20.5,1]}}]\n',
        ],
      ];
      for (const [name, path, body, accept, type, text] of cases)
        it(`are answered by ${name}`, async () => {
          const response = await post(path, body, accept);
          assert.equal(response.headers.get('content-type'), type);
          assert.equal((await response.text()).replace(/query_\d+/, 'Q'), text);
        });

      it('scan, filter and stop at a limit', async () => {
        const rows = async (where: string) =>
          (
            JSON.parse(
              await (
                await post(
                  '/query-stream',
                  { sql: `SELECT SENSOR FROM HOTTEST ${where};` },
                  'application/json',
                )
              ).text(),
            ) as unknown[]
          ).slice(1);
        assert.deepEqual((await rows('')).sort(), [['a'], ['b']]);
        assert.deepEqual(await rows('WHERE C > 10'), [['a']]);
        assert.deepEqual(await rows("WHERE SENSOR IN ('b', 'x', 'b')"), [['b']]);
        assert.equal((await rows('LIMIT 1')).length, 1);
      });

      it('read a stream from its beginning to its end', async () => {
        const text = await (await post('/query', { ksql: 'SELECT SENSOR, N FROM READINGS;' })).text();
        assert.match(text, /"N` BIGINT|`N` BIGINT/);
        assert.ok(text.includes('{"row":{"columns":["a",9223372036854775807]}}'), text);
        assert.ok(text.endsWith('{"finalMessage":"Query Completed"}]\n'), text);
      });

      it('say what is wrong with a position', async () => {
        const response = await post('/query-stream', { sql: 'SELECT NONE FROM HOTTEST;' });
        const body = (await response.json()) as Record<string, unknown>;
        assert.deepEqual([response.status, body['@type'], body.error_code], [400, 'statement_error', 40001]);
        assert.match(String(body.message), /line 1:8/);
        assert.equal(body.statementText, 'SELECT NONE FROM HOTTEST;');
      });
    });

    describe('push queries', () => {
      it('give each row when it is committed, and end with their limit', async () => {
        const response = await post('/query-stream', { sql: 'SELECT TEXT FROM NOTES EMIT CHANGES LIMIT 2;' });
        const lines = linesOf(response.body as unknown as AsyncIterable<Uint8Array>);
        const header = JSON.parse((await lines.next()).value ?? '') as { queryId: string };
        assert.deepEqual(await pushQueryIds(), [header.queryId]);
        await millrace.sql("INSERT INTO NOTES VALUES ('one');");
        assert.equal((await lines.next()).value, '["one"]');
        await millrace.sql("INSERT INTO NOTES VALUES ('two');");
        assert.equal((await lines.next()).value, '["two"]');
        assert.equal((await lines.next()).done, true);
        assert.deepEqual(await pushQueryIds(), []);
      });

      it('in the format of /query have a line a row and a final message', async () => {
        const properties = { 'ksql.streams.auto.offset.reset': 'earliest' };
        const response = await post('/query', {
          ksql: 'SELECT SENSOR, N FROM HOTTEST EMIT CHANGES LIMIT 2;',
          streamsProperties: properties,
        });
        const lines = (await response.text()).replace(/transient_\w+/, 'Q').split('\n');
        assert.equal(lines[0], '[{"header":{"queryId":"Q","schema":"`SENSOR` STRING, `N` BIGINT"}},');
        assert.deepEqual(lines.slice(1, 3).sort(), [
          '{"row":{"columns":["a",1]}},',
          '{"row":{"columns":["b",1]}},',
        ]);
        assert.deepEqual(lines.slice(3), ['{"finalMessage":"Limit Reached"}]', '']);
      });

      it('run over HTTP/2 and end with the stream', async () => {
        const session = connectHttp2(base);
        const request = session.request({ ':method': 'POST', ':path': '/query-stream' });
        request.end(JSON.stringify({ sql: 'SELECT TEXT FROM NOTES EMIT CHANGES;' }));
        const lines = linesOf(request);
        assert.match((await lines.next()).value ?? '', /queryId/);
        await millrace.sql("INSERT INTO NOTES VALUES ('h2');");
        assert.equal((await lines.next()).value, '["h2"]');
        assert.equal((await pushQueryIds()).length, 1);
        request.close();
        await eventually(async () => (await pushQueryIds()).length === 0);
        session.close();
      });

      it('end when their connection does, also before the first row', async () => {
        const abort = new AbortController();
        const response = await post(
          '/query-stream',
          { sql: 'SELECT * FROM NOTES EMIT CHANGES;' },
          undefined,
          abort.signal,
        );
        assert.equal(response.status, 200);
        await eventually(async () => (await pushQueryIds()).length === 1);
        abort.abort();
        await eventually(async () => (await pushQueryIds()).length === 0);
      });

      it('end by /close-query and by TERMINATE', async () => {
        for (const end of [
          (queryId: string) => post('/close-query', { queryId }),
          (queryId: string) => post('/ksql', { ksql: `TERMINATE ${queryId};` }),
        ]) {
          const response = await post('/query-stream', { sql: 'SELECT * FROM NOTES EMIT CHANGES;' });
          const lines = linesOf(response.body as unknown as AsyncIterable<Uint8Array>);
          const { queryId } = JSON.parse((await lines.next()).value ?? '') as { queryId: string };
          assert.equal((await end(queryId)).status, 200);
          assert.equal((await lines.next()).done, true);
        }
      });

      it('cut off a reader that does not read, and nobody else', async () => {
        const body = JSON.stringify({ sql: 'SELECT TEXT FROM NOTES EMIT CHANGES;' });
        const slow = connect(Number(new URL(base).port), '127.0.0.1');
        slow.on('error', () => {});
        slow.write(
          `POST /query-stream HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        );
        slow.pause();
        await eventually(async () => (await pushQueryIds()).length === 1);
        const rows = Array.from({ length: 100 }, () => JSON.stringify({ TEXT: 'x'.repeat(200_000) }));
        const acks = await (await post('/inserts-stream', ['{"target":"NOTES"}', ...rows].join('\n'))).text();
        assert.equal(acks.split('\n').length, 101);
        await eventually(async () => (await pushQueryIds()).length === 0);
        slow.destroy();
        assert.equal((await fetch(`${base}/info`)).status, 200);
      });

      it('give a slow reader of a long topic every row', async () => {
        await millrace.sql(
          "CREATE STREAM LONG_ONE (N INT) WITH (KAFKA_TOPIC='long', VALUE_FORMAT='JSON', PARTITIONS=1);",
        );
        const rows = Array.from({ length: 8_000 }, (_, n) => `{"N":${n}}`);
        await (await post('/inserts-stream', ['{"target":"LONG_ONE"}', ...rows].join('\n'))).text();
        const seen = await millrace.sql('SELECT N FROM LONG_ONE EMIT CHANGES LIMIT 8000;', {
          properties: { 'auto.offset.reset': 'earliest' },
        });
        let expected = 0;
        for await (const { N } of seen) {
          assert.equal(N, expected++);
          if (expected % 2_000 === 0) await delay(20);
        }
        assert.equal(expected, 8_000);
      });

      it('reach a WebSocket: the schema, rows, a close', async () => {
        const request = JSON.stringify({
          ksql: 'SELECT SENSOR, C FROM READINGS EMIT CHANGES LIMIT 2;',
          streamsProperties: { 'auto.offset.reset': 'earliest' },
        });
        const socket = new WebSocket(
          `ws://${millrace.httpAddress}/ws/query?request=${encodeURIComponent(request)}`,
        );
        const frames: unknown[] = [];
        socket.on('message', (data) => frames.push(JSON.parse(String(data))));
        const [code] = await new Promise<[number, string]>((resolve) => {
          socket.on('close', (status, reason) => resolve([status, String(reason)]));
        });
        assert.equal(code, 1000);
        assert.deepEqual(
          (frames[0] as { name: string }[]).map(({ name }) => name),
          ['SENSOR', 'C'],
        );
        assert.deepEqual(
          frames
            .slice(1)
            .map((frame) => JSON.stringify(frame))
            .sort(),
          ['{"row":{"columns":["a",20.5]}}', '{"row":{"columns":["b",3]}}'],
        );
      });
    });

    describe('streamed inserts', () => {
      it('are acknowledged one by one while the request goes on', async () => {
        const session = connectHttp2(base);
        const request = session.request({ ':method': 'POST', ':path': '/inserts-stream' });
        const acks = linesOf(request);
        request.write('{"target":"READINGS"}\n');
        for (const seq of [0, 1, 2]) {
          request.write(`{"sensor":"s","C":${seq},"N":9007199254740993}\n`);
          assert.deepEqual(JSON.parse((await acks.next()).value ?? ''), { status: 'ok', seq });
        }
        request.end();
        assert.equal((await acks.next()).done, true);
        session.close();
        assert.deepEqual(await millrace.sql("SELECT C, N FROM HOTTEST WHERE SENSOR = 's';"), [
          { C: 2, N: 3 },
        ]);
        const stored = await millrace.sql("SELECT N FROM READINGS WHERE SENSOR = 's';");
        assert.deepEqual(stored[0], { N: 9007199254740993n });
      });

      it('stop at a row that does not fit, which says why', async () => {
        const lines = [
          '{"target":"NOTES"}',
          '{"TEXT":"fits"}',
          '{"TEXTS":"does not"}',
          '{"TEXT":"too late"}',
        ];
        const acks = (await (await post('/inserts-stream', lines.join('\n'))).text()).trim().split('\n');
        assert.equal(acks.length, 2);
        const { message, ...error } = JSON.parse(acks[1] ?? '') as Record<string, unknown>;
        assert.deepEqual(error, { status: 'error', seq: 1, error_code: 40000 });
        assert.match(String(message), /TEXTS/);
      });

      it('need a target that exists', async () => {
        const response = await post('/inserts-stream', '{"target":"NOWHERE"}\n{}');
        assert.equal(response.status, 400);
        assert.match(((await response.json()) as { message: string }).message, /NOWHERE/);
      });
    });
  });
}
