// State that does not fit in memory: with a limit of nothing, all that may be on disk is there, in files of lmdb.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { openLocalSql } from '../../../test/support/local-sql.ts';
import { openLmdbDiskMap } from '../../base/lmdb-disk-map.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';

async function open(t: TestContext, options: { spills: boolean; fs?: MemoryFileSystem }) {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-spilled-'));
  let files = 0;
  const openDisk: typeof openLmdbDiskMap = (path) => {
    files++;
    return openLmdbDiskMap(path);
  };
  const server = await openLocalSql({
    fs: options.fs ?? new MemoryFileSystem(),
    ...(options.spills && { spill: { memoryBytes: 0, folder: join(folder, 'spill'), openDisk } }),
  });
  let isOpen = true;
  const close = async () => {
    if (isOpen) await server.close();
    isOpen = false;
  };
  t.after(async () => {
    await close();
    rmSync(folder, { recursive: true });
  });
  const filesLeft = () => (existsSync(join(folder, 'spill')) ? readdirSync(join(folder, 'spill')) : []);
  return { ...server, close, filesLeft, filesOpened: () => files };
}

type Server = Awaited<ReturnType<typeof open>>;

const QUERIES = `
  CREATE TABLE PEOPLE (ID STRING PRIMARY KEY, CITY STRING, AGE INT)
    WITH (KAFKA_TOPIC='people', VALUE_FORMAT='JSON', PARTITIONS=2);
  CREATE STREAM CLICKS (ID STRING, N INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=2);
  CREATE TABLE PER_ID AS SELECT ID, COUNT(*) AS CLICKS, SUM(N) AS SUM, COLLECT_LIST(N) AS NS
    FROM CLICKS GROUP BY ID;
  CREATE TABLE MANY AS SELECT ID, COUNT(*) AS CLICKS FROM CLICKS GROUP BY ID HAVING COUNT(*) > 3;
  CREATE TABLE CITIES AS SELECT CITY, COUNT(*) AS PEOPLE, SUM(AGE) AS AGES FROM PEOPLE GROUP BY CITY;
  CREATE TABLE BIG AS SELECT CITY, COUNT(*) AS PEOPLE FROM PEOPLE GROUP BY CITY HAVING COUNT(*) > 2;
  CREATE TABLE ADULTS AS SELECT * FROM PEOPLE WHERE AGE > 17;
  CREATE STREAM JOINED AS SELECT C.ID, C.N, P.CITY AS CITY FROM CLICKS C LEFT JOIN PEOPLE P ON C.ID = P.ID;
  CREATE TABLE PER_CITY AS SELECT CITY, SUM(N) AS SUM FROM JOINED GROUP BY CITY;
  CREATE TABLE TIMED AS SELECT ID, COUNT(*) AS CLICKS, COLLECT_LIST(N) AS NS
    FROM CLICKS WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 30 SECONDS) GROUP BY ID;
  CREATE TABLE HOPS AS SELECT ID, SUM(N) AS SUM
    FROM CLICKS WINDOW HOPPING (SIZE 20 SECONDS, ADVANCE BY 5 SECONDS, GRACE PERIOD 1 SECOND) GROUP BY ID;
  CREATE TABLE VISITS AS SELECT ID, COUNT(*) AS CLICKS, SUM(N) AS SUM
    FROM CLICKS WINDOW SESSION (9 SECONDS, GRACE PERIOD 20 SECONDS) GROUP BY ID;
  CREATE TABLE DONE AS SELECT ID, SUM(N) AS SUM
    FROM CLICKS WINDOW TUMBLING (SIZE 5 SECONDS, GRACE PERIOD 5 SECONDS, RETENTION 40 SECONDS) GROUP BY ID EMIT FINAL;`;

/** Some that do not fit Latin-1, and one that is too long for a key of lmdb. */
const IDS = [...Array.from({ length: 30 }, (_, n) => `id${n}`), 'Zoë', '日本', 'x'.repeat(3000)];

