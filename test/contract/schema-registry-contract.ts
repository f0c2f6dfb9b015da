import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  type SchemaRegistry,
  SchemaRegistryError,
  type SchemaText,
} from '../../src/serde/schema-registry.ts';

export interface SchemaRegistryFixture {
  readonly registry: SchemaRegistry;
  close(): Promise<void>;
}

const avro = (schema: string): SchemaText => ({ type: 'AVRO', schema, references: [] });
const INT = avro('"int"');
const LONG = avro('"long"');

/** What every implementation of the port must do. `checks`: whether it looks at what it is given. */
export function describeSchemaRegistryContract(
  name: string,
  open: () => Promise<SchemaRegistryFixture>,
  { checks = true } = {},
): void {
  const scenario = (title: string, run: (registry: SchemaRegistry) => Promise<void>) =>
    it(title, async () => {
      const { registry, close } = await open();
      try {
        await run(registry);
      } finally {
        await close();
      }
    });

  describe(`schema registry port: ${name}`, () => {
    scenario('knows nothing at first', async (registry) => {
      assert.equal(await registry.latest('s'), undefined);
      assert.equal(await registry.version('s', 1), undefined);
      assert.equal(await registry.byId(1), undefined);
      assert.equal(await registry.lookup('s', INT), undefined);
    });

    scenario('numbers versions by subject and schemas over all of them', async (registry) => {
      const int = await registry.register('s', INT);
      const long = await registry.register('s', LONG);
      assert.notEqual(int, long);
      assert.equal(await registry.register('s', INT), int);
      assert.equal(await registry.register('t', LONG), long);
      const latest = await registry.latest('s');
      assert.deepEqual(
        [latest?.subject, latest?.version, latest?.id, latest?.schema],
        ['s', 2, long, '"long"'],
      );
      assert.equal((await registry.version('s', 1))?.id, int);
      assert.equal((await registry.latest('t'))?.version, 1);
      assert.equal((await registry.lookup('s', INT))?.version, 1);
      assert.equal(await registry.lookup('t', INT), undefined);
    });

    scenario('gives a schema back with its type and references', async (registry) => {
      const named = avro('{"type":"fixed","name":"n.F","size":2}');
      await registry.register('named', named);
      const references = [{ name: 'n.F', subject: 'named', version: 1 }];
      const user = { type: 'AVRO', schema: '{"type":"array","items":"n.F"}', references } as const;
      const id = await registry.register('user', user);
      const { type, schema, references: kept } = (await registry.byId(id))!;
      assert.deepEqual({ type, schema, references: kept }, user);
      const json = { type: 'JSON', schema: '{"type":"object"}', references: [] } as const;
      assert.equal((await registry.byId(await registry.register('j', json)))?.type, 'JSON');
    });

    scenario('forgets a subject, but no id', async (registry) => {
      const id = await registry.register('s', INT);
      await registry.deleteSubject('s');
      await registry.deleteSubject('s');
      await registry.deleteSubject('never there');
      assert.equal(await registry.latest('s'), undefined);
      assert.equal(await registry.lookup('s', INT), undefined);
      assert.equal((await registry.byId(id))?.schema, '"int"');
      // What comes next follows nothing.
      await registry.register('s', avro('"string"'));
      assert.equal((await registry.latest('s'))?.schema, '"string"');
    });

    scenario('takes any name for a subject', async (registry) => {
      const id = await registry.register('a/b c?é%', INT);
      assert.equal((await registry.latest('a/b c?é%'))?.id, id);
    });

    if (checks)
      scenario('refuses what is no schema, or may not follow', async (registry) => {
        const refuses = (code: number) => (error: unknown) =>
          error instanceof SchemaRegistryError && error.code === code;
        await assert.rejects(registry.register('s', avro('{')), refuses(42201));
        await registry.register('s', INT);
        await assert.rejects(registry.register('s', avro('"string"')), refuses(409));
      });
  });
}
