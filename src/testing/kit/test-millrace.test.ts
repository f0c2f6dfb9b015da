import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { openTestMillrace, PowerCut, type TestMillrace, type TestMillraceOptions } from './test-millrace.ts';

const SALES = `
  CREATE STREAM sales (shop VARCHAR KEY, cents INT) WITH (KAFKA_TOPIC='sales', VALUE_FORMAT='JSON', PARTITIONS=2);
  CREATE TABLE turnover AS SELECT shop, SUM(cents) AS cents, COUNT(*) AS n FROM sales GROUP BY shop;`;

async function open(t: TestContext, options: TestMillraceOptions = {}): Promise<TestMillrace> {
  const m = await openTestMillrace(options);
  t.after(() => m.close());
  return m;
}

describe('a test Millrace', { timeout: 20_000 }, () => {
  it('shows at once what an insert has caused, through all queries', async (t) => {
    const m = await open(t, { sql: SALES });
    await m.sql('CREATE TABLE big AS SELECT shop, cents FROM turnover WHERE cents > 10;');
    await m.at('2026-01-01T00:00:10Z').insert('sales', { shop: 'a', cents: 7 }, { shop: 'b', cents: 9 });
    await m.at('2026-01-01T00:00:20Z').insert('SALES', { SHOP: 'a', Cents: 8 });
    assert.deepEqual(await m.rows('big'), [{ SHOP: 'a', CENTS: 15 }]);
    assert.deepEqual(await m.rows("SELECT n FROM turnover WHERE shop = 'a';"), [{ N: 2 }]);
    assert.equal(m.now.toISOString(), '2026-01-01T00:00:20.000Z');
  });

  it('shows a stream and a table that no query keeps, too', async (t) => {
    const m = await open(t);
    await m.sql(`CREATE TABLE cities (id INT PRIMARY KEY, name VARCHAR) WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE STREAM city_changes (id INT KEY, name VARCHAR) WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON');`);
    await m.insert('cities', { id: 1, name: 'Bern' }, { id: 2, name: 'Basel' });
    await m.insert('cities', { id: 1, name: 'Biel' });
    await m.delete('cities', { id: 2 });
    assert.deepEqual(await m.rows('cities'), [{ ID: 1, NAME: 'Biel' }]);
    assert.equal((await m.rows('city_changes')).length, 3);
    assert.deepEqual((await m.records('cities')).at(-1), {
      partition: 0,
      offset: 3,
      timestampMs: m.now.getTime(),
      headers: [],
      key: { ID: 2 },
      value: null,
    });
  });

  it('takes and gives values of every type', async (t) => {
    const m = await open(t);
    await m.sql(`CREATE STREAM s (b BOOLEAN, i INT, l BIGINT, d DOUBLE, x DECIMAL(6, 2), t VARCHAR, y BYTES, at TIME, on_day DATE,
      since TIMESTAMP, a ARRAY<INT>, m MAP<VARCHAR, INT>, r STRUCT<f VARCHAR, g INT>)
      WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);`);
    const row = {
      ...{ B: true, I: 1, L: 2n ** 62n, D: 0.5, X: '12.50', T: 'text', Y: Buffer.from([1, 2]), AT: '10:30' },
      ...{ ON_DAY: '2026-02-03', SINCE: new Date(5), A: [1, null], M: new Map([['k', 1]]) },
      R: { F: 'f', G: null },
    };
    await m.insert('s', row);
    assert.deepEqual(await m.rows('s'), [row]);
    for (const [wrong, message] of [
      [{ none: 1 }, /S has no none/],
      [{ i: 1.5 }, /S\.I: number 1\.5 is no INTEGER/],
      [{ r: { f: 1 } }, /S\.R: number 1 is no STRING/],
      [{ r: { h: 1 } }, /S\.R: there is no field h, only F, G/],
      [{ a: ['x'] }, /S\.A: string x is no INTEGER/],
    ] as const)
      await assert.rejects(m.insert('s', wrong), { name: 'TypeError', message });
  });

  it('pushes changes, deletions among them, until its limit or its end', async (t) => {
    const m = await open(t, { sql: SALES });
    const push = await m.push('SELECT shop, cents FROM turnover WHERE cents > 5 EMIT CHANGES;');
    await m.insert('sales', { shop: 'a', cents: 3 }, { shop: 'a', cents: 4 });
    assert.deepEqual(await push.take(), [{ SHOP: 'a', CENTS: 7 }]);
    await m.insert('sales', { shop: 'a', cents: -4 });
    assert.deepEqual(await push.takeChanges(), [{ row: { SHOP: 'a', CENTS: null }, tombstone: true }]);
    assert.deepEqual(await push.take(), []);
    push.close();
    const limited = await m.push('SELECT cents FROM sales EMIT CHANGES LIMIT 2;');
    assert.deepEqual(await Array.fromAsync(limited), [{ CENTS: 3 }, { CENTS: 4 }]);
  });

  it('closes windows by the time of records and keeps late ones out', async (t) => {
    const m = await open(t);
    await m.sql(`CREATE STREAM k (id VARCHAR KEY, n INT) WITH (KAFKA_TOPIC='k', VALUE_FORMAT='JSON', PARTITIONS=1);
      CREATE TABLE per_minute AS SELECT id, COUNT(*) AS n FROM k WINDOW TUMBLING (SIZE 1 MINUTE, GRACE PERIOD 10 SECONDS)
      GROUP BY id EMIT FINAL;`);
    await m.at('2026-01-01T00:00:50Z').insert('k', { id: 'a', n: 1 });
    await m.at('2026-01-01T00:01:05Z').insert('k', { id: 'b', n: 1 });
    await m.at('2026-01-01T00:00:59Z').insert('k', { id: 'a', n: 1 });
    assert.deepEqual(await m.records('per_minute'), []);
    await m.at('2026-01-01T00:01:20Z').insert('k', { id: 'b', n: 1 });
    await m.at('2026-01-01T00:00:59Z').insert('k', { id: 'a', n: 1 });
    const [final, ...more] = await m.records('per_minute');
    assert.deepEqual([final?.value, more], [{ N: 2 }, []]);
    assert.equal(final?.key?.WINDOWSTART, Date.UTC(2026, 0, 1));
  });

  it('shows what was left out, and which query has stopped and why', async (t) => {
    const m = await open(t, { sql: SALES });
    await m.sql(
      'CREATE TABLE narrow AS SELECT shop, SUM(CAST(cents AS DECIMAL(2, 0))) AS sum FROM sales GROUP BY shop;',
    );
    await m.produce('sales', { key: 'a', value: '{"CENTS": "many"}' });
    const [entry] = await m.processingLog();
    assert.match(String(entry?.logger), /^processing\.CTAS_TURNOVER_\d+\./);
    assert.deepEqual([entry?.topic, entry?.offset], ['sales', 0]);
    await m.insert('sales', { shop: 'a', cents: 60 }, { shop: 'a', cents: 50 });
    assert.deepEqual(
      m.queries().map(({ state }) => state),
      ['RUNNING', 'ERROR'],
    );
    assert.match(String(m.queries()[1]?.error), /sales-\d at offset 2: .*110/);
    await assert.rejects(m.rows('narrow'), { name: 'KsqlError', message: /110/ });
  });

  it('lets time pass when asked to, and statements wait for it', async (t) => {
    const m = await open(t, { startTime: '2026-01-01' });
    await m.advance(90_000);
    assert.equal(m.now.toISOString(), '2026-01-01T00:01:30.000Z');
    await assert.rejects(m.sql('ASSERT TOPIC nowhere TIMEOUT 30 SECONDS;'), /nowhere/);
    assert.ok(m.now >= new Date('2026-01-01T00:02:00Z'));
  });

  it('keeps settings of a session and gives the same in every run', async (t) => {
    const run = async () => {
      const m = await open(t, { sql: SALES, seed: 7 });
      await m.sql("DEFINE shop = 'a'; SET 'auto.offset.reset' = 'latest';");
      await m.sql("INSERT INTO sales (shop, cents) VALUES ('${shop}', 1);");
      await m.sql('CREATE STREAM later AS SELECT * FROM sales;');
      await m.insert('sales', { cents: 2 }, { cents: 3 }, { shop: 'b', cents: 4 });
      return { records: await m.records('sales'), later: await m.records('later'), calls: m.fileCalls };
    };
    const first = await run();
    assert.equal(first.later.length, 3);
    assert.deepEqual(await run(), first);
  });
});

