// Joins of two streams, from the statement to the rows.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';

const SOURCES = `
  CREATE STREAM ORDERS (ID INT KEY, ITEM STRING) WITH (KAFKA_TOPIC='orders', VALUE_FORMAT='JSON', PARTITIONS=2);
  CREATE STREAM PARCELS (NO STRING KEY, ORDER_ID INT) WITH (KAFKA_TOPIC='parcels', VALUE_FORMAT='JSON', PARTITIONS=3);
  CREATE STREAM RETURNS (ID INT KEY, WHY STRING) WITH (KAFKA_TOPIC='returns', VALUE_FORMAT='JSON', PARTITIONS=3);
  CREATE TABLE PRICES (ITEM STRING PRIMARY KEY, CENTS INT) WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON', PARTITIONS=2);
`;

async function open(t: TestContext, fs = new MemoryFileSystem()): Promise<LocalSql> {
  const server = await openLocalSql({ fs });
  t.after(() => server.close());
  return server;
}

async function withSources(t: TestContext, fs?: MemoryFileSystem): Promise<LocalSql> {
  const server = await open(t, fs);
  await server.run(SOURCES);
  return server;
}

const insert = (server: LocalSql, ...rows: readonly string[]) =>
  server.run(rows.map((row) => `INSERT INTO ${row};`).join('\n'));

