// Windowed tables as users meet them: what is asked of them, what is told of them, what other statements make of them.
import assert from 'node:assert/strict';
import { before, describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryDiskMap } from '../../base/memory-disk-map.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import type { SpillOptions } from '../engine.ts';
import type { QueryDescriptionEntity, SourceDescriptionEntity, TablesList } from './entities.ts';
import { toObjects } from './row-objects.ts';
import { createSession } from './session.ts';

const CLICKS = `CREATE STREAM CLICKS (PAGE STRING KEY, MS INT) WITH (KAFKA_TOPIC='clicks', VALUE_FORMAT='JSON', PARTITIONS=2);`;
const VISITS = `${CLICKS} CREATE TABLE VISITS AS SELECT PAGE, COUNT(*) AS N, SUM(MS) AS MS, WINDOWSTART / 1000 AS S
  FROM CLICKS WINDOW TUMBLING (SIZE 10 SECONDS, GRACE PERIOD 1 MINUTE) GROUP BY PAGE;`;

/** Undefined: all state stays in memory. */
let spill: SpillOptions | undefined;

const openServer = (fs: MemoryFileSystem) => openLocalSql({ fs, ...(spill && { spill }) });

async function open(t: TestContext, script: string, fs = new MemoryFileSystem()): Promise<LocalSql> {
  const server = await openServer(fs);
  t.after(() => server.close());
  if (script) await server.run(script);
  return server;
}

const click = (server: LocalSql, page: string, second: number, ms = 1) =>
  server.run(`INSERT INTO CLICKS (ROWTIME, PAGE, MS) VALUES (${second * 1000}, '${page}', ${ms});`);

async function withVisits(t: TestContext, fs?: MemoryFileSystem): Promise<LocalSql> {
  const server = await open(t, VISITS, fs);
  for (const [page, second] of [
    ['home', 1],
    ['home', 9],
    ['home', 12],
    ['about', 12],
    ['home', 33],
  ] as const)
    await click(server, page, second, second);
  return server;
}

/** `page start-end count`, in seconds. */
async function visits(server: LocalSql, where: string): Promise<string[]> {
  const rows = await server.rows(`SELECT PAGE, WINDOWSTART, WINDOWEND, N FROM VISITS ${where};`);
  return rows
    .map(
      ({ PAGE, WINDOWSTART, WINDOWEND, N }) =>
        `${PAGE} ${Number(WINDOWSTART) / 1000}-${Number(WINDOWEND) / 1000} ${N}`,
    )
    .sort();
}

/** The first rows that a push query shows. */
async function pushed(server: LocalSql, text: string): Promise<unknown[]> {
  const answer = await server.sql.query(text, createSession({ 'auto.offset.reset': 'earliest' }));
  assert.equal(answer.kind, 'rows');
  const found: unknown[] = [];
  const shape = toObjects(answer.rows);
  for (let batch = await answer.rows.next(); batch; batch = await answer.rows.next())
    found.push(...batch.map((row) => (row.tombstone ? { ...shape(row), gone: true } : shape(row))));
  return found;
}

