import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemorySchemaRegistry } from './memory-schema-registry.ts';
import type { SchemaText } from './schema-registry.ts';

const avro = (schema: string): SchemaText => ({ type: 'AVRO', schema, references: [] });

test('a schema has one id in every subject, and a version in each', async () => {
  const registry = new MemorySchemaRegistry();
  assert.equal(await registry.register('a-value', avro('"int"')), 1);
  assert.equal(await registry.register('a-value', avro('"long"')), 2);
  assert.equal(await registry.register('b-value', avro('"long"')), 2);
  assert.equal(await registry.register('a-value', avro('"int"')), 1);

  assert.equal((await registry.latest('a-value'))?.id, 2);
  assert.equal((await registry.version('a-value', 1))?.schema, '"int"');
  assert.equal((await registry.lookup('b-value', avro('"long"')))?.version, 1);
  assert.equal(await registry.lookup('b-value', avro('"int"')), undefined);
  assert.equal(await registry.latest('c-value'), undefined);
});

test('an id that is asked for is taken once', async () => {
  const registry = new MemorySchemaRegistry();
  assert.equal(registry.registerAs('a-value', avro('"int"'), 100), 100);
  assert.equal(await registry.register('a-value', avro('"long"')), 101);
  assert.throws(
    () => registry.registerAs('b-value', avro('"string"'), 100),
    /Schema id 100 belongs to another/,
  );
});