describe('a power cut', { timeout: 20_000 }, () => {
  it('takes nothing that was acknowledged, and queries go on behind it', async (t) => {
    const m = await open(t, { sql: SALES });
    const push = await m.push('SELECT * FROM sales EMIT CHANGES;');
    await m.insert('sales', { shop: 'a', cents: 1 });
    for (const keep of ['synced', 'random', 'all'] as const) {
      await m.crash({ keep, seed: 3 });
      await assert.rejects(m.rows('turnover'), PowerCut);
      await assert.rejects(m.insert('sales', { cents: 1 }), PowerCut);
      await m.restart();
      await m.insert('sales', { shop: 'a', cents: 1 });
    }
    await assert.rejects(push.take(), PowerCut);
    assert.deepEqual(await m.rows('turnover'), [{ SHOP: 'a', CENTS: 4, N: 4 }]);
  });

  it('may come in the middle of any call on the file system', async (t) => {
    const calls = await lifeOf(await open(t), 0);
    for (let at = 1; at <= calls; at += 7) {
      const m = await open(t, { seed: at });
      m.crashAtFileCall(at);
      const inserted = await lifeOf(m, 0).catch(async (error: unknown) => {
        assert.ok(error instanceof PowerCut, String(error));
        await m.restart();
        return lifeOf(m, 1);
      });
      assert.ok(inserted > 0);
      const [row] = await m.rows<{ N: number }>('turnover');
      assert.equal(row?.N, (await m.rows('sales')).length);
    }
  });

  it('is not needed to start again', async (t) => {
    const m = await open(t, { sql: SALES, spills: true });
    await m.insert('sales', { shop: 'a', cents: 1 });
    await m.restart();
    await m.insert('sales', { shop: 'a', cents: 2 });
    assert.deepEqual(await m.rows('turnover'), [{ SHOP: 'a', CENTS: 3, N: 2 }]);
  });
});

/** Statements, if they are not in force yet, and rows. Gives the number of calls on the file system. */
async function lifeOf(m: TestMillrace, least: number): Promise<number> {
  for (const statement of SALES.split(';').slice(0, 2)) {
    await m.sql(`${statement};`).catch((error: Error) => {
      if (error instanceof PowerCut || !/There is a .* already/.test(error.message)) throw error;
    });
  }
  for (let n = 0; n <= least + 2; n++) await m.insert('sales', { shop: 'a', cents: n });
  return m.fileCalls;
}
