// What statements have made survives the server: stopped cleanly, or taken away in the middle.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Entity, KsqlError, Millrace } from '../src/millrace.ts';
import { temporaryFolder } from './support/server.ts';

const FILE = `
  CREATE STREAM PLAYS (PLAYER STRING KEY, POINTS INT) WITH (KAFKA_TOPIC='plays', VALUE_FORMAT='JSON', PARTITIONS=3);
  CREATE TABLE TOTALS AS SELECT PLAYER, SUM(POINTS) AS POINTS FROM PLAYS GROUP BY PLAYER;`;

const running: Millrace[] = [];

async function start(t: TestContext, data: string, sql?: string): Promise<Millrace> {
  const millrace = await Millrace.start({ data, ...(sql && { sql }) });
  if (data === 'memory') t.after(() => millrace.stop());
  else running.push(millrace);
  return millrace;
}

/** Hooks run in the order they are given: servers stop before their folder goes. */
function dataFolder(t: TestContext): Promise<string> {
  t.after(async () => {
    for (const millrace of running.splice(0)) await millrace.stop();
  });
  return temporaryFolder(t);
}

const play = (millrace: Millrace, player: string, points: number) =>
  millrace.sql(`INSERT INTO PLAYS VALUES ('${player}', ${points});`);
const total = (millrace: Millrace, player: string) =>
  millrace.sql(`SELECT POINTS FROM TOTALS WHERE PLAYER = '${player}';`, {}) as Promise<unknown>;

async function names(millrace: Millrace): Promise<string[]> {
  const [streams, tables, queries] = (await millrace.sql(
    'SHOW STREAMS; SHOW TABLES; SHOW QUERIES;',
  )) as unknown as [
    { streams: { name: string }[] },
    { tables: { name: string }[] },
    { queries: { id: string; state: string }[] },
  ];
  return [
    ...streams.streams.map(({ name }) => name),
    ...tables.tables.map(({ name }) => name),
    ...queries.queries.map(({ id, state }) => `${id} ${state}`),
  ].sort();
}

describe('a restart', () => {
  it('brings back sources, queries, tables and numbers', async (t) => {
    const data = await dataFolder(t);
    const first = await start(t, data, FILE);
    await play(first, 'ada', 3);
    await play(first, 'ada', 4);
    const before = await names(first);
    assert.deepEqual(before, ['CTAS_TOTALS_2 RUNNING', 'PLAYS', 'TOTALS']);
    await first.stop();

    // The same file again: nothing in it is new.
    const second = await start(t, data, `-- a comment more\n${FILE}`);
    assert.deepEqual(await names(second), before);
    assert.deepEqual(await total(second, 'ada'), [{ POINTS: 7 }]);
    await play(second, 'ada', 1);
    assert.deepEqual(await total(second, 'ada'), [{ POINTS: 8 }]);
    const [created] = await second.sql('CREATE STREAM COPY AS SELECT * FROM PLAYS;');
    assert.equal(created?.['@type'] === 'currentStatus' && created.commandStatus.queryId, 'CSAS_COPY_3');
  });

  it('does not bring back what was dropped, terminated or paused', async (t) => {
    const data = await dataFolder(t);
    const first = await start(t, data, FILE);
    await first.sql('CREATE STREAM A AS SELECT * FROM PLAYS; CREATE STREAM B AS SELECT * FROM PLAYS;');
    await first.sql('CREATE STREAM C AS SELECT * FROM PLAYS;');
    await first.sql('DROP STREAM A DELETE TOPIC; TERMINATE CSAS_B_4; PAUSE CSAS_C_5;');
    const expected = ['B', 'C', 'CSAS_C_5 PAUSED', 'CTAS_TOTALS_2 RUNNING', 'PLAYS', 'TOTALS'];
    assert.deepEqual(await names(first), expected);
    await first.stop();

    const second = await start(t, data);
    assert.deepEqual(await names(second), expected);
    await play(second, 'eve', 1);
    await second.sql('RESUME CSAS_C_5;');
    assert.ok((await names(second)).includes('CSAS_C_5 RUNNING'));
    assert.deepEqual(await second.sql('SELECT * FROM C;'), [{ PLAYER: 'eve', POINTS: 1 }]);
  });

  it('fails with a changed statement of a name that is taken', async (t) => {
    const data = await dataFolder(t);
    await (await start(t, data, FILE)).stop();
    await assert.rejects(
      Millrace.start({ data, sql: FILE.replace('SUM(POINTS)', 'MAX(POINTS)') }),
      (error: KsqlError) => error instanceof KsqlError && /TOTALS already/.test(error.message),
    );
    const again = await start(t, data, FILE);
    assert.deepEqual(await total(again, 'nobody'), []);
  });
});

