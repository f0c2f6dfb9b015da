import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../base/virtual-clock.ts';
import { MemorySchemaRegistry } from '../../serde/memory-schema-registry.ts';
import { assertSchema } from './assertions.ts';

test('ASSERT SCHEMA asks for a subject, an id, or one under the other', async () => {
  const registry = new MemorySchemaRegistry();
  const schema = { type: 'AVRO', schema: '"string"', references: [] } as const;
  const id = await registry.register('a-value', schema);
  await registry.register('b-value', { ...schema, schema: '"int"' });
  const cases: readonly (readonly [object, RegExp | undefined])[] = [
    [{ subject: 'a-value', exists: true }, undefined],
    [{ id, exists: true }, undefined],
    [{ subject: 'a-value', id, exists: true }, undefined],
    [{ subject: 'b-value', id, exists: true }, /subject 'b-value' and id 1 does not exist/],
    [{ subject: 'c-value', exists: true }, /Schema with subject 'c-value' does not exist/],
    [{ subject: 'c-value', exists: false }, undefined],
    [{ id: 99, exists: true }, /Schema with id 99 does not exist/],
    [{ id, exists: false }, /Schema with id 1 exists/],
  ];
  for (const [asked, fault] of cases) {
    const planned = { kind: 'assertSchema', exists: true, timeoutMs: 0, ...asked } as const;
    const answer = assertSchema(planned, '', registry, new VirtualClock());
    if (fault) await assert.rejects(answer, fault);
    else assert.equal((await answer)['@type'], 'assert_schema');
  }
  const planned = { kind: 'assertSchema', subject: 'a', exists: true, timeoutMs: 0 } as const;
  await assert.rejects(assertSchema(planned, '', undefined, new VirtualClock()), /no schema registry/);
});
