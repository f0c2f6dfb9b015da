import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseScript } from '../parser/parse-script.ts';
import { planStatement } from '../plan-statement.ts';

function formatsOf(columns: string, properties: string): readonly unknown[] {
  const text = `CREATE STREAM s (${columns}) WITH (kafka_topic='t', ${properties});`;
  const catalog = { source: () => undefined, sources: () => [] };
  const [statement] = parseScript(text);
  assert.ok(statement);
  const planned = planStatement(statement, catalog, { properties: {}, nextQueryId: 1 });
  assert.ok(planned.kind === 'createSource');
  return [planned.source.keyFormat, planned.source.valueFormat];
}

describe('PROTOBUF_NOSR', () => {
  for (const [properties, formats] of [
    ["format='protobuf_nosr'", [{ name: 'PROTOBUF_NOSR' }, { name: 'PROTOBUF_NOSR' }]],
    [
      "value_format='PROTOBUF_NOSR', value_protobuf_nullable_representation='optional'",
      [{ name: 'KAFKA' }, { name: 'PROTOBUF_NOSR', nullable: 'OPTIONAL' }],
    ],
    [
      "format='PROTOBUF_NOSR', key_protobuf_nullable_representation='WRAPPER', wrap_single_value=true",
      [
        { name: 'PROTOBUF_NOSR', nullable: 'WRAPPER' },
        { name: 'PROTOBUF_NOSR', wrapSingle: true },
      ],
    ],
  ] as const)
    it(properties, () => assert.deepEqual(formatsOf('k INT KEY, v INT', properties), formats));

  for (const [columns, properties, reason] of [
    [
      'v INT',
      "value_format='PROTOBUF_NOSR', wrap_single_value=false",
      /WRAP_SINGLE_VALUE cannot be false: values in PROTOBUF.* are always written with the names/,
    ],
    [
      'v INT',
      "value_format='PROTOBUF_NOSR', value_protobuf_nullable_representation='MAYBE'",
      /VALUE_PROTOBUF_NULLABLE_REPRESENTATION must be OPTIONAL or WRAPPER, got MAYBE/,
    ],
    [
      'v INT',
      "value_format='JSON', value_protobuf_nullable_representation='WRAPPER'",
      /VALUE_PROTOBUF_NULLABLE_REPRESENTATION is for PROTOBUF and PROTOBUF_NOSR, and the format is JSON/,
    ],
    ['`a b` INT', "value_format='PROTOBUF_NOSR'", /a field cannot be named 'a b'/],
    ['v ARRAY<ARRAY<INT>>', "value_format='PROTOBUF_NOSR'", /V is an ARRAY of ARRAYs/],
    ['v MAP<INT, INT>', "value_format='PROTOBUF_NOSR'", /keys must be STRING/],
  ] as const)
    it(`refuses ${columns} with ${properties}`, () =>
      assert.throws(() => formatsOf(columns, properties), reason));
});
