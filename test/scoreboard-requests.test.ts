// The scoreboard's own traffic, byte for byte: the requests of its statements script, of its event handler and of its
// page, in their order, against a server as a user starts it.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Millrace } from '../src/millrace.ts';

const STATEMENTS = [
  "CREATE STREAM USER_GAME (USER VARCHAR, GAME STRUCT<SCORE INT, LIVES INT, LEVEL INT>) WITH (KAFKA_TOPIC='USER_GAME', VALUE_FORMAT='JSON');",
  "CREATE STREAM USER_LOSSES (USER VARCHAR) WITH (KAFKA_TOPIC='USER_LOSSES', VALUE_FORMAT='JSON');",
  'CREATE TABLE LOSSES_PER_USER AS SELECT USER AS USER, COUNT(USER) AS TOTAL_LOSSES FROM USER_LOSSES GROUP BY USER;',
  'CREATE TABLE STATS_PER_USER AS SELECT UG.USER AS USER, MAX(UG.GAME->SCORE) AS HIGHEST_SCORE, MAX(UG.GAME->LEVEL) AS HIGHEST_LEVEL, MAX(CASE WHEN LPU.TOTAL_LOSSES IS NULL THEN CAST(0 AS BIGINT) ELSE LPU.TOTAL_LOSSES END) AS TOTAL_LOSSES FROM USER_GAME UG LEFT JOIN LOSSES_PER_USER LPU ON UG.USER = LPU.USER GROUP BY UG.USER;',
  "CREATE TABLE SUMMARY_STATS AS SELECT 'SUMMARY_KEY' AS SUMMARY_KEY, MAX(GAME->SCORE) AS HIGHEST_SCORE_VALUE, COLLECT_SET(USER) AS USERS_SET_VALUE  FROM USER_GAME GROUP BY 'SUMMARY_KEY';",
];
const KSQL_JSON = 'application/vnd.ksql.v1+json; charset=utf-8';
const authorization = `Basic ${btoa('key:secret')}`;

let millrace: Millrace;

/** create_ksqldb_app.sh: one statement a request, overrides as strings. */
function scriptRequest(statement: string): Promise<Response> {
  const properties =
    '{"ksql.streams.auto.offset.reset":"earliest","ksql.streams.cache.max.bytes.buffering":"0"}';
  return fetch(`http://${millrace.httpAddress}/ksql`, {
    method: 'POST',
    headers: { 'content-type': KSQL_JSON, accept: '*/*', authorization },
    body: `{  "ksql": ${JSON.stringify(statement)},  "streamsProperties": ${properties}}`,
  });
}

