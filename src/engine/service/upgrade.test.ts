// CREATE OR REPLACE and ALTER: what runs becomes something else in place, or says why it cannot.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import type { CurrentStatus } from './entities.ts';

const TRIPS =
  "CREATE STREAM TRIPS (K STRING KEY, CITY STRING, FARE INT) WITH (KAFKA_TOPIC='trips', VALUE_FORMAT='JSON', PARTITIONS=1);";
const PER_CITY = 'CREATE TABLE PER_CITY AS SELECT CITY, COUNT(*) AS N FROM TRIPS GROUP BY CITY;';
const DEAR = 'CREATE STREAM DEAR AS SELECT K, FARE FROM TRIPS WHERE FARE > 10;';

async function open(t: TestContext, ...statements: string[]): Promise<LocalSql> {
  const server = await openLocalSql({ fs: new MemoryFileSystem() });
  t.after(() => server.close());
  for (const statement of [TRIPS, ...statements]) await server.run(statement);
  return server;
}

const trip = (server: LocalSql, city: string, fare: number) =>
  server.run(`INSERT INTO TRIPS (K, CITY, FARE) VALUES ('k', '${city}', ${fare});`);

async function queryIdOf(server: LocalSql, statement: string): Promise<unknown> {
  const [status] = (await server.run(statement)) as [CurrentStatus];
  return status.commandStatus.queryId;
}