for (const place of ['memory', 'disk'])
  describe(`a windowed table, its state ${place === 'disk' ? 'on' : 'in'} ${place}`, {
    timeout: 20_000,
  }, () => {
    before(() => {
      spill =
        place === 'disk'
          ? { memoryBytes: 0, folder: '/spill', openDisk: () => new MemoryDiskMap() }
          : undefined;
    });

    it('is read by key, by the bounds of its windows, or whole', async (t) => {
      const server = await withVisits(t);
      const home = ['home 0-10 2', 'home 10-20 1', 'home 30-40 1'];
      const cases: [where: string, rows: string[]][] = [
        ['', ['about 10-20 1', ...home]],
        ["WHERE PAGE = 'home'", home],
        ["WHERE PAGE IN ('about', 'home', 'about', 'none')", ['about 10-20 1', ...home]],
        ["WHERE PAGE = 'home' AND WINDOWSTART = 10000", ['home 10-20 1']],
        ["WHERE PAGE = 'home' AND WINDOWSTART >= 10000 AND WINDOWEND < 40000", ['home 10-20 1']],
        [
          "WHERE PAGE = 'home' AND 10000 <= WINDOWSTART AND WINDOWEND <= 40000",
          ['home 10-20 1', 'home 30-40 1'],
        ],
        ["WHERE PAGE = 'home' AND WINDOWSTART BETWEEN 5000 AND 15000", ['home 10-20 1']],
        [
          "WHERE WINDOWSTART > '1970-01-01T00:00:05' AND WINDOWEND <= '1970-01-01T00:00:20'",
          ['about 10-20 1', 'home 10-20 1'],
        ],
        [
          "WHERE WINDOWSTART BETWEEN '1970-01-01' AND '1970-01-01T00:00:09' OR PAGE = 'about'",
          ['about 10-20 1', 'home 0-10 2'],
        ],
        ['WHERE WINDOWEND > 30000 AND N = 1', ['home 30-40 1']],
      ];
      for (const [where, rows] of cases) assert.deepEqual(await visits(server, where), rows, where);
      assert.deepEqual(await server.rows("SELECT * FROM VISITS WHERE PAGE = 'about';"), [
        { PAGE: 'about', WINDOWSTART: 10_000, WINDOWEND: 20_000, N: 1, MS: 12, S: 10 },
      ]);
    });

    it('is pushed with its bounds, and with the deletions of sessions that have grown', async (t) => {
      const server = await open(
        t,
        `${CLICKS} CREATE TABLE STAYS AS SELECT PAGE, COUNT(*) AS N FROM CLICKS WINDOW SESSION (5 SECONDS) GROUP BY PAGE;`,
      );
      await click(server, 'home', 1);
      assert.deepEqual(await pushed(server, 'SELECT * FROM STAYS EMIT CHANGES LIMIT 1;'), [
        { PAGE: 'home', WINDOWSTART: 1_000, WINDOWEND: 1_000, N: 1 },
      ]);
      await click(server, 'home', 4);
      assert.deepEqual(await pushed(server, 'SELECT N, WINDOWEND FROM STAYS EMIT CHANGES LIMIT 3;'), [
        { N: 1, WINDOWEND: 1_000 },
        { N: null, WINDOWEND: 1_000, gone: true },
        { N: 2, WINDOWEND: 4_000 },
      ]);
      assert.deepEqual(
        await pushed(
          server,
          'SELECT PAGE, WINDOWEND, COUNT(*) AS N FROM CLICKS WINDOW HOPPING (SIZE 4 SECONDS, ADVANCE BY 2 SECONDS) GROUP BY PAGE HAVING WINDOWEND > 4000 EMIT CHANGES LIMIT 2;',
        ),
        [
          { PAGE: 'home', WINDOWEND: 6_000, N: 1 },
          { PAGE: 'home', WINDOWEND: 8_000, N: 1 },
        ],
      );
    });

    it('is told of: its windows, its topic, rows that came too late', async (t) => {
      const server = await withVisits(t);
      await click(server, 'home', 200);
      await click(server, 'home', 1);
      await visits(server, '');
      const [{ sourceDescription }] = (await server.run('DESCRIBE VISITS EXTENDED;')) as [
        SourceDescriptionEntity,
      ];
      assert.equal(sourceDescription.windowType, 'TUMBLING');
      assert.deepEqual(
        sourceDescription.fields.map(({ name, type }) => `${name} ${type ?? ''}`.trim()),
        ['PAGE KEY', 'N', 'MS', 'S'],
      );
      assert.match(sourceDescription.statistics, /total-messages: \d+ late-records: 1$/);
      const [{ queryDescription }] = (await server.run(
        `EXPLAIN ${sourceDescription.writeQueries[0]?.id};`,
      )) as [QueryDescriptionEntity];
      assert.equal(queryDescription.windowType, 'TUMBLING');
      assert.match(queryDescription.executionPlan, /WINDOWED_AGGREGATE/);
      const [{ tables }] = (await server.run('SHOW TABLES;')) as [TablesList];
      assert.deepEqual(
        tables.map(({ name, isWindowed }) => [name, isWindowed]),
        [['VISITS', true]],
      );
      await assert.rejects(
        () => server.sql.insert(server.sql.insertTarget('VISITS'), ['home', 1, 1, 1]),
        /table VISITS has windows/,
      );
      const [topic] = await server.topics.describe(['VISITS']);
      assert.equal(topic?.config.get('cleanup.policy'), 'compact,delete');
      await server.run(
        `CREATE TABLE KEPT AS SELECT PAGE, COUNT(*) AS N FROM CLICKS WINDOW TUMBLING (SIZE 1 HOUR, RETENTION 3 DAYS) GROUP BY PAGE;`,
      );
      const [kept] = await server.topics.describe(['KEPT']);
      assert.equal(kept?.config.get('retention.ms'), String(3 * 86_400_000));
    });

    it('has its rows, and knows what is late, after a crash and after a stop', async () => {
      const fs = new MemoryFileSystem();
      const first = await openServer(fs);
      await first.run(VISITS);
      await click(first, 'home', 1);
      await click(first, 'home', 95);
      assert.deepEqual(await visits(first, ''), ['home 90-100 1']);
      const left = fs.crash({ keep: 'synced' });
      for (const _ of ['crashed', 'stopped']) {
        const again = await openServer(left);
        assert.deepEqual(await visits(again, "WHERE PAGE = 'home' AND WINDOWSTART < 95000"), [
          'home 90-100 1',
        ]);
        await click(again, 'home', 2);
        assert.deepEqual(await visits(again, ''), ['home 90-100 1']);
        await again.close();
      }
    });

    it('is a topic whose windows other statements read', async (t) => {
      const server = await withVisits(t);
      await server.run(`
      CREATE STREAM CHANGES (PAGE STRING KEY, N BIGINT)
        WITH (KAFKA_TOPIC='VISITS', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 SECONDS');
      CREATE STREAM EARLY AS SELECT PAGE, N, WINDOWEND AS E FROM CHANGES WHERE WINDOWSTART < 10000;
      CREATE STREAM LONGER (PAGE STRING KEY, N BIGINT)
        WITH (KAFKA_TOPIC='VISITS', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='1 MINUTE');
      CREATE STREAM LATER AS SELECT PAGE, N, WINDOWEND AS E FROM LONGER WHERE WINDOWSTART < 10000;
      CREATE TABLE BUSY AS SELECT PAGE, N FROM VISITS WHERE N > 1;
      CREATE SOURCE TABLE SAME (PAGE STRING PRIMARY KEY, N BIGINT)
        WITH (KAFKA_TOPIC='VISITS', VALUE_FORMAT='JSON', WINDOW_TYPE='TUMBLING', WINDOW_SIZE='10 SECONDS');
      CREATE TABLE PAGES AS SELECT PAGE, COUNT(*) AS WINDOWS FROM VISITS GROUP BY PAGE;`);
      const [early] = (await server.rows('SELECT PAGE, WINDOWSTART, WINDOWEND, N, E FROM EARLY;')).slice(-1);
      assert.deepEqual(early, { PAGE: 'home', WINDOWSTART: 0, WINDOWEND: 10_000, N: 2, E: 10_000 });
      const [later] = (await server.rows('SELECT E FROM LATER;')).slice(-1);
      assert.deepEqual(later, { E: 60_000 });
      assert.deepEqual(await server.rows('SELECT * FROM BUSY;'), [
        { PAGE: 'home', WINDOWSTART: 0, WINDOWEND: 10_000, N: 2 },
      ]);
      assert.equal((await server.rows("SELECT * FROM SAME WHERE PAGE = 'home';")).length, 3);
      assert.deepEqual(await server.rows("SELECT * FROM PAGES WHERE PAGE = 'home';"), [
        { PAGE: 'home', WINDOWS: 3 },
      ]);
    });

    it('is forgotten window by window by what is made of it too, but for what is made of several', async (t) => {
      const server = await withVisits(t);
      await server.run(`CREATE TABLE BUSY AS SELECT PAGE, N FROM VISITS WHERE N > 1;
      CREATE TABLE PAGES AS SELECT PAGE, COUNT(*) AS WINDOWS FROM VISITS GROUP BY PAGE;`);
      const busy = () => server.rows('SELECT WINDOWSTART, N FROM BUSY;');
      const pages = () => server.rows("SELECT WINDOWS FROM PAGES WHERE PAGE = 'home';");
      assert.deepEqual([await busy(), await pages()], [[{ WINDOWSTART: 0, N: 2 }], [{ WINDOWS: 3 }]]);
      await click(server, 'home', 200);
      assert.deepEqual([await busy(), await pages()], [[], [{ WINDOWS: 4 }]]);
      // Each partition has a time of its own.
      assert.deepEqual(await visits(server, ''), ['about 10-20 1', 'home 200-210 1']);
    });

    it('with EMIT FINAL shows closed windows only, as long as retention has it', async (t) => {
      const server = await open(
        t,
        `${CLICKS} CREATE TABLE VISITS AS SELECT PAGE, COUNT(*) AS N FROM CLICKS
      WINDOW TUMBLING (SIZE 10 SECONDS, RETENTION 30 SECONDS) GROUP BY PAGE EMIT FINAL;`,
      );
      await click(server, 'home', 1);
      await click(server, 'home', 2);
      assert.deepEqual(await visits(server, ''), []);
      await click(server, 'home', 11);
      assert.deepEqual(await visits(server, ''), ['home 0-10 2']);
      await click(server, 'home', 25);
      assert.deepEqual(await visits(server, "WHERE PAGE = 'home'"), ['home 0-10 2', 'home 10-20 1']);
      await click(server, 'home', 41);
      assert.deepEqual(await visits(server, ''), ['home 10-20 1', 'home 20-30 1']);
    });
  });
