// CREATE SOURCE TABLE: somebody else's topic as a table that pull queries read.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { consume, produce } from '../../testing/topic-content.ts';
import type { QueriesList } from './entities.ts';

const CREATE =
  "CREATE SOURCE TABLE T (K STRING PRIMARY KEY, V INT) WITH (KAFKA_TOPIC='t', VALUE_FORMAT='JSON');";
const ALL = 'SELECT K, V FROM T;';

async function open(t: TestContext, fs = new MemoryFileSystem()): Promise<LocalSql> {
  const server = await openLocalSql({ fs });
  t.after(() => server.close());
  return server;
}

async function withTable(t: TestContext, fs?: MemoryFileSystem): Promise<LocalSql> {
  const server = await open(t, fs);
  await server.topics.create({ name: 't', partitionCount: 2 });
  await send(server, 'b', 1);
  await server.run(CREATE);
  return server;
}

const send = (server: LocalSql, key: string, V: number | null, partition = 0) =>
  produce(server.topics, 't', partition, [{ key, value: V === null ? null : { V } }]);

describe('a source table', { timeout: 10_000 }, () => {
  it('shows the last row per key, as soon as it is in the topic', async (t) => {
    const server = await withTable(t);
    await send(server, 'a', 2, 1);
    await send(server, 'b', 3);
    assert.deepEqual(await server.rows(ALL), [
      { K: 'b', V: 3 },
      { K: 'a', V: 2 },
    ]);
    await send(server, 'b', null);
    assert.deepEqual(await server.rows("SELECT V FROM T WHERE K IN ('a', 'b');"), [{ V: 2 }]);
  });

  it('gives the first keys where there is a limit', async (t) => {
    const server = await withTable(t);
    for (const key of ['d', 'a', 'c']) await send(server, key, 0);
    const keys = (await server.rows('SELECT K FROM T LIMIT 4;')).map(({ K }) => K);
    const again = (await server.rows('SELECT K FROM T LIMIT 2;')).map(({ K }) => K);
    assert.deepEqual(keys.toSorted(), ['a', 'b', 'c', 'd']);
    assert.deepEqual(again, keys.slice(0, 2));
  });

  it('writes nothing and has no sink', async (t) => {
    const server = await withTable(t);
    await server.rows(ALL);
    assert.equal((await consume(server.topics, 't')).length, 1);
    const [list] = (await server.run('SHOW QUERIES;')) as [QueriesList];
    assert.deepEqual(
      list.queries.map(({ id, sinks, sinkKafkaTopics }) => ({ id, sinks, sinkKafkaTopics })),
      [{ id: 'CST_T_1', sinks: [], sinkKafkaTopics: [] }],
    );
  });

  it('is there after a restart', async (t) => {
    const fs = new MemoryFileSystem();
    const first = await withTable(t, fs);
    await first.rows(ALL);
    await first.close();
    const second = await open(t, fs);
    assert.deepEqual(await second.rows(ALL), [{ K: 'b', V: 1 }]);
    await send(second, 'b', 9);
    assert.deepEqual(await second.rows(ALL), [{ K: 'b', V: 9 }]);
  });

  it('keeps its query until it is dropped, and its topic after that', async (t) => {
    const server = await withTable(t);
    await assert.rejects(server.run('TERMINATE CST_T_1;'), /ends with it: DROP TABLE T;/);
    await server.run('TERMINATE ALL;');
    assert.deepEqual(await server.rows(ALL), [{ K: 'b', V: 1 }]);
    await assert.rejects(server.run('DROP TABLE T DELETE TOPIC;'), /T is read-only/);
    await server.run('DROP TABLE T;');
    assert.deepEqual(await server.run('SHOW QUERIES;').then(([list]) => (list as QueriesList).queries), []);
    assert.equal((await server.topics.describe(['t'])).length, 1);
  });

  it('can be read by other queries, which must end before it does', async (t) => {
    const server = await withTable(t);
    await server.run('CREATE TABLE TWICE AS SELECT K, V * 2 AS W FROM T;');
    assert.deepEqual(await server.rows('SELECT K, W FROM TWICE;'), [{ K: 'b', W: 2 }]);
    await assert.rejects(server.run('DROP TABLE T;'), /T is in use:\nit is read by CTAS_TWICE_2/);
  });
});
