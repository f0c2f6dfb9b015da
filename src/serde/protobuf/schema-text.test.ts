import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SqlType } from '../../data/types.ts';
import { type NullableAs, schemaText } from './schema-text.ts';

const INTEGER: SqlType = { kind: 'INTEGER' };
const STRING: SqlType = { kind: 'STRING' };

function bodyOf(type: SqlType, nullable?: NullableAs): string {
  return schemaText([{ name: 'C', type }], { nullable })
    .replace('syntax = "proto3";\n\n', '')
    .replaceAll(/\s+/g, ' ')
    .trim();
}

describe('the .proto file of columns', () => {
  const cases: readonly (readonly [type: SqlType, nullable: NullableAs, body: string])[] = [
    [{ kind: 'BOOLEAN' }, undefined, 'message ConnectDefault1 { bool C = 1; }'],
    [INTEGER, undefined, 'message ConnectDefault1 { int32 C = 1; }'],
    [{ kind: 'BIGINT' }, undefined, 'message ConnectDefault1 { int64 C = 1; }'],
    [{ kind: 'DOUBLE' }, undefined, 'message ConnectDefault1 { double C = 1; }'],
    [STRING, undefined, 'message ConnectDefault1 { string C = 1; }'],
    [{ kind: 'BYTES' }, undefined, 'message ConnectDefault1 { bytes C = 1; }'],
    [INTEGER, 'OPTIONAL', 'message ConnectDefault1 { optional int32 C = 1; }'],
    [
      INTEGER,
      'WRAPPER',
      'import "google/protobuf/wrappers.proto"; message ConnectDefault1 { google.protobuf.Int32Value C = 1; }',
    ],
    [
      { kind: 'DATE' },
      undefined,
      'import "google/type/date.proto"; message ConnectDefault1 { google.type.Date C = 1; }',
    ],
    [
      { kind: 'TIME' },
      'WRAPPER',
      'import "google/type/timeofday.proto"; message ConnectDefault1 { google.type.TimeOfDay C = 1; }',
    ],
    [
      { kind: 'TIMESTAMP' },
      undefined,
      'import "google/protobuf/timestamp.proto"; message ConnectDefault1 { google.protobuf.Timestamp C = 1; }',
    ],
    [
      { kind: 'DECIMAL', precision: 6, scale: 2 },
      undefined,
      'import "confluent/meta.proto"; import "confluent/type/decimal.proto"; message ConnectDefault1 { confluent.type.Decimal C = 1 [(confluent.field_meta) = { params: [ { key: "precision", value: "6" }, { key: "scale", value: "2" } ] }]; }',
    ],
    [{ kind: 'ARRAY', element: STRING }, 'OPTIONAL', 'message ConnectDefault1 { repeated string C = 1; }'],
    [
      { kind: 'MAP', key: STRING, value: INTEGER },
      undefined,
      'message ConnectDefault1 { repeated ConnectDefault2Entry C = 1; message ConnectDefault2Entry { string key = 1; int32 value = 2; } }',
    ],
    [
      { kind: 'ARRAY', element: { kind: 'STRUCT', fields: [{ name: 'X', type: INTEGER }] } },
      undefined,
      'message ConnectDefault1 { repeated ConnectDefault2 C = 1; message ConnectDefault2 { int32 X = 1; } }',
    ],
  ];
  for (const [type, nullable, body] of cases)
    it(`${type.kind}${nullable ? ` ${nullable}` : ''}`, () => assert.equal(bodyOf(type, nullable), body));

  it('numbers nested messages as they are met and lays them out behind the fields', () => {
    const inner: SqlType = { kind: 'STRUCT', fields: [{ name: 'Y', type: STRING }] };
    const outer: SqlType = { kind: 'STRUCT', fields: [{ name: 'X', type: inner }] };
    const columns = [
      { name: 'A', type: outer },
      { name: 'B', type: inner },
    ];
    assert.equal(
      schemaText(columns),
      `syntax = "proto3";

message ConnectDefault1 {
  ConnectDefault2 A = 1;
  ConnectDefault4 B = 2;

  message ConnectDefault2 {
    ConnectDefault3 X = 1;

    message ConnectDefault3 {
      string Y = 1;
    }
  }
  message ConnectDefault4 {
    string Y = 1;
  }
}
`,
    );
  });

  it('names the outermost message as asked, in its package', () => {
    assert.equal(
      schemaText([{ name: 'A', type: INTEGER }], { fullName: 'shop.orders.Order' }),
      'syntax = "proto3";\n\npackage shop.orders;\n\nmessage Order {\n  int32 A = 1;\n}\n',
    );
  });

  for (const [what, name, type, reason] of [
    [
      'such a name inside of a struct',
      'C',
      { kind: 'MAP', key: STRING, value: { kind: 'STRUCT', fields: [{ name: '1x', type: INTEGER }] } },
      /a field cannot be named '1x'/,
    ],
    ['a name that is no field name', 'a b', INTEGER, /a field cannot be named 'a b'/],
    [
      'arrays in arrays',
      'C',
      { kind: 'ARRAY', element: { kind: 'ARRAY', element: STRING } },
      /put each into a STRUCT/,
    ],
    [
      'maps in arrays',
      'C',
      { kind: 'ARRAY', element: { kind: 'MAP', key: STRING, value: STRING } },
      /put each into a STRUCT/,
    ],
  ] as const satisfies readonly (readonly [string, string, SqlType, RegExp])[])
    it(`refuses ${what}`, () => assert.throws(() => schemaText([{ name, type }]), reason));
});
