// Joins of tables as statements: what pull and push queries see of them, and what a restart leaves.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { consume, produce } from '../../testing/topic-content.ts';
import type { Entity } from './entities.ts';
import { createSession } from './session.ts';

const SETUP = `
  CREATE TABLE people (name STRING PRIMARY KEY, city STRING, home STRUCT<city STRING>)
    WITH (KAFKA_TOPIC='people', VALUE_FORMAT='JSON', PARTITIONS=2);
  CREATE TABLE cities (city STRING PRIMARY KEY, country STRING)
    WITH (KAFKA_TOPIC='cities', VALUE_FORMAT='JSON', PARTITIONS=2);
  CREATE TABLE ages (name STRING PRIMARY KEY, age INT)
    WITH (KAFKA_TOPIC='ages', VALUE_FORMAT='JSON', PARTITIONS=2);`;

const AGED = `CREATE TABLE aged AS SELECT p.name AS name, city, age FROM people p JOIN ages a ON p.name = a.name;`;
const HOMES = `CREATE TABLE homes AS SELECT p.name AS name, country
  FROM people p LEFT JOIN cities c ON p.city = c.city;`;

async function open(t: TestContext, fs = new MemoryFileSystem(), spills = false): Promise<LocalSql> {
  const spill = { memoryBytes: 0, folder: '/spill', openDisk: () => new MemoryDiskMap() };
  const server = await openLocalSql({ fs, ...(spills && { spill }) });
  t.after(() => server.close());
  return server;
}

async function withTables(t: TestContext, fs?: MemoryFileSystem, spills?: boolean): Promise<LocalSql> {
  const server = await open(t, fs, spills);
  await server.run(SETUP);
  return server;
}

/** A record of a table whose key decides its partition by its first letter. */
async function put(
  server: LocalSql,
  topic: string,
  key: string,
  value: unknown,
  timestampMs = 0,
): Promise<void> {
  await produce(server.topics, topic, key.charCodeAt(0) % 2, [{ key, value, timestampMs }]);
}

async function withRows(t: TestContext, fs?: MemoryFileSystem, spills?: boolean): Promise<LocalSql> {
  const server = await withTables(t, fs, spills);
  for (const [name, city] of [
    ['ann', 'rome'],
    ['bob', 'oslo'],
    ['cid', 'rome'],
  ] as const)
    await put(server, 'people', name, { CITY: city, HOME: { CITY: city } });
  await put(server, 'cities', 'rome', { COUNTRY: 'it' });
  await put(server, 'ages', 'ann', { AGE: 30 });
  await put(server, 'ages', 'cid', { AGE: 50 });
  return server;
}

const sorted = async (server: LocalSql, text: string) =>
  (await server.rows(text)).map((row) => JSON.stringify(row)).sort();

