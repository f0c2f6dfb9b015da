// Formats with schemas from SQL: columns out of a registry, schemas into it, records of many schemas in one topic.
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import avsc from 'avsc';
import { engineInThreads } from '../../../test/support/engine-threads.ts';
import { openLocalSql } from '../../../test/support/local-sql.ts';
import { startSqlService } from '../../../test/support/sql-service.ts';
import { MemoryFileSystem } from '../../base/memory-fs.ts';
import { formatSchema } from '../../data/type-text.ts';
import { BatchBuilder } from '../../record/batch-builder.ts';
import { MemorySchemaRegistry } from '../../serde/memory-schema-registry.ts';
import type { SchemaRegistry, SchemaType } from '../../serde/schema-registry.ts';
import { schemaById } from '../../serde/whole-schema.ts';
import { MemoryTopics } from '../../testing/memory-topics.ts';
import type { Topics } from '../../topics/topics.ts';
import { readCommitted } from '../read-committed.ts';
import { KsqlError, NO_REGISTRY } from './ksql-error.ts';
import { createSession } from './session.ts';

type Options = { fs?: MemoryFileSystem; schemaRegistry?: SchemaRegistry };

async function open(t: TestContext, { fs = new MemoryFileSystem(), schemaRegistry }: Options = {}) {
  const server = await openLocalSql({ fs, ...(schemaRegistry && { schemaRegistry }) });
  t.after(() => server.close());
  return server;
}

const record = (name: string, ...fields: readonly (readonly [string, unknown, unknown?])[]) => ({
  type: 'record',
  name,
  fields: fields.map(([field, type, ...rest]) => ({
    name: field,
    type,
    ...(rest.length > 0 && { default: rest[0] }),
  })),
});

function avro(schema: unknown, id: number, value: unknown): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeInt32BE(id, 1);
  return Buffer.concat([prefix, avsc.Type.forSchema(schema as avsc.Schema).toBuffer(value)]);
}

type Server = Awaited<ReturnType<typeof open>>;

async function append(
  server: { readonly topics: Topics },
  topic: string,
  ...values: readonly (Buffer | null)[]
): Promise<void> {
  const builder = new BatchBuilder();
  for (const value of values) builder.append(0, null, value);
  await server.topics.append({ topic, partition: 0, batch: builder.build() });
}

async function values(server: { readonly topics: Topics }, topic: string): Promise<(Buffer | null)[]> {
  const at = { topic, partition: 0 };
  const found: (Buffer | null)[] = [];
  const { highWatermark } = await server.topics.offsets(at);
  await readCommitted(server.topics, at, 0, highWatermark, (cursor) => {
    const value = cursor.value();
    found.push(value && Buffer.from(value));
  });
  return found;
}

const text = (schema: unknown, type: SchemaType = 'AVRO') => ({
  type,
  schema: JSON.stringify(schema),
  references: [],
});

const schemaOf = (server: Server, name: string) => formatSchema(server.sql.insertTarget(name).schema);

