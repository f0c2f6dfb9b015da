// Each class of error with its HTTP status and code, and that a server goes on after all of them.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Millrace } from '../src/millrace.ts';

const MEGABYTE = 1024 * 1024;

type Case = [what: string, path: string, body: unknown, code: number, message: RegExp];

let millrace: Millrace;
before(async () => {
  millrace = await Millrace.start({
    data: 'memory',
    maxBodyBytes: 11 * MEGABYTE,
    maxPushQueries: 1,
    brokerConfig: {},
    sqlProperties: {
      'ksql.query.pull.max.qps': '1000',
      'ksql.query.persistent.active.limit': '3',
      'ksql.properties.overrides.denylist': 'ksql.streams.num.stream.threads',
    },
    sql: `
      CREATE STREAM S (K STRING KEY, A INT, R STRUCT<X INT>) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE TABLE C AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;
      CREATE STREAM P AS SELECT * FROM S;
      CREATE STREAM Q AS SELECT * FROM P;
      CREATE TABLE PLAIN (K STRING PRIMARY KEY, A INT) WITH (KAFKA_TOPIC='plain', VALUE_FORMAT='JSON', PARTITIONS=1);`,
  });
});
after(() => millrace.stop());

async function post(
  path: string,
  body: unknown,
): Promise<{ status: number; answer: Record<string, unknown> }> {
  const response = await fetch(`http://${millrace.httpAddress}${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, answer: JSON.parse(text) as Record<string, unknown> };
}

const ksql = (text: string, more: object = {}) => ['/ksql', { ksql: text, ...more }] as const;
const query = (text: string, more: object = {}) => ['/query', { ksql: text, ...more }] as const;
const stream = (text: string, more: object = {}) => ['/query-stream', { sql: text, ...more }] as const;

function check(cases: readonly Case[]): void {
  for (const [what, path, body, code, message] of cases)
    it(`${code}: ${what}`, { timeout: 20_000 }, async () => {
      const { status, answer } = await post(path, body);
      assert.equal(answer.error_code, code, JSON.stringify(answer).slice(0, 500));
      assert.equal(status, Math.trunc(code / 100));
      assert.match(String(answer.message), message);
      assert.match(String(answer['@type']), /^(generic|statement)_error$/);
      assert.equal((await fetch(`http://${millrace.httpAddress}/info`)).status, 200);
    });
}

describe('a request that is none', () => {
  check([
    ['no JSON', '/ksql', 'garbage', 40000, /not JSON/],
    ['no object', '/ksql', '[1]', 40000, /JSON object/],
    ['a body of zeros', '/query', '\0'.repeat(1_000), 40000, /not JSON/],
    ['nothing', '/query-stream', '', 40000, /not JSON/],
    ['JSON nested without end', '/ksql', '['.repeat(1_000_000), 40000, /not JSON|JSON object/],
    ['no statement', '/ksql', {}, 40000, /"ksql"/],
    ['a statement that is no text', '/query', { ksql: 5 }, 40000, /"ksql"/],
    ['the name of another endpoint', '/query-stream', { ksql: 'SELECT * FROM C;' }, 40000, /"sql"/],
    [
      'properties that are none',
      ...ksql('SHOW STREAMS;', { streamsProperties: [1] }),
      40000,
      /streamsProperties/,
    ],
    [
      'a property that is none',
      ...ksql('SHOW STREAMS;', { streamsProperties: { nonsense: '1' } }),
      40000,
      /nonsense/,
    ],
    [
      'a value that does not fit',
      ...query('SELECT * FROM C;', { streamsProperties: { 'auto.offset.reset': 'noon' } }),
      40000,
      /noon/,
    ],
    ['a property of the server', ...ksql("SET 'ksql.service.id'='x';"), 40000, /ksql\.service\.id/],
    [
      'a property that may not be overridden',
      ...query('SELECT * FROM C;', { streamsProperties: { 'num.stream.threads': '2' } }),
      40000,
      /num\.stream\.threads/,
    ],
    ['the same by SET', ...ksql("SET 'ksql.streams.num.stream.threads'='2';"), 40000, /num\.stream\.threads/],
    [
      'a number of a command that is none',
      ...ksql('SHOW STREAMS;', { commandSequenceNumber: 'x' }),
      40000,
      /commandSequenceNumber/,
    ],
    [
      'a token that is none',
      ...stream('SELECT * FROM S EMIT CHANGES;', {
        requestProperties: { 'request.ksql.query.push.continuation.token': 'x' },
      }),
      40000,
      /token/,
    ],
    ['an unknown query to close', '/close-query', { queryId: 'x' }, 40000, /x/],
    ['an unknown target of rows', '/inserts-stream', '{"target":"NONE"}\n', 40000, /NONE/],
    ['rows without a target', '/inserts-stream', '', 40000, /target/],
    ['a topic list that is none', '/ksql/terminate', { deleteTopicList: 'x' }, 40000, /deleteTopicList/],
    ['a path that is none', '/nothing', {}, 40400, /\/nothing/],
    ['a body that is too large', '/ksql', 'x'.repeat(12 * MEGABYTE), 41300, /larger than/],
  ]);
});