describe('the result of a join of tables', { timeout: 20_000 }, () => {
  it('is read by key, by range and as a whole', async (t) => {
    const server = await withRows(t);
    await server.run(AGED);
    const ann = { NAME: 'ann', CITY: 'rome', AGE: 30 };
    const cid = { NAME: 'cid', CITY: 'rome', AGE: 50 };
    assert.deepEqual(await server.rows("SELECT * FROM aged WHERE name = 'ann';"), [ann]);
    assert.deepEqual(await server.rows("SELECT * FROM aged WHERE name IN ('bob', 'cid');"), [cid]);
    assert.deepEqual(await server.rows("SELECT * FROM aged WHERE name > 'b';"), [cid]);
    assert.deepEqual(await server.rows('SELECT * FROM aged WHERE age < 40;'), [ann]);
    assert.equal((await server.rows('SELECT * FROM aged LIMIT 1;')).length, 1);
    assert.equal((await server.rows('SELECT * FROM aged;')).length, 2);
    await put(server, 'ages', 'ann', null);
    await put(server, 'people', 'cid', { CITY: 'bonn' });
    assert.deepEqual(await server.rows('SELECT * FROM aged;'), [{ ...cid, CITY: 'bonn' }]);
  });

  it('follows foreign keys, in structs too', async (t) => {
    const server = await withRows(t);
    await server.run(`${HOMES}
      CREATE TABLE same AS SELECT p.name AS name, country FROM people p JOIN cities c ON c.city = LCASE(p.home->city);`);
    assert.deepEqual(await sorted(server, 'SELECT * FROM homes;'), [
      '{"NAME":"ann","COUNTRY":"it"}',
      '{"NAME":"bob","COUNTRY":null}',
      '{"NAME":"cid","COUNTRY":"it"}',
    ]);
    await put(server, 'cities', 'rome', { COUNTRY: 'eu' });
    assert.deepEqual(await sorted(server, 'SELECT * FROM same;'), [
      '{"NAME":"ann","COUNTRY":"eu"}',
      '{"NAME":"cid","COUNTRY":"eu"}',
    ]);
  });

  it('has a key of its own where either side may be missing', async (t) => {
    const server = await withRows(t);
    await server.run(
      'CREATE TABLE every AS SELECT ROWKEY AS id, p.name, a.name, age FROM people p FULL JOIN ages a ON p.name = a.name;',
    );
    await put(server, 'ages', 'dan', { AGE: 9 });
    assert.deepEqual(await sorted(server, 'SELECT * FROM every;'), [
      '{"ID":"ann","P_NAME":"ann","A_NAME":"ann","AGE":30}',
      '{"ID":"bob","P_NAME":"bob","A_NAME":null,"AGE":null}',
      '{"ID":"cid","P_NAME":"cid","A_NAME":"cid","AGE":50}',
      '{"ID":"dan","P_NAME":null,"A_NAME":"dan","AGE":9}',
    ]);
  });

  it('is grouped, and joined again', async (t) => {
    const server = await withRows(t);
    await server.run(`
      CREATE TABLE per_country AS SELECT country, COUNT(*) AS n, SUM(age) AS years
        FROM people p JOIN cities c ON p.city = c.city JOIN ages a ON p.name = a.name GROUP BY country;
      CREATE STREAM visits (id INT KEY, name STRING) WITH (KAFKA_TOPIC='visits', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE STREAM guests AS SELECT v.name AS name, city, age
        FROM visits v JOIN people p ON v.name = p.name LEFT JOIN ages a ON v.name = a.name;`);
    assert.deepEqual(await server.rows('SELECT * FROM per_country;'), [{ COUNTRY: 'it', N: 2, YEARS: 80 }]);
    await put(server, 'ages', 'ann', { AGE: 31 });
    await put(server, 'cities', 'rome', { COUNTRY: 'eu' });
    await put(server, 'people', 'cid', null);
    assert.deepEqual(await sorted(server, 'SELECT * FROM per_country;'), [
      '{"COUNTRY":"eu","N":1,"YEARS":31}',
      '{"COUNTRY":"it","N":0,"YEARS":0}',
    ]);
  });

  it('is the same after a restart, and goes on from there', async (t) => {
    for (const spills of [false, true]) {
      const fs = new MemoryFileSystem();
      const first = await withRows(t, fs, spills);
      await first.run(`${AGED} ${HOMES}`);
      await first.rows('SELECT * FROM homes;');
      // The end of a row gives its time to the one that is left.
      await put(first, 'cities', 'rome', null, 500);
      const homesWithTime = 'SELECT name, country, ROWTIME AS t FROM homes';
      assert.deepEqual(await first.rows(`${homesWithTime} WHERE name = 'ann';`), [
        { NAME: 'ann', COUNTRY: null, T: 500 },
      ]);
      const [aged, homes] = await Promise.all(
        ['SELECT *, ROWTIME AS t FROM aged', homesWithTime].map((text) => sorted(first, `${text};`)),
      );
      const written = (await consume(first.topics, 'HOMES')).length;
      await first.close();

      const second = await open(t, fs, spills);
      assert.deepEqual(await sorted(second, 'SELECT *, ROWTIME AS t FROM aged;'), aged);
      assert.deepEqual(await sorted(second, `${homesWithTime};`), homes);
      assert.equal((await consume(second.topics, 'HOMES')).length, written);
      await put(second, 'cities', 'rome', { COUNTRY: 'eu' });
      await put(second, 'ages', 'bob', { AGE: 7 });
      assert.deepEqual(await sorted(second, 'SELECT * FROM homes;'), [
        '{"NAME":"ann","COUNTRY":"eu"}',
        '{"NAME":"bob","COUNTRY":null}',
        '{"NAME":"cid","COUNTRY":"eu"}',
      ]);
      assert.equal((await second.rows('SELECT * FROM aged;')).length, 3);
      assert.equal((await consume(second.topics, 'HOMES')).length, written + 2);
    }
  });

  it('is pushed, deletions included', async (t) => {
    const server = await withRows(t);
    await put(server, 'ages', 'ann', null, 5);
    const answer = await server.sql.query(
      'SELECT p.name, age FROM people p JOIN ages a ON p.name = a.name EMIT CHANGES LIMIT 3;',
      createSession({ 'auto.offset.reset': 'earliest' }),
    );
    assert.equal(answer.kind, 'rows');
    const seen: unknown[] = [];
    for (let rows = await answer.rows.next(); rows; rows = await answer.rows.next())
      for (const { values, tombstone } of rows) seen.push([...values, tombstone]);
    assert.deepEqual(seen.map(String).sort(), ['ann,,true', 'ann,30,false', 'cid,50,false']);
  });

  it('has the windows of both sides', async (t) => {
    const server = await open(t);
    await server.run(`
      CREATE STREAM clicks (user STRING KEY, n INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE STREAM buys (user STRING KEY, n INT) WITH (KAFKA_TOPIC='buys', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE TABLE clicked AS SELECT user, SUM(n) AS clicks FROM clicks WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY user;
      CREATE TABLE bought AS SELECT user, SUM(n) AS buys FROM buys WINDOW TUMBLING (SIZE 10 SECONDS) GROUP BY user;`);
    await server.run(
      'CREATE TABLE both AS SELECT c.user AS user, clicks, buys FROM clicked c JOIN bought b ON c.user = b.user;',
    );
    for (const [topic, N, timestampMs] of [
      ['clicks', 1, 1_000],
      ['clicks', 2, 12_000],
      ['buys', 5, 2_000],
      ['buys', 6, 25_000],
      ['buys', 7, 13_000],
    ] as const)
      await produce(server.topics, topic, 0, [{ key: 'u', value: { N }, timestampMs }]);
    const shown = 'SELECT WINDOWSTART AS s, clicks, buys FROM both';
    await server.rows('SELECT * FROM clicked;');
    await server.rows('SELECT * FROM bought;');
    assert.deepEqual(await server.rows(`${shown} WHERE user = 'u';`), [
      { S: 0, CLICKS: 1, BUYS: 5 },
      { S: 10_000, CLICKS: 2, BUYS: 7 },
    ]);
    assert.deepEqual(await server.rows(`${shown} WHERE user = 'u' AND WINDOWSTART = 10000;`), [
      { S: 10_000, CLICKS: 2, BUYS: 7 },
    ]);
  });

  it('reads source tables, and takes times from columns', async (t) => {
    const server = await open(t);
    await server.topics.create({ name: 'prices', partitionCount: 1 });
    await server.run(`
      CREATE SOURCE TABLE prices (item STRING PRIMARY KEY, cents INT, at BIGINT)
        WITH (KAFKA_TOPIC='prices', VALUE_FORMAT='JSON', TIMESTAMP='at');
      CREATE TABLE stock (item STRING PRIMARY KEY, count INT, at BIGINT)
        WITH (KAFKA_TOPIC='stock', VALUE_FORMAT='JSON', PARTITIONS=1, TIMESTAMP='at');
      SET 'cache.max.bytes.buffering' = '0';
      CREATE TABLE offers WITH (TIMESTAMP='stocked') AS
        SELECT s.item AS item, count, cents, s.at AS stocked, p.ROWTIME AS priced
        FROM stock s JOIN prices p ON s.item = p.item;
      CREATE TABLE plain AS SELECT s.item AS item, count FROM stock s JOIN prices p ON s.item = p.item;`);
    await produce(server.topics, 'prices', 0, [{ key: 'rye', value: { CENTS: 3, AT: 70 } }]);
    await produce(server.topics, 'stock', 0, [{ key: 'rye', value: { COUNT: 1, AT: 60 } }]);
    assert.deepEqual(await server.rows('SELECT * FROM offers;'), [
      { ITEM: 'rye', COUNT: 1, CENTS: 3, STOCKED: 60, PRICED: 70 },
    ]);
    await server.rows('SELECT * FROM plain;');
    assert.deepEqual(
      (await consume(server.topics, 'OFFERS')).map(({ timestampMs }) => timestampMs),
      [60],
    );
    assert.deepEqual(
      (await consume(server.topics, 'PLAIN')).map(({ timestampMs }) => timestampMs),
      [70],
    );
  });

  it('is explained', async (t) => {
    const server = await withTables(t);
    const [entity] = (await server.run(
      'EXPLAIN SELECT p.name, country FROM people p LEFT JOIN cities c ON p.city = c.city EMIT CHANGES;',
    )) as Entity[];
    const { executionPlan, topology, sources } = (
      entity as unknown as { queryDescription: Record<string, string> }
    ).queryDescription;
    assert.match(String(executionPlan), /> \[ FOREIGN_KEY_JOIN \] Join \| TABLE \|.*\n.*\n.*> \[ SOURCE \]/);
    assert.match(String(topology), /return r\[1\]/);
    assert.deepEqual(sources, ['PEOPLE', 'CITIES']);
  });
});