describe('columns from a schema registry', { timeout: 20_000 }, () => {
  it('are the newest schema of the topic, names in upper case', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const server = await open(t, { schemaRegistry });
    await schemaRegistry.register('boats-value', text(record('Old', ['gone', 'int'])));
    await schemaRegistry.register(
      'boats-value',
      text(record('Boat', ['name', 'string'], ['hull', record('Hull', ['feet', ['null', 'int']])])),
    );
    await server.topics.create({ name: 'boats', partitionCount: 1 });
    await server.run("CREATE STREAM boats (id INT KEY) WITH (kafka_topic='boats', value_format='AVRO');");
    assert.equal(schemaOf(server, 'BOATS'), '`ID` INTEGER KEY, `NAME` STRING, `HULL` STRUCT<`FEET` INTEGER>');
  });

  it('are those of an id, names as they are', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const server = await open(t, { schemaRegistry });
    schemaRegistry.registerAs('elsewhere', text(record('Boat', ['sailNumber', 'long'])), 40);
    await server.run(
      "CREATE STREAM boats WITH (kafka_topic='boats', partitions=1, value_format='AVRO', value_schema_id=40);",
    );
    assert.equal(schemaOf(server, 'BOATS'), '`sailNumber` BIGINT');
    await server.run('INSERT INTO boats (`sailNumber`) VALUES (7);');
    assert.deepEqual(
      (await values(server, 'boats')).map((value) => value?.toString('hex')),
      ['0000000028' + '0e'],
    );
  });

  it('are one column for a key, and for a value that is not wrapped', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const server = await open(t, { schemaRegistry });
    await schemaRegistry.register('t-key', text({ type: 'array', items: 'int' }));
    await schemaRegistry.register('t-value', text(record('R', ['a', 'string'])));
    await server.topics.create({ name: 't', partitionCount: 1 });
    await server.run("CREATE STREAM s WITH (kafka_topic='t', format='AVRO', wrap_single_value=false);");
    assert.equal(schemaOf(server, 'S'), '`ROWKEY` ARRAY<INTEGER> KEY, `ROWVAL` STRUCT<`A` STRING>');
  });

  const refusals: readonly [what: string, statement: string, reason: RegExp][] = [
    [
      'a topic without a schema',
      "CREATE STREAM s WITH (kafka_topic='none', value_format='AVRO');",
      /no schema of values on topic 'none': its subject none-value is empty/,
    ],
    [
      'an id without a schema',
      "CREATE STREAM s WITH (kafka_topic='t', value_format='AVRO', value_schema_id=99);",
      /no schema 99, by which values on topic 't'/,
    ],
    [
      'a schema for another format',
      "CREATE STREAM s WITH (kafka_topic='t', value_format='AVRO', value_schema_id=1);",
      /Schema 1 is of type JSON, and the format of the value is AVRO/,
    ],
    [
      'an id for a format without schemas',
      "CREATE STREAM s (a INT) WITH (kafka_topic='t', value_format='JSON', value_schema_id=1);",
      /VALUE_SCHEMA_ID needs a format whose schemas are in a registry .* the value format is JSON/,
    ],
    [
      'columns that are not in the schema',
      "CREATE STREAM s (b STRING, a INT) WITH (kafka_topic='t', value_format='JSON_SR', value_schema_id=1);",
      /not those of schema 1: `B` STRING, `A` INTEGER/,
    ],
    [
      'a schema that no columns can hold',
      "CREATE STREAM s WITH (kafka_topic='t', value_format='AVRO', value_schema_id=2);",
      /has no SQL columns: Avro record L holds itself/,
    ],
    [
      'a name that Avro cannot hold',
      "CREATE STREAM s (`a b` INT) WITH (kafka_topic='t', value_format='AVRO');",
      /"a b" is no name for a field in Avro/,
    ],
    [
      'a name for what has none',
      "CREATE STREAM s (a INT) WITH (kafka_topic='t', value_format='JSON_SR', value_schema_full_name='x');",
      /VALUE_SCHEMA_FULL_NAME is for formats whose schemas have names .* the format is JSON_SR/,
    ],
    [
      'no columns and no schemas',
      "CREATE STREAM s WITH (kafka_topic='t', value_format='JSON');",
      /No columns are given.*JSON has no schemas/,
    ],
  ];
  for (const [what, statement, reason] of refusals)
    it(`refuses ${what}`, async (t) => {
      const schemaRegistry = new MemorySchemaRegistry();
      const server = await open(t, { schemaRegistry });
      const json = { type: 'object', properties: { a: { type: 'string' } } };
      schemaRegistry.registerAs('x', text(json, 'JSON'), 1);
      schemaRegistry.registerAs('y', text(record('L', ['next', ['null', 'L']])), 2);
      await server.topics.create({ name: 't', partitionCount: 1 });
      await assert.rejects(
        server.run(statement),
        (error: Error) =>
          error instanceof KsqlError && error.httpStatus === 400 && reason.test(error.message),
      );
    });

  it('need a registry', async (t) => {
    const server = await open(t);
    await assert.rejects(
      server.run("CREATE STREAM s (a INT) WITH (kafka_topic='t', partitions=1, value_format='AVRO');"),
      (error: Error) => error instanceof KsqlError && error.code === NO_REGISTRY,
    );
  });
});