async function fill(server: Server, round: number): Promise<void> {
  const statements: string[] = [];
  for (let n = 0; n < 60; n++) {
    const id = IDS[(n * 7 + round) % IDS.length];
    const city = `city${(n * n + round) % 6}`;
    statements.push(`INSERT INTO PEOPLE VALUES ('${id}', '${city}', ${(n * 13 + round) % 60});`);
    const timeMs = 1000 * (round * 45 + n - (n % 3) * 4) + 20_000;
    const clicked = IDS[(n * n + round) % IDS.length];
    statements.push(`INSERT INTO CLICKS (ROWTIME, ID, N) VALUES (${timeMs}, '${clicked}', ${n});`);
  }
  await server.run(statements.join('\n'));
}

const PULLS = [
  ...['PER_ID', 'MANY', 'CITIES', 'BIG', 'ADULTS', 'PER_CITY', 'TIMED', 'HOPS', 'VISITS', 'DONE'].map(
    (table) => `SELECT * FROM ${table};`,
  ),
  ...['TIMED', 'HOPS', 'VISITS', 'DONE'].flatMap((table) => [
    `SELECT * FROM ${table} WHERE ID = 'id5';`,
    `SELECT * FROM ${table} WHERE ID IN ('id2', 'id17') AND WINDOWSTART >= 60000 AND WINDOWEND < 165000;`,
    `SELECT * FROM ${table} WHERE WINDOWSTART BETWEEN 50000 AND 150000 AND ID > 'id2';`,
    `SELECT * FROM ${table} LIMIT 4;`,
  ]),
  `SELECT * FROM PER_ID WHERE ID = 'id7';`,
  `SELECT * FROM PER_ID WHERE ID IN ('id1', 'Zoë', '日本', 'none');`,
  `SELECT * FROM MANY WHERE CLICKS > 4;`,
  `SELECT * FROM PER_ID LIMIT 3;`,
  `SELECT * FROM ADULTS LIMIT 5;`,
];

async function answers(server: Server): Promise<unknown[]> {
  const all: unknown[] = [];
  for (const text of PULLS) {
    const rows = (await server.rows(text)).map((row) => JSON.stringify(row));
    all.push([text, rows.sort()]);
  }
  return all;
}

describe('queries whose state is on disk', () => {
  it('answer as queries whose state is in memory, after a restart too', async (t) => {
    const results: unknown[][] = [];
    for (const spills of [false, true]) {
      const fs = new MemoryFileSystem();
      const seen: unknown[] = [];
      let server = await open(t, { spills, fs });
      await server.run(QUERIES);
      for (let round = 0; round < 3; round++) {
        await fill(server, round);
        seen.push(await answers(server));
        if (round === 0) continue;
        await server.close();
        assert.deepEqual(server.filesLeft(), []);
        server = await open(t, { spills, fs });
        seen.push(await answers(server));
      }
      assert.equal(server.filesOpened() > 15, spills);
      results.push(seen);
    }
    assert.deepEqual(results[1], results[0]);
  });

  it('leave no files when they are dropped, paused ones too', async (t) => {
    const server = await open(t, { spills: true });
    await server.run(QUERIES);
    await fill(server, 0);
    const before = await answers(server);
    assert.notDeepEqual(server.filesLeft(), []);
    const [{ queries }] = (await server.run('SHOW QUERIES;')) as unknown as [
      { queries: { id: string; sinks: string[] }[] },
    ];
    const idOf = (sink: string) => queries.find(({ sinks }) => sinks.includes(sink))?.id;
    // Pausing keeps the table for its readers.
    await server.run(`PAUSE ${idOf('PER_ID')};`);
    assert.deepEqual(await answers(server), before);
    await server.run(`RESUME ${idOf('PER_ID')}; PAUSE ${idOf('MANY')};`);
    assert.deepEqual(await answers(server), before);
    await server.run('TERMINATE ALL;');
    assert.deepEqual(server.filesLeft(), []);
  });
});
