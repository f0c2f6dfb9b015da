// The registry as SQL and clients share it: in the same server, over a restart, and in another one.
import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Millrace } from '../src/millrace.ts';
import { afterTest } from './support/after-test.ts';
import { temporaryFolder } from './support/server.ts';

const STATEMENTS = `CREATE STREAM PLAYS (PLAYER STRING, SCORE INT) WITH (KAFKA_TOPIC='plays', VALUE_FORMAT='AVRO', PARTITIONS=1);
  INSERT INTO PLAYS (PLAYER, SCORE) VALUES ('ada', 7);`;

async function schemaOf(
  address: string | undefined,
  subject: string,
): Promise<{ fields: { name: string }[] }> {
  const response = await fetch(`http://${address}/subjects/${subject}/versions/latest/schema`);
  assert.equal(response.status, 200);
  return (await response.json()) as { fields: { name: string }[] };
}

it('has what SQL has registered, also after a restart', async (t) => {
  const data = await temporaryFolder(t);
  const first = await Millrace.start({ data, workers: 0 });
  afterTest(t, () => first.stop());
  await first.sql(STATEMENTS);
  const schema = await schemaOf(first.registryAddress, 'plays-value');
  assert.deepEqual(
    schema.fields.map(({ name }) => name),
    ['PLAYER', 'SCORE'],
  );
  await first.stop();
  const second = await Millrace.start({ data, workers: 0 });
  afterTest(t, () => second.stop());
  assert.deepEqual(await schemaOf(second.registryAddress, 'plays-value'), schema);
  await second.sql("INSERT INTO PLAYS (PLAYER, SCORE) VALUES ('bob', 8);");
});

it('is that of another server where one is named', async (t) => {
  const registry = await Millrace.start({ data: 'memory', users: ['u:p'] });
  afterTest(t, () => registry.stop());
  const millrace = await Millrace.start({
    data: 'memory',
    schemaRegistryUrl: `http://${registry.registryAddress}`,
    schemaRegistryUser: 'u:p',
  });
  afterTest(t, () => millrace.stop());
  assert.equal(millrace.registryAddress, undefined);
  await millrace.sql(STATEMENTS);
  const headers = { authorization: `Basic ${btoa('u:p')}` };
  const response = await fetch(`http://${registry.registryAddress}/subjects`, { headers });
  assert.deepEqual(await response.json(), ['plays-value']);
  const rows = await millrace.sql('SELECT * FROM PLAYS;');
  assert.deepEqual(rows, [{ PLAYER: 'ada', SCORE: 7 }]);
});

it('is not there where it is off, nor are the formats that need it', async (t) => {
  const millrace = await Millrace.start({ data: 'memory', registry: 'off' });
  afterTest(t, () => millrace.stop());
  assert.equal(millrace.registryAddress, undefined);
  for (const format of ['AVRO', 'JSON_SR', 'PROTOBUF'])
    await assert.rejects(
      millrace.sql(
        `CREATE STREAM PLAYS (PLAYER STRING) WITH (KAFKA_TOPIC='plays', VALUE_FORMAT='${format}', PARTITIONS=1);`,
      ),
      (error) => (error as { code?: number }).code === 42801,
      format,
    );
  await millrace.sql(STATEMENTS.replace('AVRO', 'PROTOBUF_NOSR'));
  assert.deepEqual(await millrace.sql('SELECT * FROM PLAYS;'), [{ PLAYER: 'ada', SCORE: 7 }]);
});

it('is waited for by queries that it was switched off under', async (t) => {
  const data = await temporaryFolder(t);
  const earliest = { properties: { 'auto.offset.reset': 'earliest' } };
  const copy = "CREATE STREAM SEEN WITH (VALUE_FORMAT='JSON') AS SELECT * FROM PLAYS;";
  const first = await Millrace.start({ data, workers: 0 });
  afterTest(t, () => first.stop());
  await first.sql(STATEMENTS);
  await first.stop();
  const second = await Millrace.start({ data, workers: 0, registry: 'off' });
  afterTest(t, () => second.stop());
  await second.sql(copy, earliest);
  await second.stop();
  const third = await Millrace.start({ data, workers: 0 });
  afterTest(t, () => third.stop());
  const rows: unknown[] = [];
  for await (const row of await third.sql('SELECT * FROM SEEN EMIT CHANGES LIMIT 1;', earliest))
    rows.push(row);
  assert.deepEqual(rows, [{ PLAYER: 'ada', SCORE: 7 }]);
});