describe('a join of streams', { timeout: 20_000 }, () => {
  it('runs as a persistent query, whose result other queries read', async (t) => {
    const server = await withSources(t);
    await server.run(`CREATE STREAM SENT AS SELECT O.ID AS ID, ITEM, NO
      FROM ORDERS O LEFT JOIN PARCELS P WITHIN 1 MINUTE GRACE PERIOD 0 SECONDS ON O.ID = P.ORDER_ID;`);
    await insert(
      server,
      "ORDERS (ROWTIME, ID, ITEM) VALUES (1000, 1, 'tea')",
      "ORDERS (ROWTIME, ID, ITEM) VALUES (2000, 2, 'rye')",
      "PARCELS (ROWTIME, NO, ORDER_ID) VALUES (5000, 'p1', 1)",
      "ORDERS (ROWTIME, ID, ITEM) VALUES (200000, 1, 'oil')",
      "ORDERS (ROWTIME, ID, ITEM) VALUES (200000, 2, 'oil')",
      "ORDERS (ROWTIME, ID, ITEM) VALUES (200000, 3, 'oil')",
    );
    assert.deepEqual(
      (await server.rows('SELECT ID, ITEM, NO, ROWTIME AS T FROM SENT;')).toSorted(
        (a, b) => Number(a.T) - Number(b.T),
      ),
      [
        { ID: 2, ITEM: 'rye', NO: null, T: 2000 },
        { ID: 1, ITEM: 'tea', NO: 'p1', T: 5000 },
      ],
    );
  });

  it('goes on after a restart with what waits', async (t) => {
    const fs = new MemoryFileSystem();
    const first = await withSources(t, fs);
    await first.run(`CREATE STREAM SENT AS SELECT ROWKEY AS ID, ITEM, NO
      FROM ORDERS O FULL JOIN PARCELS P WITHIN 1 MINUTE GRACE PERIOD 0 SECONDS ON O.ID = P.ORDER_ID;`);
    await insert(first, "ORDERS (ROWTIME, ID, ITEM) VALUES (1000, 1, 'tea')");
    assert.deepEqual(await first.rows('SELECT * FROM SENT;'), []);
    await first.close();
    const second = await open(t, fs);
    await insert(second, "PARCELS (ROWTIME, NO, ORDER_ID) VALUES (2000, 'p1', 1)");
    assert.deepEqual(await second.rows('SELECT * FROM SENT;'), [{ ID: 1, ITEM: 'tea', NO: 'p1' }]);
    const names = (await second.topics.describe())
      .map(({ name }) => name)
      .filter((name) => /SENT.*changelog/.test(name));
    assert.deepEqual(
      names.toSorted(),
      [
        '_confluent-ksql-default_query_CSAS_SENT_0-Join-other-join-store-changelog',
        '_confluent-ksql-default_query_CSAS_SENT_0-Join-this-join-store-changelog',
      ].map((name) => name.replace('CSAS_SENT_0', queryIdIn(names))),
    );
  });

  it('can be joined on, grouped and read in the same query', async (t) => {
    const server = await withSources(t);
    await insert(
      server,
      "PRICES (ROWTIME, ITEM, CENTS) VALUES (0, 'tea', 450)",
      "ORDERS (ROWTIME, ID, ITEM) VALUES (1000, 1, 'tea')",
      "PARCELS (ROWTIME, NO, ORDER_ID) VALUES (2000, 'p1', 1)",
      "PARCELS (ROWTIME, NO, ORDER_ID) VALUES (3000, 'p2', 1)",
    );
    await server.run(`CREATE TABLE SENT_FOR AS SELECT O.ITEM AS ITEM, COUNT(*) AS N, SUM(CENTS) AS CENTS
      FROM ORDERS O JOIN PARCELS P WITHIN 1 MINUTE ON O.ID = P.ORDER_ID LEFT JOIN PRICES R ON O.ITEM = R.ITEM
      GROUP BY O.ITEM;`);
    assert.deepEqual(await server.rows('SELECT * FROM SENT_FOR;'), [{ ITEM: 'tea', N: 2, CENTS: 900 }]);
  });

  it('answers a push query', async (t) => {
    const server = await withSources(t);
    await insert(
      server,
      "ORDERS (ROWTIME, ID, ITEM) VALUES (1000, 1, 'tea')",
      "PARCELS (ROWTIME, NO, ORDER_ID) VALUES (2000, 'p1', 1)",
    );
    const rows = await server.rows(`SELECT ITEM, NO FROM ORDERS O JOIN PARCELS P WITHIN (1 MINUTE, 1 SECOND)
      ON O.ID = P.ORDER_ID EMIT CHANGES LIMIT 1;`);
    assert.deepEqual(rows, [{ ITEM: 'tea', NO: 'p1' }]);
  });

  it('compares windows with the keys that have them: sessions whole, time windows by their start', async (t) => {
    const server = await open(t);
    await server.run(`
      CREATE STREAM A (ID INT KEY, V INT) WITH (KAFKA_TOPIC='a', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE STREAM B (ID INT KEY, V INT) WITH (KAFKA_TOPIC='b', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE TABLE A_10 AS SELECT ID, SUM(V) AS S FROM A WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY ID;
      CREATE TABLE B_20 AS SELECT ID, SUM(V) AS S FROM B WINDOW TUMBLING (SIZE 20 SECONDS) GROUP BY ID;
      CREATE STREAM AS10 (ID INT KEY, S INT)
        WITH (KAFKA_TOPIC='A_10', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 SECONDS');
      CREATE STREAM BS20 (ID INT KEY, S INT)
        WITH (KAFKA_TOPIC='B_20', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='20 SECONDS');
      CREATE STREAM BOTH AS SELECT ROWKEY AS ID, A.S AS SA, B.S AS SB, A.WINDOWEND AS AE, B.WINDOWEND AS BE
        FROM AS10 A FULL JOIN BS20 B WITHIN 1 MINUTE ON A.ID = B.ID;`);
    await insert(
      server,
      'A (ROWTIME, ID, V) VALUES (1000, 1, 5)',
      'A (ROWTIME, ID, V) VALUES (11000, 1, 6)',
      'B (ROWTIME, ID, V) VALUES (2000, 1, 7)',
      'B (ROWTIME, ID, V) VALUES (21000, 1, 8)',
    );
    const rows = await server.rows('SELECT WINDOWSTART AS W, SA, SB, AE, BE FROM BOTH;');
    const completed = rows.filter(({ SA, SB }) => SA !== null && SB !== null);
    assert.deepEqual(completed, [{ W: 0, SA: 5, SB: 7, AE: 10000, BE: 20000 }]);
    assert.ok(rows.some(({ W, SA }) => W === 20000 && SA === null));
    assert.ok(rows.some(({ W, SB }) => W === 10000 && SB === null));
  });

  it('needs sides with as many partitions, unless one gets another key', async (t) => {
    const server = await withSources(t);
    const select = 'SELECT O.ID AS ID, WHY FROM ORDERS O JOIN RETURNS R WITHIN 1 HOUR ON O.ID = R.ID';
    const refused = /`ORDERS` has 2 partitions and `RETURNS` has 3/;
    await assert.rejects(server.run(`CREATE STREAM S AS ${select};`), refused);
    await assert.rejects(server.rows(`${select} EMIT CHANGES LIMIT 1;`), refused);
    await server.run(
      "CREATE STREAM S (ID INT KEY, WHY STRING) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);",
    );
    await assert.rejects(server.run(`INSERT INTO S ${select};`), refused);
    await server.run(`CREATE STREAM RETURNS_2 WITH (PARTITIONS=2) AS SELECT * FROM RETURNS PARTITION BY ID;
      INSERT INTO S ${select.replace('RETURNS', 'RETURNS_2')};`);
  });

  it('is explained with its span of time', async (t) => {
    const server = await withSources(t);
    const [entity] = await server.run(`EXPLAIN SELECT O.ID, NO FROM ORDERS O
      LEFT JOIN PARCELS P WITHIN (1 SECOND, 2 SECONDS) GRACE PERIOD 3 SECONDS ON O.ID = P.ORDER_ID EMIT CHANGES;`);
    const { executionPlan } = (entity as { queryDescription: { executionPlan: string } }).queryDescription;
    assert.match(
      executionPlan,
      /\[ STREAM_STREAM_JOIN \] Join \| STREAM \| LEFT WITHIN \(1000 ms, 2000 ms\) GRACE PERIOD 3000 ms \| Schema/,
    );
  });
});

function queryIdIn([name = '']: readonly string[]): string {
  return /CSAS_SENT_\d+/.exec(name)?.[0] ?? '';
}