describe('statements', () => {
  it('all of them, or none where one is wrong', async (t) => {
    const millrace = await start(t, 'memory');
    const script = `${FILE} CREATE STREAM BAD AS SELECT NONE FROM PLAYS; CREATE STREAM LATER AS SELECT * FROM PLAYS;`;
    await assert.rejects(millrace.sql(script), (error: KsqlError) => {
      assert.equal(error.code, 40001);
      assert.equal(error.statementText?.trim(), 'CREATE STREAM BAD AS SELECT NONE FROM PLAYS;');
      assert.equal(error.entities.length, 0);
      return true;
    });
    assert.deepEqual(await names(millrace), []);
  });

  const refused: [sql: string, message: RegExp][] = [
    [
      "CREATE STREAM S (A INT) WITH (KAFKA_TOPIC='none', VALUE_FORMAT='JSON');",
      /'none' does not exist.*PARTITIONS/,
    ],
    ['CREATE STREAM PLAYS AS SELECT * FROM PLAYS;', /PLAYS already/],
    ['DROP STREAM PLAYS;', /PLAYS is in use:\nit is read by CTAS_TOTALS_2/],
    ['DROP STREAM TOTALS;', /TABLE: use DROP TABLE/],
    ['DROP STREAM NONE;', /NONE/],
    ['TERMINATE NONE;', /no query NONE/],
    ['DESCRIBE NONE;', /NONE/],
    ['EXPLAIN NONE;', /NONE/],
    ["SET 'no.such' = '1';", /no property/],
    ["SET 'auto.offset.reset' = 'middle';", /does not fit/],
    ['INSERT INTO TOTALS VALUES (NULL, 1);', /primary key/i],
    [
      "CREATE STREAM P (A INT) WITH (KAFKA_TOPIC='plays', VALUE_FORMAT='JSON', PARTITIONS=9);",
      /3 partitions/,
    ],
  ];
  for (const [sql, message] of refused)
    it(`refuses ${sql}`, async (t) => {
      const millrace = await start(t, 'memory', FILE);
      await assert.rejects(millrace.sql(sql), (error: KsqlError) => {
        assert.match(error.message, message);
        assert.equal(error.httpStatus >= 400 && error.httpStatus < 500, true);
        return true;
      });
    });

  it('with IF EXISTS and IF NOT EXISTS only warn', async (t) => {
    const millrace = await start(t, 'memory', FILE);
    for (const sql of [
      'DROP STREAM IF EXISTS NONE;',
      "CREATE STREAM IF NOT EXISTS PLAYS (A INT) WITH (KAFKA_TOPIC='plays', VALUE_FORMAT='JSON');",
      'CREATE TABLE IF NOT EXISTS TOTALS AS SELECT PLAYER, COUNT(*) AS N FROM PLAYS GROUP BY PLAYER;',
    ]) {
      const [entity] = (await millrace.sql(sql)) as Entity[];
      assert.equal(entity?.['@type'], 'warning_entity');
    }
  });

  it('keep SET and DEFINE for those after them', async (t) => {
    const millrace = await start(t, 'memory', FILE);
    await play(millrace, 'ada', 5);
    await millrace.sql(
      "SET 'auto.offset.reset' = 'earliest'; DEFINE least = '4'; CREATE STREAM HIGH AS SELECT * FROM PLAYS WHERE POINTS > ${least};",
    );
    assert.deepEqual(await millrace.sql('SELECT * FROM HIGH;'), [{ PLAYER: 'ada', POINTS: 5 }]);
  });

  it('write into a stream from several queries', async (t) => {
    const millrace = await start(t, 'memory', FILE);
    await millrace.sql(
      'CREATE STREAM ALL_PLAYS AS SELECT * FROM PLAYS; INSERT INTO ALL_PLAYS SELECT * FROM PLAYS;',
    );
    await play(millrace, 'ada', 1);
    const rows = (await millrace.sql('SELECT POINTS FROM ALL_PLAYS;')) as unknown[];
    assert.equal(rows.length, 2);
    await assert.rejects(millrace.sql('DROP STREAM ALL_PLAYS;'), /it is written by INSERTQUERY_4/);
  });
});