describe('an upgrade in place', { timeout: 20_000 }, () => {
  it('goes on where the stream was, with another filter and more columns', async (t) => {
    const server = await open(t, DEAR);
    await trip(server, 'Oslo', 5);
    await trip(server, 'Oslo', 15);
    assert.equal((await server.rows('SELECT * FROM DEAR EMIT CHANGES LIMIT 1;')).length, 1);
    const replacing = 'CREATE OR REPLACE STREAM DEAR AS SELECT K, FARE, CITY FROM TRIPS WHERE FARE > 3;';
    assert.equal(await queryIdOf(server, replacing), 'CSAS_DEAR_2');
    await trip(server, 'Rome', 4);
    // The first trip was left out when it came, and stays so.
    assert.deepEqual(await server.rows('SELECT FARE, CITY FROM DEAR EMIT CHANGES LIMIT 2;'), [
      { FARE: 15, CITY: null },
      { FARE: 4, CITY: 'Rome' },
    ]);
  });

  it('keeps the state of an aggregation', async (t) => {
    const server = await open(t, PER_CITY);
    await trip(server, 'Oslo', 5);
    await server.rows("SELECT N FROM PER_CITY WHERE CITY = 'Oslo';");
    await server.run(
      'CREATE OR REPLACE TABLE PER_CITY AS SELECT CITY, COUNT(*) AS N, COUNT(*) * 2 AS TWICE FROM TRIPS WHERE FARE > 6 GROUP BY CITY;',
    );
    await trip(server, 'Oslo', 6);
    await trip(server, 'Oslo', 7);
    assert.deepEqual(await server.rows("SELECT N, TWICE FROM PER_CITY WHERE CITY = 'Oslo';"), [
      { N: 2, TWICE: 4 },
    ]);
  });

  it('keeps the rows that wait in a join', async (t) => {
    const server = await open(t);
    const join = (columns: string, rest: string) =>
      `STREAM MET AS SELECT T.K AS K, T.FARE AS FARE, P.TIP AS TIP${columns} FROM TRIPS T JOIN TIPS P WITHIN 1 HOUR GRACE PERIOD 1 MINUTE ON T.K = P.K ${rest};`;
    await server.run(
      "CREATE STREAM TIPS (K STRING KEY, TIP INT) WITH (KAFKA_TOPIC='tips', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    await server.run(`CREATE ${join('', '')}`);
    await server.run("INSERT INTO TRIPS (ROWTIME, K, CITY, FARE) VALUES (0, 'k', 'Oslo', 20);");
    await server.run(`CREATE OR REPLACE ${join(', T.FARE + P.TIP AS PAID', 'WHERE P.TIP > 1')}`);
    await server.run("INSERT INTO TIPS (ROWTIME, K, TIP) VALUES (1, 'k', 1);");
    await server.run("INSERT INTO TIPS (ROWTIME, K, TIP) VALUES (2, 'k', 3);");
    assert.deepEqual(await server.rows('SELECT FARE, TIP, PAID FROM MET EMIT CHANGES LIMIT 1;'), [
      { FARE: 20, TIP: 3, PAID: 23 },
    ]);
    await assert.rejects(
      server.run(`CREATE OR REPLACE ${join(', T.FARE + P.TIP AS PAID', '').replace('1 HOUR', '2 HOURS')}`),
      /its join would be another/,
    );
    // Trips wait there without their city.
    await assert.rejects(
      server.run(`CREATE OR REPLACE ${join(', T.FARE + P.TIP AS PAID, T.CITY AS CITY', '')}`),
      /rows that wait in its join were kept without CITY, which it would read/,
    );
    await assert.rejects(
      server.run(`CREATE OR REPLACE ${join(', T.FARE + P.TIP AS PAID', "WHERE T.CITY = 'Oslo'")}`),
      /kept without CITY/,
    );
    assert.deepEqual(await server.rows('SELECT PAID FROM MET EMIT CHANGES LIMIT 1;'), [{ PAID: 23 }]);
  });

  it('survives a restart', async (t) => {
    const fs = new MemoryFileSystem();
    const first = await openLocalSql({ fs });
    for (const statement of [TRIPS, DEAR]) await first.run(statement);
    await first.run('CREATE OR REPLACE STREAM DEAR AS SELECT K, FARE FROM TRIPS WHERE FARE > 3;');
    await first.run('ALTER STREAM TRIPS ADD COLUMN TIP INT;');
    await first.close();
    const second = await openLocalSql({ fs });
    t.after(() => second.close());
    await second.run("INSERT INTO TRIPS VALUES ('k', 'Oslo', 4, 1);");
    assert.deepEqual(await second.rows('SELECT FARE FROM DEAR EMIT CHANGES LIMIT 1;'), [{ FARE: 4 }]);
    assert.deepEqual(await second.rows('SELECT TIP FROM TRIPS EMIT CHANGES LIMIT 1;'), [{ TIP: 1 }]);
  });

  it('is refused where state would be of something else', async (t) => {
    const server = await open(t, PER_CITY, DEAR);
    const refused: Record<string, RegExp> = {
      'CREATE OR REPLACE TABLE PER_CITY AS SELECT CITY, COUNT(*) AS N, SUM(FARE) AS S FROM TRIPS GROUP BY CITY;':
        /its aggregation would be another/,
      'CREATE OR REPLACE TABLE PER_CITY AS SELECT CITY, COUNT(*) AS N FROM TRIPS WINDOW TUMBLING (SIZE 1 DAY) GROUP BY CITY;':
        /its window would be another/,
      'CREATE OR REPLACE TABLE PER_CITY AS SELECT K, COUNT(*) AS N FROM TRIPS GROUP BY K;':
        /its key would be \[`K` STRING\], and is \[`CITY` STRING\]/,
      'CREATE OR REPLACE STREAM DEAR AS SELECT K, CAST(FARE AS STRING) AS FARE FROM TRIPS;':
        /\[`FARE` INTEGER\] would be gone, of another type or in another place/,
      'CREATE OR REPLACE STREAM DEAR AS SELECT K, FARE FROM TRIPS PARTITION BY K;': /^$/,
      "CREATE OR REPLACE STREAM DEAR WITH (KAFKA_TOPIC='other') AS SELECT K, FARE FROM TRIPS;":
        /its topic would be another/,
      'CREATE OR REPLACE STREAM DEAR AS SELECT K, FARE FROM PER_CITY;': /.+/,
      "CREATE OR REPLACE STREAM TRIPS (K STRING KEY, CITY STRING) WITH (KAFKA_TOPIC='trips', VALUE_FORMAT='JSON');":
        /\[`FARE` INTEGER\] would be gone/,
      'CREATE OR REPLACE STREAM TRIPS AS SELECT * FROM DEAR;':
        /TRIPS is a stream over a topic, and only another one of that kind can take its place/,
      'CREATE OR REPLACE STREAM DEAR AS SELECT K, EXPLODE(ARRAY[FARE]) AS FARE FROM TRIPS;':
        /it would have its table functions besides/,
    };
    for (const [statement, message] of Object.entries(refused)) {
      if (message.source === '^$') await server.run(statement);
      else await assert.rejects(server.run(statement), message, statement);
    }
  });
});

describe('a source with header columns', { timeout: 10_000 }, () => {
  it('takes more columns before them', async (t) => {
    const create = (columns: string) =>
      `TABLE H (K STRING PRIMARY KEY, ${columns}) WITH (KAFKA_TOPIC='h', VALUE_FORMAT='JSON', PARTITIONS=1);`;
    const server = await open(t, `CREATE ${create("N INT, A BYTES HEADER('a')")}`);
    await server.run(`CREATE OR REPLACE ${create("N INT, M INT, A BYTES HEADER('a'), B BYTES HEADER('b')")}`);
    await server.run('ALTER TABLE H ADD COLUMN L INT;');
    const gone = server.run(`CREATE OR REPLACE ${create("N INT, M INT, L INT, B BYTES HEADER('b')")}`);
    await assert.rejects(gone, /\[`A` BYTES HEADER\('a'\)\] would be gone/);
  });
});

describe('ALTER', { timeout: 10_000 }, () => {
  it('adds columns to what is declared, for statements that follow', async (t) => {
    const server = await open(t, DEAR);
    await server.run('ALTER STREAM TRIPS ADD COLUMN TIP INT, ADD NOTE STRING;');
    await server.run("INSERT INTO TRIPS VALUES ('k', 'Oslo', 20, 3, 'x');");
    assert.deepEqual(await server.rows('SELECT TIP, NOTE FROM TRIPS EMIT CHANGES LIMIT 1;'), [
      { TIP: 3, NOTE: 'x' },
    ]);
    assert.deepEqual(await server.rows('SELECT * FROM DEAR EMIT CHANGES LIMIT 1;'), [{ K: 'k', FARE: 20 }]);
  });

  it('is refused for what has its columns from elsewhere, and for what they cannot be', async (t) => {
    const server = await open(t, DEAR);
    const refused: Record<string, RegExp> = {
      'ALTER STREAM DEAR ADD COLUMN A INT;': /The columns of DEAR are those of its query/,
      'ALTER TABLE TRIPS ADD COLUMN A INT;': /TRIPS is a STREAM/,
      'ALTER STREAM TRIPS ADD COLUMN CITY INT;': /TRIPS has a column CITY already/,
      'ALTER STREAM TRIPS ADD COLUMN A INT, ADD A INT;': /TRIPS has a column A already/,
      'ALTER STREAM TRIPS ADD COLUMN ROWTIME INT;': /ROWTIME is a name that every row has/,
      'ALTER STREAM TRIPS ADD COLUMN A MAP<INT, INT>;': /has no form for MAP/,
      'ALTER STREAM NONE ADD COLUMN A INT;': /NONE does not exist/,
    };
    for (const [statement, message] of Object.entries(refused))
      await assert.rejects(server.run(statement), message, statement);
  });
});