/** What the event handler makes of the page's envelope; its JSON writer escapes more than it must. */
function handlerRequest(envelope: { sql?: string; ksql?: string; endpoint: string }): Promise<Response> {
  const { endpoint, ...statement } = envelope;
  const body = JSON.stringify(statement, null, 2).replaceAll(
    /['<>=&]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  const accept = endpoint === 'query-stream' ? { accept: 'application/json' } : undefined;
  const headers = { 'content-type': KSQL_JSON, authorization, ...accept };
  return fetch(`http://${millrace.httpAddress}/${endpoint}`, { method: 'POST', headers, body });
}

async function insert(ksql: string): Promise<void> {
  const response = await handlerRequest({ ksql, endpoint: 'ksql' });
  assert.deepEqual([response.status, await response.text()], [200, '[]']);
}

async function select(sql: string): Promise<unknown[]> {
  const response = await handlerRequest({ sql, endpoint: 'query-stream' });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  return JSON.parse(text) as unknown[];
}

const play = (name: string, score: number, lives: number, level: number): Promise<void> =>
  insert(
    `INSERT INTO USER_GAME (USER, GAME) VALUES ('${name}', STRUCT(SCORE:=${score},LIVES:=${lives},LEVEL:=${level}));`,
  );

before(async () => {
  const topics = ['USER_GAME', 'USER_LOSSES'].map((name) => ({ name, partitionCount: 6 }));
  millrace = await Millrace.start({ data: 'memory', users: ['key:secret'], topics });
});
after(() => millrace.stop());

describe('the scoreboard', () => {
  const expected: [commandId: string, message: string, queryId: string | null][] = [
    ['stream/`USER_GAME`/create', 'Stream created', null],
    ['stream/`USER_LOSSES`/create', 'Stream created', null],
    [
      'table/`LOSSES_PER_USER`/create',
      'Created query with ID CTAS_LOSSES_PER_USER_3',
      'CTAS_LOSSES_PER_USER_3',
    ],
    ['table/`STATS_PER_USER`/create', 'Created query with ID CTAS_STATS_PER_USER_4', 'CTAS_STATS_PER_USER_4'],
    ['table/`SUMMARY_STATS`/create', 'Created query with ID CTAS_SUMMARY_STATS_5', 'CTAS_SUMMARY_STATS_5'],
  ];
  expected.forEach(([commandId, message, queryId], index) => {
    it(`takes statement ${index + 1}`, async () => {
      const response = await scriptRequest(STATEMENTS[index]!);
      const text = await response.text();
      assert.equal(response.status, 200, text);
      assert.match(text, /SUCCESS/);
      const [entity] = JSON.parse(text) as [Record<string, unknown>];
      assert.equal(entity['@type'], 'currentStatus');
      assert.equal(entity.commandId, commandId);
      assert.deepEqual(entity.commandStatus, { status: 'SUCCESS', message, queryId });
      assert.equal(entity.commandSequenceNumber, index + 1);
      assert.deepEqual(entity.warnings, []);
    });
  });

  it('has no score of a player who never played', async () => {
    const [metadata, ...rows] = await select("select  HIGHEST_SCORE from STATS_PER_USER WHERE USER='bob';");
    const { queryId, ...columns } = metadata as Record<string, unknown>;
    assert.match(String(queryId), /^query_\d+$/);
    assert.deepEqual(columns, { columnNames: ['HIGHEST_SCORE'], columnTypes: ['INTEGER'] });
    assert.deepEqual(rows, []);
  });

  it('shows an event in the next read after its acknowledgement', async () => {
    for (const score of [0, 10, 20, 30]) {
      await play('bob', score, 3, 1);
      const [, row] = await select("select  HIGHEST_SCORE from STATS_PER_USER WHERE USER='bob';");
      assert.deepEqual(row, [score]);
    }
  });

  it('lists every player once, in the order of first events', async () => {
    await play('ada', 50, 2, 2);
    await play('bob', 25, 2, 1);
    const [, row] = await select(
      "SELECT HIGHEST_SCORE_VALUE, USERS_SET_VALUE FROM SUMMARY_STATS WHERE SUMMARY_KEY='SUMMARY_KEY';",
    );
    assert.deepEqual(row, [50, ['bob', 'ada']]);
  });

  it('moves losses only with the next game event', async () => {
    const losses = async () => (await select("select TOTAL_LOSSES from STATS_PER_USER WHERE USER='bob';"))[1];
    await insert("INSERT INTO USER_LOSSES (USER) VALUES ('bob');");
    const [, counted] = await select("SELECT TOTAL_LOSSES FROM LOSSES_PER_USER WHERE USER='bob';");
    assert.deepEqual(counted, [1]);
    assert.deepEqual(await losses(), [0]);
    await play('bob', 0, 3, 1);
    assert.deepEqual(await losses(), [1]);
  });

  it('answers the board in one array', async () => {
    const [metadata, ...rows] = await select(
      "select USER, HIGHEST_SCORE, HIGHEST_LEVEL, TOTAL_LOSSES from STATS_PER_USER WHERE USER IN ('ada','bob','nobody');",
    );
    assert.deepEqual((metadata as { columnTypes: string[] }).columnTypes, [
      'STRING',
      'INTEGER',
      'INTEGER',
      'BIGINT',
    ]);
    rows.sort();
    assert.deepEqual(rows, [
      ['ada', 50, 2, 0],
      ['bob', 30, 1, 1],
    ]);
  });

  it('takes a preflight, and a name with a quote is an error of the statement', async () => {
    const response = await handlerRequest({
      ksql: "INSERT INTO USER_LOSSES (USER) VALUES ('o'brien');",
      endpoint: 'ksql',
    });
    const body = (await response.json()) as Record<string, unknown>;
    assert.equal(response.status, 400);
    assert.equal(body['@type'], 'statement_error');
    assert.equal(body.error_code, 40001);
  });

  it('keeps its records as any Kafka client expects them', async () => {
    const found = async (topic: string) => {
      const all: string[] = [];
      for (let partition = 0; partition < 6; partition++) {
        const url = `http://${millrace.httpAddress}/api/topics/${topic}/records?partition=${partition}`;
        const { records } = (await (await fetch(url, { headers: { authorization } })).json()) as {
          records: { key: unknown; value: unknown }[];
        };
        for (const { key, value } of records) all.push(`${JSON.stringify(key)} ${JSON.stringify(value)}`);
      }
      return all.sort();
    };
    const games = await found('USER_GAME');
    assert.equal(games.length, 7);
    assert.ok(games.includes('null {"USER":"bob","GAME":{"SCORE":10,"LIVES":3,"LEVEL":1}}'));
    assert.deepEqual(await found('USER_LOSSES'), ['null {"USER":"bob"}']);
    assert.deepEqual(await found('LOSSES_PER_USER'), ['"bob" {"TOTAL_LOSSES":1}']);
    assert.equal(
      (await found('STATS_PER_USER')).includes(
        '"ada" {"HIGHEST_SCORE":50,"HIGHEST_LEVEL":2,"TOTAL_LOSSES":0}',
      ),
      true,
    );
  });
});