describe('schemas into a registry', { timeout: 20_000 }, () => {
  it('a declared topic gets one if it has none, a sink always', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const server = await open(t, { schemaRegistry });
    await schemaRegistry.register('b-value', text(record('Theirs', ['v', 'int'])));
    await server.run(
      "CREATE STREAM a (k INT KEY, v INT) WITH (kafka_topic='a', partitions=1, format='AVRO');",
    );
    await server.run("CREATE STREAM b (v INT) WITH (kafka_topic='b', partitions=1, value_format='AVRO');");
    await server.run(
      "CREATE STREAM my_sink WITH (kafka_topic='b') AS SELECT STRUCT(x := k) AS k, v FROM a PARTITION BY STRUCT(x := k);",
    );
    assert.deepEqual(schemaRegistry.subjects().toSorted(), ['a-key', 'a-value', 'b-key', 'b-value']);
    assert.equal((await schemaRegistry.latest('a-key'))?.schema, '"int"');
    assert.match((await schemaRegistry.latest('b-key'))!.schema, /"name":"MySinkKey"/);
    assert.equal((await schemaRegistry.latest('b-value'))?.version, 2);
  });

  it('what INSERT VALUES writes is in the newest schema where that holds the columns, else in their own', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const server = await open(t, { schemaRegistry });
    const theirs = await schemaRegistry.register('t-value', text(record('R', ['a', 'int'], ['b', 'int', 9])));
    await server.run(
      "CREATE STREAM narrow (a INT) WITH (kafka_topic='t', partitions=1, value_format='AVRO');",
    );
    await server.run("CREATE STREAM wide (a INT, c INT) WITH (kafka_topic='t', value_format='AVRO');");
    await server.run('INSERT INTO narrow VALUES (1); INSERT INTO wide VALUES (2, 3);');
    const written = (await values(server, 't')).map((value) => value!);
    assert.deepEqual([written[0]!.readInt32BE(1), written[0]!.toString('hex', 5)], [theirs, '0212']);
    assert.notEqual(written[1]!.readInt32BE(1), theirs);
    assert.equal(written[1]!.toString('hex', 5), '02040206');
  });

  it('a sink in a schema of its own choice fills what no column is for', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const server = await open(t, { schemaRegistry });
    schemaRegistry.registerAs('x', text(record('R', ['A', 'int'], ['more', ['null', 'int'], null])), 5);
    await server.run("CREATE STREAM s (a INT) WITH (kafka_topic='t', partitions=1, value_format='JSON');");
    await server.run("CREATE STREAM o WITH (value_format='AVRO', value_schema_id=5) AS SELECT * FROM s;");
    await server.run('INSERT INTO s VALUES (3);');
    await settled(server, 'O', 1);
    assert.equal((await values(server, 'O'))[0]?.toString('hex'), '00000000050600');
  });

  it('a query that is replaced writes its new columns in a new version, and its readers may be replaced too', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const server = await open(t, { schemaRegistry });
    await server.run(
      "CREATE STREAM s (a INT, b INT) WITH (kafka_topic='t', partitions=1, value_format='JSON');",
    );
    await server.run("CREATE STREAM o WITH (value_format='AVRO') AS SELECT a FROM s;");
    await server.run("CREATE STREAM p WITH (value_format='JSON') AS SELECT a FROM o;");
    await server.run('INSERT INTO s VALUES (1, 2);');
    await settled(server, 'P', 1);
    await server.run("CREATE OR REPLACE STREAM o WITH (value_format='AVRO') AS SELECT a, b FROM s;");
    await server.run("CREATE OR REPLACE STREAM p WITH (value_format='JSON') AS SELECT a, b FROM o;");
    await server.run('INSERT INTO s VALUES (3, 4);');
    await settled(server, 'P', 2);
    assert.deepEqual((await values(server, 'P')).map(String), ['{"A":1}', '{"A":3,"B":4}']);
    assert.equal((await schemaRegistry.latest('O-value'))?.version, 2);
  });
});

describe('a topic that is deleted', { timeout: 20_000 }, () => {
  it('takes its schemas along, so that the next of its name may be of others', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const server = await open(t, { schemaRegistry });
    await server.run(
      "CREATE STREAM s (k INT KEY, a INT) WITH (kafka_topic='t', partitions=1, format='AVRO');",
    );
    await server.run('CREATE STREAM kept AS SELECT k, a FROM s;');
    await server.run('DROP STREAM kept;');
    assert.ok(await schemaRegistry.latest('KEPT-value'));
    await server.run('DROP STREAM s DELETE TOPIC;');
    assert.equal(await schemaRegistry.latest('t-key'), undefined);
    assert.equal(await schemaRegistry.latest('t-value'), undefined);
    await server.run("CREATE STREAM s (b STRING) WITH (kafka_topic='t', partitions=1, value_format='AVRO');");
    await server.run("INSERT INTO s VALUES ('x');");
    assert.match((await schemaRegistry.latest('t-value'))?.schema ?? '', /"B"/);
  });
});

