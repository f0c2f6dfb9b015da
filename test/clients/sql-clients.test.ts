// Clients that were made for ksqlDB, and tools that know nothing of it, at Millrace's HTTP interface.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import ksqldbClient from 'ksqldb-client';
import WebSocket from 'ws';
import { Millrace } from '../../src/millrace.ts';
import { hasCommand, java, runProgram } from '../support/foreign.ts';

// Its types speak of an ES module, which it is not.
const KsqldbClient = ksqldbClient as unknown as typeof ksqldbClient.default;

let millrace: Millrace;
let url = '';
before(async () => {
  millrace = await Millrace.start({
    data: 'memory',
    sqlProperties: { 'cache.max.bytes.buffering': '0' },
    sql: `CREATE STREAM READINGS (SENSOR STRING KEY, C DOUBLE) WITH (KAFKA_TOPIC='readings', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE TABLE HOTTEST AS SELECT SENSOR, MAX(C) AS C FROM READINGS GROUP BY SENSOR;`,
  });
  url = `http://${millrace.httpAddress}`;
});
after(() => millrace.stop());

// Version 1.0.5 is its last; little has happened to it since 2021, but it speaks HTTP/2 as the Java client does.
describe('ksqldb-client of npm', { timeout: 20_000 }, () => {
  let client: InstanceType<typeof KsqldbClient>;
  before(async () => {
    const { hostname, port } = new URL(url);
    client = new KsqldbClient({ host: `http://${hostname}`, port });
    await client.connect();
  });
  after(() => client.disconnect());

  it('executes statements, with variables', async () => {
    const text =
      "CREATE STREAM ${name} (A INT) WITH (KAFKA_TOPIC='made', VALUE_FORMAT='JSON', PARTITIONS=1);";
    const { status, error } = await client.executeStatement(text, { sessionVariables: { name: 'MADE' } });
    assert.deepEqual([status, error], [200, undefined]);
    assert.ok(JSON.stringify(await client.listStreams()).includes('MADE'));
  });

  it('lists and describes what there is', async () => {
    for (const answer of [
      await client.listStreams(),
      await client.listTables(),
      await client.listTopics(),
      await client.listQueries(),
      await client.describeSource('READINGS'),
    ])
      assert.match(JSON.stringify(answer), /readings|HOTTEST/);
  });

  it('inserts a row and reads it by a pull query', async () => {
    const { status } = await client.insertInto('READINGS', { SENSOR: 'attic', C: 31.5 });
    assert.equal(status, 200);
    const { data } = await client.query("SELECT * FROM HOTTEST WHERE SENSOR = 'attic';");
    assert.deepEqual(data?.metadata.columnNames, ['SENSOR', 'C']);
    assert.deepEqual(data?.rows, [{ SENSOR: 'attic', C: 31.5 }]);
  });

  it('follows a push query and ends it', async () => {
    const seen: unknown[] = [];
    let queryId: string | undefined;
    const following = client.streamQuery('SELECT C FROM READINGS EMIT CHANGES;', (data) => {
      const { metadata, rows } = data as { metadata?: { queryId?: string }; rows?: unknown[] };
      queryId ??= metadata?.queryId;
      seen.push(...(rows ?? []));
      if (seen.length === 0) void client.insertInto('READINGS', { SENSOR: 'cellar', C: 4 });
      else void client.terminatePushQuery(queryId ?? '');
    });
    const { status } = await following;
    assert.equal(status, 200);
    assert.deepEqual(seen, [{ C: 4 }]);
  });

  it('is told what is wrong', async () => {
    const { error } = await client.query('SELECT NONE FROM HOTTEST;');
    assert.match(JSON.stringify(error), /40001.*NONE/);
  });
});

