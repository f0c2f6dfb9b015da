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

const cases: readonly [what: string, hex: string | null, expected: string][] = [
  ['nothing', null, '<null>'],
  ['text', '6162', 'ab'],
  ['bytes', '00ff', '0x00ff'],
  ['a record of Avro', '0000000001' + '020404' + '0600', '{"day":"1970-01-02","list":[2,3]}'],
  ['a bare value of Avro', '0000000002' + '0261', '"a"'],
  ['JSON with a schema', `0000000003${Buffer.from('{"a": 1.50}').toString('hex')}`, '{"a": 1.50}'],
  ['a message', '0000000004' + '00' + '0a0161', '{"name":"a"}'],
  ['what does not fit its schema', '0000000001' + '02', '0x000000000102'],
  ['what names a schema that is none', '000000000502', '0x000000000502'],
  ['what names no schema', '000000006361', '0x000000006361'],
];
for (const [what, hex, expected] of cases)
  test(`${what} is printed as ${expected}`, async () => {
    const values = new PrintedValues(async (id) => {
      const found = SCHEMAS[id];
      return found && { ...found, id, imports: [] };
    });
    assert.equal(await values.text(hex === null ? null : Buffer.from(hex, 'hex')), expected);
  });

test('without a registry all is text or hex', async () => {
  assert.equal(await new PrintedValues(undefined).text(Buffer.from('0000000002', 'hex')), '0x0000000002');
});