describe('a statement that is none', () => {
  check([
    ['an unknown word', ...ksql('FROB S;'), 40001, /^line 1:1: .*FROB/],
    ['a syntax error', ...ksql('SELECT *\n  FORM S;'), 40001, /^line 2:3: /],
    ['no end of a text', ...ksql("INSERT INTO S (K) VALUES ('x);"), 40001, /^line 1:/],
    ['a query', ...ksql('SELECT * FROM S EMIT CHANGES;'), 40002, /query/i],
    ['no query', ...query('SHOW STREAMS;'), 40001, /SELECT or PRINT/],
    ['two queries', ...stream('SELECT * FROM C; SELECT * FROM C;'), 40001, /one/],
    [
      'ten megabytes of a text',
      ...ksql(`INSERT INTO S (K) VALUES ('${'x'.repeat(10 * MEGABYTE)}');`),
      40001,
      /larger|long/,
    ],
    ['ten megabytes of words', ...ksql('SELECT '.repeat((10 * MEGABYTE) / 7)), 40001, /line 1:/],
    ['ten megabytes of brackets', ...ksql(`SELECT ${'('.repeat(10 * MEGABYTE)}`), 40001, /[Nn]ested/],
    [
      'a type nested too deep',
      ...ksql(`CREATE TYPE T AS ${'ARRAY<'.repeat(100_000)}INT${'>'.repeat(100_000)};`),
      40001,
      /[Nn]ested/,
    ],
    [
      'a structure nested too deep',
      ...ksql(`CREATE TYPE T AS ${'STRUCT<F '.repeat(100_000)}INT${'>'.repeat(100_000)};`),
      40001,
      /[Nn]ested/,
    ],
    [
      'lists nested too deep',
      ...stream(`SELECT ${'ARRAY['.repeat(50_000)}1${']'.repeat(50_000)} FROM S EMIT CHANGES;`),
      40001,
      /[Nn]ested/,
    ],
    ['fields without end', ...stream(`SELECT R${'->X'.repeat(100_000)} FROM S EMIT CHANGES;`), 40001, /.+/],
    [
      'subscripts without end',
      ...stream(`SELECT R${'[1]'.repeat(100_000)} FROM S EMIT CHANGES;`),
      40001,
      /.+/,
    ],
  ]);
});

