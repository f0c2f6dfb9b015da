import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WriterSchema } from '../../data/writer-schema.ts';
import { PrintedValues } from './printed-values.ts';

const SCHEMAS: Readonly<Record<number, Omit<WriterSchema, 'id' | 'imports'>>> = {
  1: {
    type: 'AVRO',
    schema:
      '{"type":"record","name":"R","fields":[{"name":"day","type":{"type":"int","logicalType":"date"}},{"name":"list","type":{"type":"array","items":"long"}}]}',
  },
  2: { type: 'AVRO', schema: '"string"' },
  3: { type: 'JSON', schema: '{"type":"object"}' },
  4: { type: 'PROTOBUF', schema: 'syntax = "proto3"; message M { string name = 1; }' },
  5: { type: 'AVRO', schema: 'broken' },
};

const cases: readonly [what: string, hex: string, expected: { format: string; text: string } | undefined][] =
  [
    ['text', '6162', undefined],
    ['bytes', '00ff', undefined],
    [
      'a record of Avro',
      '0000000001' + '020404' + '0600',
      { format: 'AVRO', text: '{"day":"1970-01-02","list":[2,3]}' },
    ],
    ['a bare value of Avro', '0000000002' + '0261', { format: 'AVRO', text: '"a"' }],
    [
      'JSON with a schema',
      `0000000003${Buffer.from('{"a": 1.50}').toString('hex')}`,
      { format: 'JSON_SR', text: '{"a": 1.50}' },
    ],
    ['a message', '0000000004' + '00' + '0a0161', { format: 'PROTOBUF', text: '{"name":"a"}' }],
    ['what does not fit its schema', '0000000001' + '02', undefined],
    ['what names a schema that is none', '000000000502', undefined],
    ['what names no schema', '000000006361', undefined],
  ];
for (const [what, hex, expected] of cases)
  test(`${what} is read as ${expected?.text ?? 'nothing that is known'}`, async () => {
    const values = new PrintedValues(async (id) => {
      const found = SCHEMAS[id];
      return found && { ...found, id, imports: [] };
    });
    assert.deepEqual(await values.read(Buffer.from(hex, 'hex')), expected);
  });

test('without a registry nothing is known', async () => {
  assert.equal(await new PrintedValues(undefined).read(Buffer.from('0000000002', 'hex')), undefined);
});