describe('records of several schemas', { timeout: 20_000 }, () => {
  it('are each read with the one they were written with; what cannot be read is skipped and reported', async (t) => {
    const fs = new MemoryFileSystem();
    const known = new MemorySchemaRegistry();
    const asked: number[] = [];
    // A registry that answers later, as one over a network does.
    const schemaRegistry: SchemaRegistry = {
      latest: (subject) => known.latest(subject),
      version: (subject, version) => known.version(subject, version),
      register: (subject, schema) => known.register(subject, schema),
      lookup: (subject, schema) => known.lookup(subject, schema),
      deleteSubject: (subject) => known.deleteSubject(subject),
      byId: async (id) => {
        asked.push(id);
        await new Promise(setImmediate);
        return known.byId(id);
      },
    };
    const first = record('R', ['a', 'int']);
    const second = record('R', ['b', ['null', 'string'], null], ['A', 'long']);
    known.registerAs('t-value', text(first), 11);
    known.registerAs('t-value', text(second), 12);
    const server = await open(t, { fs, schemaRegistry });
    await server.run(
      "CREATE STREAM s (a BIGINT, b STRING) WITH (kafka_topic='t', partitions=1, value_format='AVRO');",
    );
    await server.run("CREATE STREAM o WITH (value_format='JSON') AS SELECT * FROM s;");
    await append(
      server,
      't',
      avro(first, 11, { a: 1 }),
      avro(second, 12, { b: 'x', A: 2 }),
      Buffer.from('{"a":1}'),
      avro(first, 77, { a: 1 }),
      avro(second, 12, { b: null, A: 3 }).subarray(0, 6),
      null,
      avro(first, 11, { a: 4 }),
    );
    await settled(server, 'O', 4);
    assert.deepEqual(
      (await values(server, 'O')).map((value) => value?.toString() ?? null),
      ['{"A":1,"B":null}', '{"A":2,"B":"x"}', null, '{"A":4,"B":null}'],
    );
    assert.deepEqual(asked, [11, 12, 77]);
    const [query] = [...server.sql.persistentQueries()];
    assert.equal(query?.running?.counters.errors, 3);
  });

  it('two queries that share the reading wait for schemas too', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const schema = record('R', ['a', 'int']);
    schemaRegistry.registerAs('t-value', text(schema), 3);
    const server = await open(t, { schemaRegistry });
    await server.run("CREATE STREAM s (a INT) WITH (kafka_topic='t', partitions=1, value_format='AVRO');");
    await server.run("CREATE STREAM o WITH (value_format='JSON') AS SELECT a FROM s;");
    await server.run("CREATE STREAM p WITH (value_format='JSON') AS SELECT a + 1 AS b FROM s;");
    await append(server, 't', avro(schema, 3, { a: 1 }), avro(schema, 3, { a: 2 }));
    await settled(server, 'O', 2);
    await settled(server, 'P', 2);
    assert.deepEqual((await values(server, 'P')).map(String), ['{"B":2}', '{"B":3}']);
  });

  it('are read in other threads, which ask for schemas', async (t) => {
    const schemaRegistry = new MemorySchemaRegistry();
    const schema = record('R', ['a', 'int']);
    schemaRegistry.registerAs('t-value', text(schema), 3);
    const topics = new MemoryTopics();
    const engine = engineInThreads(topics, { schemaById: schemaById(schemaRegistry) });
    const { sql, stop } = await startSqlService({ topics, engine, schemaRegistry });
    t.after(stop);
    const session = createSession({ 'auto.offset.reset': 'earliest' });
    await sql.execute(
      "CREATE STREAM s (a INT) WITH (kafka_topic='t', partitions=1, value_format='AVRO');",
      session,
    );
    await sql.execute("CREATE STREAM o WITH (value_format='JSON') AS SELECT * FROM s;", session);
    await append(
      { topics },
      't',
      avro(schema, 3, { a: 1 }),
      avro(schema, 4, { a: 2 }),
      avro(schema, 3, { a: 3 }),
    );
    await settled({ topics }, 'O', 2);
    assert.deepEqual((await values({ topics }, 'O')).map(String), ['{"A":1}', '{"A":3}']);
  });

  it('tables come back after a restart, without asking for columns again', async (t) => {
    const fs = new MemoryFileSystem();
    const schemaRegistry = new MemorySchemaRegistry();
    await schemaRegistry.register('t-value', text(record('R', ['a', 'int'])));
    let server = await openLocalSql({ fs, schemaRegistry });
    await server.topics.create({ name: 't', partitionCount: 1 });
    await server.run("CREATE TABLE s (k INT PRIMARY KEY) WITH (kafka_topic='t', format='AVRO');");
    await server.run('CREATE TABLE o AS SELECT k, a + 1 AS b FROM s;');
    await server.run('INSERT INTO s (k, a) VALUES (1, 10);');
    await settled(server, 'O', 1);
    await server.close();
    // The subject may say something else by now.
    await schemaRegistry.register('t-value', text(record('R', ['other', 'string'])));
    server = await openLocalSql({ fs, schemaRegistry });
    t.after(() => server.close());
    assert.deepEqual(await server.rows('SELECT * FROM o;'), [{ K: 1, B: 11 }]);
    await server.run('INSERT INTO s (k, a) VALUES (2, 20);');
    await settled(server, 'O', 2);
    assert.deepEqual(await server.rows('SELECT * FROM o WHERE k = 2;'), [{ K: 2, B: 21 }]);
  });
});

/** Until the topic's first partition holds so many records. */
async function settled(server: { readonly topics: Topics }, topic: string, count: number): Promise<void> {
  while ((await values(server, topic)).length < count) await new Promise(setImmediate);
}
