// HEADERS and HEADER('key'): columns that come from a record's headers, from statement to rows.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type LocalSql, openLocalSql } from '../../../test/support/local-sql.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import type { SourceDescriptionEntity } from './entities.ts';

const text = (value: unknown) => (value === null ? null : Buffer.from(value as Uint8Array).toString());

async function open(t: TestContext, create: string): Promise<LocalSql> {
  const server = await openLocalSql({ fs: new MemoryFileSystem() });
  t.after(() => server.close());
  await server.topics.create({ name: 'calls', partitionCount: 1 });
  const builder = new BatchBuilder();
  const header = (key: string, value: string | null) => ({
    key,
    value: value === null ? null : Buffer.from(value),
  });
  const value = (n: number) => Buffer.from(JSON.stringify({ N: n }));
  builder.append(1, Buffer.from('a'), value(1), [
    header('from', 'x'),
    header('from', 'y'),
    header('to', null),
  ]);
  builder.append(2, Buffer.from('b'), value(2), []);
  await server.topics.append({ topic: 'calls', partition: 0, batch: builder.build() });
  await server.run(create);
  return server;
}

const ONE_KEY = `CREATE STREAM CALLS (K STRING KEY, CALLER BYTES HEADER('from'), N INT, CALLED BYTES HEADER('to'))
  WITH (KAFKA_TOPIC='calls', VALUE_FORMAT='JSON');`;
const ALL = `CREATE STREAM CALLS (K STRING KEY, H ARRAY<STRUCT<KEY STRING, VALUE BYTES>> HEADERS, N INT)
  WITH (KAFKA_TOPIC='calls', VALUE_FORMAT='JSON');`;

describe('header columns', { timeout: 10_000 }, () => {
  it('hold the last value of a key, or null', async (t) => {
    const server = await open(t, ONE_KEY);
    const rows = await server.rows('SELECT * FROM CALLS EMIT CHANGES LIMIT 2;');
    assert.deepEqual(
      rows.map(({ K, N, CALLER, CALLED }) => [K, N, text(CALLER), text(CALLED)]),
      [
        ['a', 1, 'y', null],
        ['b', 2, null, null],
      ],
    );
  });

  it('hold all headers in their order', async (t) => {
    const server = await open(t, ALL);
    const [first, second] = (await server.rows('SELECT H FROM CALLS EMIT CHANGES LIMIT 2;')) as unknown as {
      H: { KEY: string; VALUE: unknown }[];
    }[];
    assert.deepEqual(
      first!.H.map(({ KEY, VALUE }) => `${KEY}=${text(VALUE)}`),
      ['from=x', 'from=y', 'to=null'],
    );
    assert.deepEqual(second!.H, []);
  });

  it('choose, group and pass on as other columns do', async (t) => {
    const server = await open(t, ONE_KEY);
    await server.run(
      "CREATE TABLE PER_CALLER AS SELECT FROM_BYTES(CALLER, 'utf8') AS WHO, COUNT(*) AS N FROM CALLS GROUP BY FROM_BYTES(CALLER, 'utf8');",
    );
    await server.run('CREATE STREAM COPY AS SELECT K, CALLER FROM CALLS WHERE CALLER IS NOT NULL;');
    const rows = await server.rows('SELECT K, CALLER FROM COPY EMIT CHANGES LIMIT 1;');
    assert.deepEqual(
      rows.map(({ K, CALLER }) => [K, text(CALLER)]),
      [['a', 'y']],
    );
    assert.deepEqual(await server.rows("SELECT N FROM PER_CALLER WHERE WHO = 'y';"), [{ N: 1 }]);
    await server.run("INSERT INTO COPY VALUES ('c', TO_BYTES('z', 'utf8'));");
  });

  it('belong to tables too, also to those that are only read', async (t) => {
    const create = ONE_KEY.replace('STREAM', 'SOURCE TABLE').replace('STRING KEY', 'STRING PRIMARY KEY');
    const server = await open(
      t,
      create.replace("VALUE_FORMAT='JSON'", "VALUE_FORMAT='JSON', WRAP_SINGLE_VALUE=true"),
    );
    const rows = await server.rows('SELECT * FROM CALLS;');
    assert.deepEqual(
      rows.map(({ K, CALLER }) => [K, text(CALLER)]),
      [
        ['a', 'y'],
        ['b', null],
      ],
    );
  });

  it('are described as what they are', async (t) => {
    const server = await open(t, ONE_KEY);
    const [entity] = (await server.run('DESCRIBE CALLS;')) as [SourceDescriptionEntity];
    assert.deepEqual(
      entity.sourceDescription.fields.map(({ name, type, headerKey }) => [name, type, headerKey]),
      [
        ['K', 'KEY', undefined],
        ['N', undefined, undefined],
        ['CALLER', 'HEADER', 'from'],
        ['CALLED', 'HEADER', 'to'],
      ],
    );
  });

  it('are read only, of their types, and not twice', async (t) => {
    const server = await open(t, ONE_KEY);
    const refused: Record<string, RegExp> = {
      "INSERT INTO CALLS (K, N) VALUES ('c', 3);": /CALLS has header columns/,
      'INSERT INTO CALLS SELECT * FROM CALLS;': /CALLS has header columns/,
    };
    const columns: Record<string, RegExp> = {
      'H STRING HEADERS': /line 1:\d+: A column of HEADERS is ARRAY<STRUCT<`KEY` STRING/,
      "H STRING HEADER('a')": /A column of HEADER\('a'\) is BYTES, not STRING/,
      "A BYTES HEADER('a'), B BYTES HEADER('a')": /column of HEADER\('a'\) already/,
      "A BYTES HEADER('a'), H ARRAY<STRUCT<KEY STRING, VALUE BYTES>> HEADERS":
        /HEADERS, or some by HEADER\(key\), not both/,
    };
    for (const [list, message] of Object.entries(columns))
      refused[`CREATE STREAM T (${list}, N INT) WITH (KAFKA_TOPIC='calls', VALUE_FORMAT='JSON');`] = message;
    for (const [statement, message] of Object.entries(refused))
      await assert.rejects(server.run(statement), message, statement);
  });
});