describe('curl', { skip: !hasCommand('curl'), timeout: 20_000 }, () => {
  const curl = async (...args: string[]) =>
    (await runProgram('curl', ['-s', '-m', '10', '-w', ' %{http_code} %{http_version}', ...args])).stdout;
  const body = (fields: object) => ['-d', JSON.stringify(fields)];

  it('asks in HTTP/1.1, and in HTTP/2 with and without an upgrade', async () => {
    const statement = body({ ksql: 'SHOW STREAMS;' });
    assert.match(await curl('--http1.1', `${url}/ksql`, ...statement), /"streams".* 200 1\.1$/);
    assert.match(await curl('--http2', `${url}/ksql`, ...statement), /"streams".* 200 2$/);
    assert.match(await curl('--http2-prior-knowledge', `${url}/ksql`, ...statement), /"streams".* 200 2$/);
  });

  it('sends a large body and gets an error in either protocol', async () => {
    const statement = body({ ksql: `${' '.repeat(100_000)}FROB;` });
    assert.match(await curl('--http2', `${url}/ksql`, ...statement), /40001.* 400 /);
    assert.match(await curl('--http2-prior-knowledge', `${url}/ksql`, ...statement), /40001.* 400 2$/);
  });

  it('reads a stream to its limit', async () => {
    const properties = { 'auto.offset.reset': 'earliest' };
    const text = await curl(
      '--no-buffer',
      `${url}/query-stream`,
      ...body({ sql: 'SELECT SENSOR FROM READINGS EMIT CHANGES LIMIT 1;', properties }),
    );
    assert.match(text, /"columnNames":\["SENSOR"\].*\n\["\w+"\]\n 200 1\.1$/);
  });

  it('is given a token with the rows, and goes on by it', async () => {
    const text = "SELECT C FROM READINGS WHERE SENSOR = 'token' EMIT CHANGES LIMIT 1;";
    const ask = (accept: string, requestProperties: object) =>
      curl('-H', `accept: ${accept}`, `${url}/query-stream`, ...body({ sql: text, requestProperties }));
    const wanted = { 'ksql.query.push.v2.continuation.tokens.enabled': true };
    const asking = ask('application/vnd.ksqlapi.delimited.v1', wanted);
    const tokenIn = (answer: string) => /"continuationToken":"([\w-]+)"/.exec(answer)?.[1];
    while (!JSON.stringify(await millrace.sql('SHOW QUERIES;')).includes('PUSH')) await delay(10);
    await millrace.sql("INSERT INTO READINGS VALUES ('token', 1);");
    const first = await asking;
    assert.match(first, /^\{"queryId".*\n\[1\.0\]\n\{"continuationToken":"[\w-]+"\}\n 200/);
    await millrace.sql("INSERT INTO READINGS VALUES ('token', 2);");
    const on = { ...wanted, 'request.ksql.query.push.continuation.token': tokenIn(first) };
    assert.match(await ask('application/json', on), /,\[2\.0\],\{"continuationToken":"[\w-]+"\}\] 200/);
    assert.match(
      await ask('application/vnd.ksql.v1+json', on),
      /\{"row":\{"columns":\[2\.0\]\}\},\n\{"continuationToken":\{"continuationToken":"[\w-]+"\}\},\n\{"finalMessage":"Limit Reached"\}\]\n 200/,
    );
  });

  it('inserts rows', async () => {
    const rows = '{"target":"READINGS"}\n{"SENSOR":"hall","C":1}\n{"SENSOR":"hall","C":2}\n';
    const text = await curl('--http2-prior-knowledge', `${url}/inserts-stream`, '--data-binary', rows);
    assert.equal(text, '{"status":"ok","seq":0}\n{"status":"ok","seq":1}\n 200 2');
  });
});

describe('a WebSocket client', { timeout: 20_000 }, () => {
  const framesOf = (ksql: string, onFrame: (text: string) => void = () => {}) =>
    new Promise<{ frames: string[]; code: number; reason: string }>((resolve, reject) => {
      const request = encodeURIComponent(
        JSON.stringify({ ksql, streamsProperties: { 'auto.offset.reset': 'earliest' } }),
      );
      const socket = new WebSocket(`ws://${millrace.httpAddress}/ws/query?request=${request}`);
      const frames: string[] = [];
      socket.on('message', (data) => {
        frames.push(String(data));
        onFrame(String(data));
      });
      socket.on('close', (code, reason) => resolve({ frames, code, reason: String(reason) }));
      socket.on('error', reject);
    });

  it('gets the schema, rows, and an end', async () => {
    await millrace.sql("INSERT INTO READINGS VALUES ('roof', 7);");
    const { frames, code } = await framesOf(
      "SELECT SENSOR, C FROM READINGS WHERE SENSOR = 'roof' EMIT CHANGES LIMIT 1;",
    );
    assert.deepEqual(
      (JSON.parse(frames[0]!) as { name: string }[]).map(({ name }) => name),
      ['SENSOR', 'C'],
    );
    assert.deepEqual([frames.slice(1), code], [['{"row":{"columns":["roof",7.0]}}'], 1000]);
  });

  it('prints a topic', async () => {
    const { frames, code } = await framesOf('PRINT readings FROM BEGINNING LIMIT 1;');
    assert.match(
      frames.join('\n'),
      /^Key format: .*\nValue format: JSON or KAFKA_STRING\nrowtime: .*, partition: 0$/,
    );
    assert.equal(code, 1000);
  });

  it('is told what is wrong in the close frame', async () => {
    const { code, reason } = await framesOf('SELECT NONE FROM HOTTEST;');
    assert.equal(code, 1003);
    assert.match(reason, /NONE/);
  });
});

describe('java.net.http', { skip: !hasCommand('javac'), timeout: 120_000 }, () => {
  it('speaks HTTP/2 in clear text: statements, queries, and rows both ways at a time', async () => {
    const own = await Millrace.start({ data: 'memory' });
    try {
      const program = new URL('../conformance/java/SqlOverHttp2.java', import.meta.url).pathname;
      const { stdout, stderr } = await java(program, [`http://${own.httpAddress}`], { timeoutMs: 100_000 });
      assert.deepEqual(
        stdout.trim().split('\n'),
        [
          'HTTP_2 200',
          'HTTP_2 push 200',
          'true',
          ...['[1]', '[2]', '[3]', 'rows end true'],
          ...[0, 1, 2].map((seq) => `{"status":"ok","seq":${seq}}`),
          ...['HTTP_2 true', '400 true'],
        ],
        stderr,
      );
    } finally {
      await own.stop();
    }
  });
});
