// A script of several statements: all of them, or none where one of them is wrong.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import type { KsqlError } from './ksql-error.ts';

const STREAM =
  "CREATE STREAM S (K STRING KEY, V INT) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON', PARTITIONS=2);";
const TABLE = 'CREATE TABLE T AS SELECT K, COUNT(*) AS N FROM S GROUP BY K;';

async function open(t: TestContext): Promise<LocalSql> {
  const server = await openLocalSql({ fs: new MemoryFileSystem() });
  t.after(() => server.close());
  return server;
}

const topicsOf = async ({ topics }: LocalSql) =>
  (await topics.describe())
    .map(({ name, internal }) => (internal ? '' : name))
    .filter((name) => /^[a-zA-Z]/.test(name));

describe('a script', { timeout: 10_000 }, () => {
  const wrong: [name: string, script: string, statement: RegExp, message: RegExp][] = [
    ['an unknown column', `${STREAM} CREATE STREAM U AS SELECT X FROM S;`, /^CREATE STREAM U/, /X/],
    ['an unknown source', `${STREAM} ${TABLE} DROP TABLE W;`, /^DROP/, /W does not exist/],
    ['a name twice', `${STREAM} ${STREAM}`, /^CREATE STREAM S/, /stream S already/],
    ['a source in use', `${STREAM} ${TABLE} DROP STREAM S;`, /^DROP/, /CTAS_T_2/],
    [
      'a topic that is gone',
      `${STREAM} DROP STREAM S DELETE TOPIC; ${STREAM.replace(', PARTITIONS=2', '')}`,
      /^CREATE/,
      /'s' does not exist/,
    ],
    ['a type that is not there', `${STREAM} DROP TYPE P;`, /^DROP/, /no type P/],
    ['a property that is none', `${STREAM} SET 'colour'='red';`, /^SET/, /colour/],
    ['a row that does not fit', `${STREAM} INSERT INTO S (X) VALUES (1);`, /^INSERT/, /X/],
    ['a query', `${STREAM} SELECT * FROM S;`, /^SELECT/, /query-stream/],
    [
      'other partitions',
      `${STREAM} CREATE STREAM U (K STRING KEY, W INT) WITH (KAFKA_TOPIC='u', VALUE_FORMAT='JSON', PARTITIONS=3);
      CREATE STREAM J AS SELECT S.K, V, W FROM S JOIN U WITHIN 1 HOUR ON S.K = U.K;`,
      /^CREATE STREAM J/,
      /2 partitions .* 3/,
    ],
  ];
  for (const [name, script, statement, message] of wrong)
    it(`with ${name} does nothing`, async (t) => {
      const server = await open(t);
      await assert.rejects(server.run(script), (error: KsqlError) => {
        assert.match(error.message, message);
        assert.match(error.statementText ?? '', statement);
        assert.deepEqual(error.entities, []);
        return true;
      });
      assert.deepEqual([[...server.sql.catalog.sources()], await topicsOf(server)], [[], []]);
    });

  it('may build on its own statements', async (t) => {
    const server = await open(t);
    const entities = await server.run(`
      ${STREAM} ${TABLE}
      INSERT INTO S VALUES ('a', 1);
      CREATE STREAM AGAIN (K STRING KEY) WITH (KAFKA_TOPIC='s', VALUE_FORMAT='JSON');
      CREATE TYPE P AS STRUCT<X INT>;
      CREATE STREAM POINTS (AT P) WITH (KAFKA_TOPIC='p', VALUE_FORMAT='JSON', PARTITIONS=1);
      PAUSE CTAS_T_2; RESUME CTAS_T_2; TERMINATE CTAS_T_2;
      DROP TABLE T;
      SET 'auto.offset.reset'='earliest';
      DEFINE target='T'; DEFINE word='twice';
      CREATE TABLE \${target} AS SELECT K, COUNT(*) AS N, '\${word}' AS WORD FROM S GROUP BY K;`);
    assert.equal(entities.length, 10);
    assert.deepEqual(await server.rows("SELECT N, WORD FROM T WHERE K = 'a';"), [{ N: 1, WORD: 'twice' }]);
  });

  it('of one statement is done as it is', async (t) => {
    const server = await open(t);
    assert.equal((await server.run(STREAM)).length, 1);
  });
});
