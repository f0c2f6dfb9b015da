// Statements about the server rather than about streams and tables.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { VirtualClock } from '../../base/virtual-clock.ts';
import type { PropertiesList, TopicsList } from './entities.ts';
import type { KsqlError } from './ksql-error.ts';
import { createSession } from './session.ts';

const SETUP = `
  CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=2);
  CREATE SOURCE TABLE C (K STRING PRIMARY KEY, V INT) WITH (KAFKA_TOPIC='c', VALUE_FORMAT='JSON', PARTITIONS=1);
  CREATE TABLE T AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;
  CREATE STREAM BIG AS SELECT * FROM S WHERE V > 10;
  INSERT INTO BIG SELECT * FROM S WHERE V < 0;
  CREATE TYPE POINT AS STRUCT<X INT, Y INT>;`;

async function open(
  t: TestContext,
  clock = new VirtualClock(),
  fs = new MemoryFileSystem(),
): Promise<LocalSql> {
  const server = await openLocalSql({ fs, clock });
  t.after(() => server.close());
  return server;
}

const fails = (answer: Promise<unknown>, code: number, message: RegExp) =>
  assert.rejects(answer, (error: KsqlError) => {
    assert.match(error.message, message);
    assert.equal(error.code, code);
    return true;
  });

describe('ASSERT TOPIC', { timeout: 10_000 }, () => {
  const cases: [assertion: string, fault: RegExp | undefined][] = [
    ['TOPIC t', undefined],
    ['TOPIC t WITH (PARTITIONS=2, REPLICAS=1)', undefined],
    ['NOT EXISTS TOPIC u', undefined],
    ['TOPIC u', /^Topic 'u' does not exist\.$/],
    ['NOT EXISTS TOPIC t', /^Topic 't' exists\.$/],
    [
      'TOPIC t WITH (PARTITIONS=3, REPLICAS=2)',
      /has 2 partitions, not 3\.\nTopic 't' has 1 replicas, not 2\.$/,
    ],
  ];
  for (const [assertion, fault] of cases)
    it(assertion, async (t) => {
      const server = await open(t);
      await server.topics.create({ name: 't', partitionCount: 2 });
      const answer = server.run(`ASSERT ${assertion} TIMEOUT 0 SECONDS;`);
      if (fault) return fails(answer, 41700, fault);
      const [entity] = await answer;
      assert.equal(entity?.['@type'], 'assert_topic');
    });

  it('looks at nothing else', async (t) => {
    const server = await open(t);
    const answer = server.run("ASSERT TOPIC t WITH (FORMAT='JSON');");
    await fails(answer, 40001, /WITH has no property FORMAT here/);
  });

  it('waits for the topic, and not for ever', async (t) => {
    const clock = new VirtualClock();
    const server = await open(t, clock);
    const found = server.run('ASSERT TOPIC t TIMEOUT 5 SECONDS;');
    const missed = fails(server.run('ASSERT TOPIC u;'), 41700, /does not exist/);
    await clock.advance(900);
    await server.topics.create({ name: 't', partitionCount: 1 });
    await clock.advance(200);
    await found;
    await missed;
  });
});

describe('a query', { timeout: 10_000 }, () => {
  it('is named as its id is written, or in upper case', async (t) => {
    const server = await open(t);
    await server.run(SETUP);
    await server.run('CREATE STREAM `Low` AS SELECT * FROM S;');
    for (const id of ['CSAS_Low_7', '`CSAS_Low_7`', 'csas_big_4', 'CSAS_BIG_4'])
      await server.run(`PAUSE ${id}; RESUME ${id}; EXPLAIN ${id};`);
    await fails(server.run('TERMINATE csas_low_7;'), 40001, /There is no query csas_low_7\./);
    await server.run('TERMINATE CSAS_Low_7;');
    await fails(server.run('EXPLAIN CSAS_Low_7;'), 40400, /There is no query CSAS_Low_7\./);
  });
});

describe('ALTER SYSTEM', () => {
  const reset = async (server: LocalSql) => {
    const [list] = (await server.sql.execute('SHOW PROPERTIES;', createSession())) as [PropertiesList];
    return list.properties.find(({ name }) => name === 'commit.interval.ms')?.value;
  };

  it('holds for everybody and after a restart', async (t) => {
    const fs = new MemoryFileSystem();
    const first = await open(t, new VirtualClock(), fs);
    await first.run("ALTER SYSTEM 'ksql.streams.commit.interval.ms' = '77';");
    assert.equal(await reset(first), '77');
    await first.close();
    assert.equal(await reset(await open(t, new VirtualClock(), fs)), '77');
  });

  it('refuses what SET would refuse', async (t) => {
    const server = await open(t);
    await fails(server.run("ALTER SYSTEM 'auto.offset.reset' = 'sideways';"), 40000, /does not fit/);
    await fails(server.run("ALTER SYSTEM 'colour' = 'red';"), 40000, /no property/);
  });
});

describe('terminating the service', () => {
  it('leaves nothing but the topics that are not named', async (t) => {
    const server = await open(t);
    await server.run(SETUP);
    await server.sql.terminate(['B.*', 'c']);
    assert.deepEqual(server.sql.sources(), []);
    assert.deepEqual([...server.sql.persistentQueries()], []);
    const names = (await server.topics.describe()).map(({ name }) => name);
    assert.deepEqual(names.filter((name) => !name.startsWith('_')).toSorted(), ['T', 'c', 's']);
    assert.deepEqual(
      names.filter((name) => name.endsWith('-changelog')),
      [],
    );
    await server.run(SETUP);
  });

  it('changes nothing when a pattern makes no sense', async (t) => {
    const server = await open(t);
    await server.run(SETUP);
    await fails(server.sql.terminate(['(']), 40000, /no regular expression: \(/);
    assert.equal(server.sql.sources().length, 4);
  });
});

it('SHOW TOPICS leaves out what ksqlDB hides, SHOW ALL TOPICS nothing', async (t) => {
  const server = await open(t);
  await server.run(SETUP);
  for (const name of ['_schemas', '_mine', 'my-changelog'])
    await server.topics.create({ name, partitionCount: 1 });
  const listed = async (text: string) =>
    ((await server.run(text)) as [TopicsList])[0].topics.map(({ name }) => name);
  const shown = await listed('SHOW TOPICS;');
  assert.deepEqual(shown, ['BIG', 'T', '_mine', 'c', 'my-changelog', 's']);
  const hidden = (await listed('SHOW ALL TOPICS;')).filter((name) => !shown.includes(name));
  assert.ok(hidden.includes('_schemas'));
  assert.ok(hidden.some((name) => /^_confluent-ksql-default_query_CTAS_T_3-.*-changelog$/.test(name)));
});
