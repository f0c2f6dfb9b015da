// Properties that change what statements may do and what queries compute.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { produce } from '../../testing/topic-content.ts';
import type { VariablesList } from './entities.ts';
import { createSession } from './session.ts';

const SETUP = `
  CREATE STREAM S (K STRING KEY, N INT, A ARRAY<INT>) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=1);
  CREATE TABLE T AS SELECT K, COUNT(*) AS C FROM S GROUP BY K;
  INSERT INTO S VALUES ('a', 0, ARRAY[1]);`;

async function open(t: TestContext): Promise<LocalSql> {
  const server = await openLocalSql({ fs: new MemoryFileSystem() });
  t.after(() => server.close());
  await server.run(SETUP);
  return server;
}

const set = (name: string, value: string) =>
  createSession({ 'auto.offset.reset': 'earliest', [name]: value });

describe('a property', { timeout: 20_000 }, () => {
  it('switches off what it is there for', async (t) => {
    const server = await open(t);
    const refused: readonly (readonly [property: string, statement: string])[] = [
      [
        'ksql.create.or.replace.enabled',
        'CREATE OR REPLACE TABLE T AS SELECT K, COUNT(*) AS C FROM S GROUP BY K;',
      ],
      ['ksql.lambdas.enabled', 'CREATE STREAM L AS SELECT K, TRANSFORM(A, x => x + 1) AS B FROM S;'],
      [
        'ksql.headers.columns.enabled',
        "CREATE STREAM H (H BYTES HEADER('a'), N INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
      ],
    ];
    for (const [property, statement] of refused)
      await assert.rejects(server.sql.execute(statement, set(property, 'false')), /switched off/, property);
    const limit = server.sql.query(
      'SELECT * FROM T LIMIT 1;',
      set('ksql.query.pull.limit.clause.enabled', 'false'),
    );
    await assert.rejects(limit, /LIMIT in pull queries is switched off/);
    await server.sql.execute(
      "CREATE SOURCE TABLE C (K STRING PRIMARY KEY, N INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');",
      set('ksql.source.table.materialization.enabled', 'false'),
    );
    await assert.rejects(server.rows('SELECT * FROM C;'), /No rows of table C are kept/);
  });

  it('leaves what looks like a variable alone', async (t) => {
    const server = await open(t);
    const insert = "INSERT INTO S VALUES ('${name}', 1, NULL);";
    const off = "SET 'ksql.variable.substitution.enable' = 'false';";
    const on = "UNSET 'ksql.variable.substitution.enable';";
    await server.sql.execute(insert, set('ksql.variable.substitution.enable', 'false'));
    await server.run(
      `DEFINE Name = 'x'; ${insert} ${off} ${insert} ${on} ${insert} UNDEFINE NAME; ${insert}`,
    );
    assert.deepEqual(await server.rows("SELECT C FROM T WHERE K LIKE '$%';"), [{ C: 3 }]);
    assert.deepEqual(await server.rows("SELECT C FROM T WHERE K = 'x';"), [{ C: 2 }]);
  });

  it('that was SET, and a variable, last as long as the session, by its name in any case', async (t) => {
    const server = await open(t);
    const session = createSession({}, { topic: 's' });
    const listed = async (statement: string) => {
      const [entity] = (await server.sql.execute(`${statement} SHOW VARIABLES;`, session)) as [VariablesList];
      return entity.variables;
    };
    assert.deepEqual(await listed("DEFINE Town = 'Cork';"), [
      { name: 'topic', value: 's' },
      { name: 'Town', value: 'Cork' },
    ]);
    assert.deepEqual(await listed("UNDEFINE TOPIC; DEFINE TOWN = 'Bonn';"), [
      { name: 'TOWN', value: 'Bonn' },
    ]);
  });

  it('is known by its name, if not to this server then to ksqlDB', async (t) => {
    const server = await open(t);
    for (const statement of [
      "SET 'ksql.suppress.enabeld' = 'true';",
      "UNSET 'ksql.suppress.enabeld';",
      "SET 'ksql.streams.auto.ofset.reset' = 'latest';",
      "SET 'offset.reset' = 'latest';",
    ])
      await assert.rejects(
        server.run(statement),
        /There is no property [\w.]+\. (Did you|SHOW PROP)/,
        statement,
      );
    for (const name of [
      'ksql.functions.sum.limit',
      'ksql.shared.runtime.enabled',
      'ksql.streams.consumer.max.poll.records',
    ])
      await server.run(`SET '${name}' = '1'; UNSET '${name}';`);
  });

  it('makes of an error in an element an error of the whole', async (t) => {
    const server = await open(t);
    const query = (name: string, property: string, value: string) =>
      server.sql.execute(
        `CREATE STREAM ${name} AS SELECT K, ARRAY[1 / N, 7] AS L FROM S;`,
        set(property, value),
      );
    await query('KEPT', 'ksql.nested.error.set.null', 'true');
    await query('WHOLE', 'ksql.nested.error.set.null', 'false');
    assert.deepEqual(await server.rows('SELECT L FROM KEPT EMIT CHANGES LIMIT 1;'), [{ L: [null, 7] }]);
    assert.deepEqual(await server.rows('SELECT L FROM WHOLE EMIT CHANGES LIMIT 1;'), [{ L: null }]);
  });

  it('writes null as text where a CAST is to', async (t) => {
    const server = await open(t);
    await server.sql.execute(
      'CREATE STREAM TEXTS AS SELECT K, CAST(A[2] AS STRING) AS L FROM S;',
      set('ksql.cast.strings.preserve.nulls', 'false'),
    );
    assert.deepEqual(await server.rows('SELECT L FROM TEXTS EMIT CHANGES LIMIT 1;'), [{ L: 'null' }]);
  });

  it('ends a query at a record that cannot be read', async (t) => {
    const server = await open(t);
    await server.sql.execute(
      'CREATE STREAM STRICT AS SELECT K, N FROM S;',
      set('ksql.fail.on.deserialization.error', 'true'),
    );
    await produce(server.topics, 's', 0, [{ key: 'b', value: '{"N":"none"}' }]);
    const strict = () =>
      [...server.sql.persistentQueries()].find(({ plan }) => plan.sink.sink === 'STRICT')?.running;
    assert.match((await strict()!.failed).message, /s-0 at offset 1 cannot be read/);
    assert.equal(strict()!.state, 'ERROR');
  });
});
