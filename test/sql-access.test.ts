// Who may do what over HTTP: the roles of users, and Kafka's rules for topics.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import kafkajs from 'kafkajs';
import WebSocket from 'ws';
import { Millrace } from '../src/millrace.ts';
import { MemoryConnect } from '../src/testing/kit/memory-connect.ts';
import { type ConnectServer, startConnectServer } from './support/connect-server.ts';

const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, Kafka, logLevel, ResourcePatternTypes } =
  kafkajs;

const NAMES = ['reader', 'writer', 'developer', 'admin'];

/** The status and error code of a request, `200` when it was answered. */
async function outcome(
  millrace: Millrace,
  user: string | undefined,
  path: string,
  body: unknown,
): Promise<string> {
  const headers: Record<string, string> =
    user === undefined ? {} : { authorization: `Basic ${btoa(`${user}:${user}word`)}` };
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const response = await fetch(`http://${millrace.httpAddress}${path}`, {
    method: 'POST',
    headers,
    body: text,
  });
  const answer = await response.text();
  if (response.ok) return '200';
  const { error_code } = JSON.parse(answer) as { error_code: number };
  assert.equal(Math.trunc(error_code / 100), response.status);
  return String(error_code);
}

describe('what users may do', () => {
  let millrace: Millrace;
  let connect: ConnectServer;
  before(async () => {
    connect = await startConnectServer(new MemoryConnect());
    millrace = await Millrace.start({
      data: 'memory',
      connectUrl: connect.url,
      users: NAMES.map((name) => `${name}:${name}word`),
      userRoles: NAMES.map((name) => `${name}:${name}`),
      sql: `CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`,
    });
  });
  after(async () => {
    await millrace.stop();
    await connect.stop();
  });

  const ksql = (text: string) => ['/ksql', { ksql: text }] as const;
  const cases: [what: string, path: string, body: unknown, least: string][] = [
    ['SHOW', ...ksql('SHOW STREAMS;'), 'reader'],
    ['DESCRIBE', ...ksql('DESCRIBE S;'), 'reader'],
    ['SET', ...ksql("SET 'auto.offset.reset'='earliest';"), 'reader'],
    ['EXPLAIN', ...ksql('EXPLAIN SELECT * FROM S EMIT CHANGES;'), 'reader'],
    ['a query', '/query', { ksql: 'SELECT * FROM S;' }, 'reader'],
    ['a query stream', '/query-stream', { sql: 'SELECT * FROM S;' }, 'reader'],
    ['PRINT', '/query', { ksql: 'PRINT s LIMIT 0;' }, 'reader'],
    ['INSERT VALUES', ...ksql('INSERT INTO S VALUES (1);'), 'writer'],
    ['an insert stream', '/inserts-stream', '{"target":"S"}\n{"A":1}\n', 'writer'],
    ['CREATE', ...ksql('CREATE OR REPLACE STREAM T AS SELECT * FROM S;'), 'developer'],
    ['CREATE TYPE', ...ksql('CREATE TYPE IF NOT EXISTS X AS INT;'), 'developer'],
    ['DROP', ...ksql('DROP STREAM IF EXISTS NONE;'), 'developer'],
    ['TERMINATE', ...ksql('TERMINATE ALL;'), 'developer'],
    ['PAUSE', ...ksql('PAUSE ALL;'), 'developer'],
    ['SHOW CONNECTORS', ...ksql('SHOW CONNECTORS;'), 'reader'],
    [
      'CREATE CONNECTOR',
      ...ksql("CREATE SINK CONNECTOR IF NOT EXISTS c WITH ('connector.class'='c');"),
      'developer',
    ],
    ['DROP CONNECTOR', ...ksql('DROP CONNECTOR IF EXISTS d;'), 'developer'],
    ['ALTER SYSTEM', ...ksql("ALTER SYSTEM 'auto.offset.reset'='earliest';"), 'admin'],
    ['the end of the service', '/ksql/terminate', {}, 'admin'],
  ];
  for (const [what, path, body, least] of cases)
    it(`${what} needs a ${least}`, async () => {
      const seen: string[] = [];
      for (const name of NAMES) seen.push(await outcome(millrace, name, path, body));
      const first = NAMES.indexOf(least);
      assert.deepEqual(
        seen,
        NAMES.map((_, i) => (i < first ? '40300' : '200')),
      );
    });

  it('nobody is let in without a name', async () => {
    for (const path of [
      '/ksql',
      '/query',
      '/query-stream',
      '/inserts-stream',
      '/ksql/terminate',
      '/close-query',
    ])
      assert.equal(await outcome(millrace, undefined, path, {}), '40100', path);
  });

  it('a script with one statement too much does nothing', async () => {
    const script = 'INSERT INTO S VALUES (7); CREATE STREAM U AS SELECT * FROM S;';
    assert.equal(await outcome(millrace, 'writer', '/ksql', { ksql: script }), '40300');
    const found = await millrace.sql('SHOW STREAMS;');
    assert.ok(!JSON.stringify(found).includes('"U"'));
  });

  it('a push query is ended by who asked for it, or by who may define', async () => {
    await millrace.sql(
      `CREATE STREAM ENDED (A INT) WITH (KAFKA_TOPIC='ended', VALUE_FORMAT='JSON', PARTITIONS=1);`,
    );
    for (const [user, expected] of [
      ['writer', '40300'],
      ['developer', '200'],
      ['reader', '200'],
    ] as const) {
      const response = await fetch(`http://${millrace.httpAddress}/query-stream`, {
        method: 'POST',
        headers: { authorization: `Basic ${btoa('reader:readerword')}` },
        body: JSON.stringify({ sql: 'SELECT * FROM ENDED EMIT CHANGES;' }),
      });
      const rows = response.body!.pipeThrough(new TextDecoderStream()).getReader();
      const [, queryId] = /"queryId":"([^"]+)"/.exec((await rows.read()).value ?? '')!;
      assert.equal(await outcome(millrace, user, '/close-query', { queryId }), expected, user);
      if (expected !== '200')
        assert.equal(await outcome(millrace, 'reader', '/close-query', { queryId }), '200');
      assert.equal((await rows.read()).done, true);
    }
  });

  it('a WebSocket asks for a name too', async () => {
    const request = encodeURIComponent(JSON.stringify({ ksql: 'SELECT * FROM S;' }));
    const url = `ws://${millrace.httpAddress}/ws/query?request=${request}`;
    const refused = new WebSocket(url);
    const { message } = await new Promise<Error>((resolve) => refused.once('error', resolve));
    assert.match(message, /401/);
  });
});