describe('a statement that does not fit what is there', () => {
  check([
    ['an unknown source', ...query('SELECT * FROM NONE;'), 40001, /NONE/],
    ['an unknown column, with its place', ...query('SELECT\n  Z FROM C;'), 40001, /^line 2:3: .*Z/],
    ['an unknown function, with its place', ...query('SELECT FROB(K) FROM C;'), 40001, /^line 1:8: .*FROB/],
    [
      'a function that takes something else',
      ...query('SELECT UCASE(N) FROM C;'),
      40001,
      /^line 1:8: .*UCASE/i,
    ],
    ['a type error, with its place', ...query('SELECT K + 1 FROM C;'), 40001, /^line 1:\d+: /],
    ['a condition that is none', ...query('SELECT * FROM C WHERE N;'), 40001, /^line 1:23: .*BIGINT/i],
    [
      'an unknown type',
      ...ksql("CREATE STREAM X (A FROB) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');"),
      40001,
      /FROB/,
    ],
    [
      'an unknown format',
      ...ksql("CREATE STREAM X (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='FROB');"),
      40001,
      /FROB/,
    ],
    [
      'an unknown property of a source',
      ...ksql("CREATE STREAM X (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', FROB='1');"),
      40001,
      /FROB/,
    ],
    [
      'no such topic',
      ...ksql("CREATE STREAM X (A INT) WITH (KAFKA_TOPIC='none', VALUE_FORMAT='JSON');"),
      40001,
      /none/,
    ],
    ['a name that is taken', ...ksql('CREATE STREAM P AS SELECT * FROM S;'), 40001, /P/],
    ['a query too many', ...ksql('CREATE STREAM Z AS SELECT * FROM S;'), 40001, /limit is 3/],
    ['a table that keeps no rows', ...query('SELECT * FROM PLAIN;'), 40001, /PLAIN/],
    ['a source that others read', ...ksql('DROP STREAM S;'), 40001, /CTAS_C_2/],
    ['a source in the middle', ...ksql('DROP STREAM P;'), 40001, /CSAS_Q_4/],
    ['a stream called a table', ...ksql('DROP TABLE S;'), 40001, /STREAM/],
    ['an unknown query', ...ksql('TERMINATE NONE;'), 40001, /NONE/],
    ['an unknown query to explain', ...ksql('EXPLAIN NONE;'), 40400, /NONE/],
    ['an unknown function to describe', ...ksql('DESCRIBE FUNCTION NONE;'), 40001, /NONE/],
    ['an unknown topic to print', ...query('PRINT none;'), 40001, /none/],
    ['an assertion that does not hold', ...ksql('ASSERT TOPIC none TIMEOUT 1 MILLISECONDS;'), 41700, /none/],
    ['a number of a command to come', ...ksql('SHOW STREAMS;', { commandSequenceNumber: 999 }), 50301, /999/],
  ]);

  it('40003: a push query too many', async () => {
    const abort = new AbortController();
    const first = await fetch(`http://${millrace.httpAddress}/query-stream`, {
      method: 'POST',
      body: JSON.stringify({ sql: 'SELECT * FROM S EMIT CHANGES;' }),
      signal: abort.signal,
    });
    assert.equal(first.status, 200);
    const { status, answer } = await post(...stream('SELECT * FROM S EMIT CHANGES;'));
    abort.abort();
    assert.deepEqual([status, answer.error_code], [400, 40003]);
  });

  it('an error carries what was done before it', async () => {
    const { answer } = await post(...ksql('SHOW STREAMS; DESCRIBE S; DESCRIBE NONE;'));
    assert.equal(answer['@type'], 'statement_error');
    assert.equal(answer.statementText, 'DESCRIBE NONE;');
    assert.deepEqual(
      (answer.entities as Record<string, unknown>[]).map((entity) => entity['@type']),
      ['streams', 'sourceDescription'],
    );
  });
});

it('42900: a pull query too many', async () => {
  const limited = await Millrace.start({
    data: 'memory',
    sqlProperties: { 'ksql.query.pull.max.qps': '1' },
    sql: `CREATE STREAM S (K STRING KEY, A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE TABLE C AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;`,
  });
  try {
    await limited.sql('SELECT * FROM C;');
    const response = await fetch(`http://${limited.httpAddress}/query`, {
      method: 'POST',
      body: JSON.stringify({ ksql: 'SELECT * FROM C;' }),
    });
    assert.equal(response.status, 429);
    assert.equal(((await response.json()) as { error_code: number }).error_code, 42900);
  } finally {
    await limited.stop();
  }
});