describe("Kafka's rules for topics", () => {
  let millrace: Millrace;
  before(async () => {
    millrace = await Millrace.start({
      data: 'memory',
      kafka: 'SASL_PLAINTEXT://127.0.0.1:0',
      users: ['root:rootword', 'ann:annword'],
      brokerConfig: {
        'sasl.plain.users': 'root:rootword',
        'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
        'super.users': 'User:root',
      },
      sql: `CREATE STREAM OPEN (K STRING KEY, A INT) WITH (KAFKA_TOPIC='open', VALUE_FORMAT='JSON', PARTITIONS=1);
        CREATE STREAM SHUT (K STRING KEY, A INT) WITH (KAFKA_TOPIC='shut', VALUE_FORMAT='JSON', PARTITIONS=1);
        CREATE TABLE T WITH (KAFKA_TOPIC='t') AS SELECT K, COUNT(*) AS N FROM SHUT GROUP BY K;`,
    });
    const admin = new Kafka({
      brokers: [millrace.kafkaAddress],
      sasl: { mechanism: 'plain', username: 'root', password: 'rootword' },
      logLevel: logLevel.NOTHING,
    }).admin();
    await admin.connect();
    const allow = (operation: kafkajs.AclOperationTypes, resourceName: string) => ({
      resourceType: AclResourceTypes.TOPIC,
      resourceName,
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: 'User:ann',
      host: '*',
      operation,
      permissionType: AclPermissionTypes.ALLOW,
    });
    await admin.createAcls({
      acl: [
        allow(AclOperationTypes.READ, 'open'),
        allow(AclOperationTypes.WRITE, 'open'),
        allow(AclOperationTypes.CREATE, 'mine'),
        allow(AclOperationTypes.WRITE, 'mine'),
      ],
    });
    await admin.disconnect();
  });
  after(() => millrace.stop());

  const ksql = (text: string) => ['/ksql', { ksql: text }] as const;
  const cases: [what: string, path: string, body: unknown, expected: string][] = [
    ['reads a topic that is open', '/query', { ksql: 'SELECT * FROM OPEN;' }, '200'],
    ['reads no other', '/query', { ksql: 'SELECT * FROM SHUT;' }, '40301'],
    ['reads no table of another', '/query', { ksql: "SELECT * FROM T WHERE K = 'a';" }, '40301'],
    ['follows no other', '/query-stream', { sql: 'SELECT * FROM SHUT EMIT CHANGES LIMIT 0;' }, '40301'],
    ['prints no other', '/query', { ksql: 'PRINT shut LIMIT 0;' }, '40301'],
    ['writes where it may', ...ksql("INSERT INTO OPEN VALUES ('a', 1);"), '200'],
    ['writes nowhere else', ...ksql("INSERT INTO SHUT VALUES ('a', 1);"), '40301'],
    ['streams rows nowhere else', '/inserts-stream', '{"target":"SHUT"}\n', '40301'],
    [
      'makes a topic that it may make',
      ...ksql("CREATE STREAM M WITH (KAFKA_TOPIC='mine') AS SELECT * FROM OPEN;"),
      '200',
    ],
    ['makes no other', ...ksql('CREATE STREAM N AS SELECT * FROM OPEN;'), '40301'],
    [
      'computes nothing of what it may not read',
      ...ksql("CREATE STREAM O WITH (KAFKA_TOPIC='mine') AS SELECT * FROM SHUT;"),
      '40301',
    ],
    ['explains no query of it', ...ksql('EXPLAIN SELECT * FROM SHUT EMIT CHANGES;'), '40301'],
    ['explains what it may read', ...ksql('EXPLAIN SELECT * FROM OPEN EMIT CHANGES;'), '200'],
    ['deletes no topic of others', ...ksql('DROP STREAM OPEN DELETE TOPIC;'), '40301'],
  ];
  for (const [what, path, body, expected] of cases)
    it(`a user ${what}`, async () => {
      assert.equal(await outcome(millrace, 'ann', path, body), expected);
    });

  it('leave topics out of lists', async () => {
    const response = await fetch(`http://${millrace.httpAddress}/ksql`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('ann:annword')}` },
      body: JSON.stringify({ ksql: 'SHOW TOPICS;' }),
    });
    const [{ topics }] = (await response.json()) as [{ topics: { name: string }[] }];
    assert.deepEqual(
      topics.map(({ name }) => name).filter((name) => name !== 'mine'),
      ['open'],
    );
  });

  /** An answer with its status, as of a user. */
  async function answerTo(user: string, path: string, ksql?: string): Promise<string> {
    const response = await fetch(`http://${millrace.httpAddress}${path}`, {
      headers: { authorization: `Basic ${btoa(`${user}:${user}word`)}` },
      ...(ksql !== undefined && { method: 'POST', body: JSON.stringify({ ksql }) }),
    });
    return `${response.status} ${await response.text()}`;
  }

  it('leave sources and queries of such topics out of lists', async () => {
    const lists: [path: string, ksql?: string][] = [
      ['/ksql', 'SHOW STREAMS;'],
      ['/ksql', 'SHOW STREAMS EXTENDED;'],
      ['/ksql', 'DESCRIBE STREAMS;'],
      ['/ksql', 'SHOW TABLES;'],
      ['/ksql', 'SHOW QUERIES;'],
      ['/ksql', 'SHOW QUERIES EXTENDED;'],
      ['/status'],
    ];
    for (const [path, ksql] of lists) {
      assert.doesNotMatch(await answerTo('ann', path, ksql), /shut|CTAS_T|"T"/i, ksql);
      assert.match(await answerTo('root', path, ksql), /shut|CTAS_T|"T"/i, ksql);
    }
    assert.match(await answerTo('ann', '/ksql', 'SHOW STREAMS;'), /"OPEN"/);
  });

  it('make no difference between a topic that may not be seen and one that is not there', async () => {
    const queryId = /CTAS_T_\d+/.exec(await answerTo('root', '/ksql', 'SHOW QUERIES;'))![0];
    const pairs: [hidden: string, missing: string, path: (name: string) => [path: string, ksql?: string]][] =
      [
        ['SHUT', 'NONE', (name) => ['/ksql', `DESCRIBE ${name};`]],
        ['SHUT', 'NONE', (name) => ['/ksql', `DESCRIBE ${name} EXTENDED;`]],
        [queryId, 'CTAS_NONE_1', (name) => ['/ksql', `EXPLAIN ${name};`]],
        ['shut', 'none', (name) => [`/api/topics/${name}/records`]],
        ['SHUT', 'NONE', (name) => [`/status/stream/${name}/create`]],
        [
          'shut',
          'none',
          (name) => [
            '/ksql',
            `CREATE STREAM X (A INT) WITH (KAFKA_TOPIC='${name}', VALUE_FORMAT='JSON', PARTITIONS=1);`,
          ],
        ],
      ];
    for (const [hidden, missing, ask] of pairs) {
      const [seen, expected] = [
        await answerTo('ann', ...ask(hidden)),
        await answerTo('ann', ...ask(missing)),
      ];
      assert.equal(seen.replaceAll(hidden, missing), expected);
      assert.doesNotMatch(expected, /^200/);
    }
    assert.match(await answerTo('root', '/api/topics/shut/records'), /^200/);
  });

  it('show their own push queries to everybody', async () => {
    const response = await fetch(`http://${millrace.httpAddress}/query-stream`, {
      method: 'POST',
      headers: { authorization: `Basic ${btoa('root:rootword')}` },
      body: JSON.stringify({ sql: 'SELECT * FROM SHUT EMIT CHANGES;' }),
    });
    const rows = response.body!.pipeThrough(new TextDecoderStream()).getReader();
    const [, queryId] = /"queryId":"([^"]+)"/.exec((await rows.read()).value ?? '')!;
    assert.match(await answerTo('root', '/ksql', `EXPLAIN ${queryId};`), /^200/);
    assert.match(await answerTo('ann', '/ksql', `EXPLAIN ${queryId};`), /^404/);
    await rows.cancel();
  });

  it('hide topics, the queries and the groups of them from the overview and the metrics', async () => {
    for (const [user, isShown] of [
      ['ann', false],
      ['root', true],
    ] as const) {
      const get = async (path: string) => {
        const headers = { authorization: `Basic ${btoa(`${user}:${user}word`)}` };
        return fetch(`http://${millrace.httpAddress}${path}`, { headers });
      };
      const reader = (await get('/api/overview/stream'))
        .body!.pipeThrough(new TextDecoderStream())
        .getReader();
      const event = (await reader.read()).value ?? '';
      await reader.cancel();
      for (const text of [
        event,
        await (await get('/api/overview')).text(),
        await (await get('/metrics')).text(),
      ]) {
        assert.match(text, /"open"/);
        assert.equal(/shut|CTAS_T/i.test(text), isShown, `${user}: ${text}`);
      }
    }
  });

  it('do not concern a super user', async () => {
    assert.equal(await outcome(millrace, 'root', '/query', { ksql: 'SELECT * FROM SHUT;' }), '200');
  });
});

it('SHOW PROPERTIES lists what the settings say, but no secrets', async () => {
  const sqlProperties = {
    'ksql.of.ours': 'seen',
    'ksql.some.password': 'unseen',
    'ksql.query.pull.max.qps': '7',
  };
  const millrace = await Millrace.start({ data: 'memory', sqlProperties });
  const [list] = (await millrace.sql('SHOW PROPERTIES;')) as unknown as [
    { properties: { name: string; value: string; editable: boolean }[] },
  ];
  const shown = (wanted: string) => list.properties.find(({ name }) => name === wanted)?.value;
  assert.deepEqual([...Object.keys(sqlProperties), 'ksql.query.persistent.active.limit'].map(shown), [
    'seen',
    undefined,
    '7',
    '2147483647',
  ]);
  await millrace.stop();
});
