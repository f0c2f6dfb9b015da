import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatColumn } from '../../data/type-text.ts';
import { ParsedSchema } from './schema-parser.ts';
import { sqlColumns } from './sql-columns.ts';
import { WELL_KNOWN_FILES } from './well-known.ts';

function columnsOf(text: string, fullName?: string, imports: Record<string, string> = {}): string {
  const given = Object.entries(imports).map(([name, schema]) => ({ name, schema }));
  const message = ParsedSchema.of(text, given).message(fullName);
  assert.ok(message);
  return sqlColumns(message).map(formatColumn).join(', ');
}

const proto3 = (body: string) => `syntax = "proto3"; ${body}`;

describe('the columns of a message', () => {
  const cases: readonly (readonly [what: string, text: string, columns: string])[] = [
    [
      'whole numbers of 32 bits with a sign',
      proto3('message M { int32 a = 1; sint32 b = 2; sfixed32 c = 3; }'),
      '`a` INTEGER, `b` INTEGER, `c` INTEGER',
    ],
    [
      'other whole numbers',
      proto3(
        'message M { uint32 a = 1; fixed32 b = 2; int64 c = 3; uint64 d = 4; sint64 e = 5; fixed64 f = 6; sfixed64 g = 7; }',
      ),
      '`a` BIGINT, `b` BIGINT, `c` BIGINT, `d` BIGINT, `e` BIGINT, `f` BIGINT, `g` BIGINT',
    ],
    [
      'other scalars',
      proto3('message M { float a = 1; double b = 2; bool c = 3; string d = 4; bytes e = 5; }'),
      '`a` DOUBLE, `b` DOUBLE, `c` BOOLEAN, `d` STRING, `e` BYTES',
    ],
    ['enums', proto3('message M { E a = 1; enum E { X = 0; } }'), '`a` STRING'],
    ['optional', proto3('message M { optional int32 a = 1; }'), '`a` INTEGER'],
    ['repeated', proto3('message M { repeated int64 a = 1; }'), '`a` ARRAY<BIGINT>'],
    [
      'maps, and the entries that Connect writes for them',
      proto3(
        'message M { map<string, int32> a = 1; repeated BEntry b = 2; message BEntry { string key = 1; N value = 2; } message N { bool x = 1; } }',
      ),
      '`a` MAP<STRING, INTEGER>, `b` MAP<STRING, STRUCT<`x` BOOLEAN>>',
    ],
    [
      'nested and repeated messages',
      proto3('message M { N a = 1; repeated N b = 2; } message N { string x = 1; }'),
      '`a` STRUCT<`x` STRING>, `b` ARRAY<STRUCT<`x` STRING>>',
    ],
    [
      'oneofs, first, as structs',
      proto3(
        'message M { int32 a = 1; oneof kind { string b = 2; int64 c = 3; } optional bool d = 4; oneof more { bool e = 5; } }',
      ),
      '`kind_0` STRUCT<`b` STRING, `c` BIGINT>, `more_1` STRUCT<`e` BOOLEAN>, `a` INTEGER, `d` BOOLEAN',
    ],
    [
      'messages that everybody knows',
      proto3(
        'import "google/protobuf/timestamp.proto"; import "google/type/date.proto"; import "google/type/timeofday.proto"; message M { google.protobuf.Timestamp a = 1; google.type.Date b = 2; google.type.TimeOfDay c = 3; }',
      ),
      '`a` TIMESTAMP, `b` DATE, `c` TIME',
    ],
    [
      'decimals, with and without precision',
      proto3(
        'import "confluent/meta.proto"; import "confluent/type/decimal.proto"; message M { confluent.type.Decimal a = 1 [(confluent.field_meta) = { params: [{ key: "scale", value: "3" }, { key: "precision", value: "9" }] }]; confluent.type.Decimal b = 2; }',
      ),
      '`a` DECIMAL(9, 3), `b` DECIMAL(64, 0)',
    ],
    [
      'wrappers',
      proto3(
        'import "google/protobuf/wrappers.proto"; message M { google.protobuf.Int32Value a = 1; google.protobuf.UInt32Value b = 2; google.protobuf.StringValue c = 3; google.protobuf.FloatValue d = 4; }',
      ),
      '`a` INTEGER, `b` BIGINT, `c` STRING, `d` DOUBLE',
    ],
    [
      'proto2: required, defaults, groups, extensions',
      'syntax = "proto2"; message M { required int32 a = 1; optional string b = 2 [default = "x"]; repeated group G = 3 { optional int32 x = 1; } extensions 100 to 199; }',
      '`a` INTEGER, `b` STRING, `g` ARRAY<STRUCT<`x` INTEGER>>',
    ],
    [
      'options of their own',
      proto3(
        'import "google/protobuf/descriptor.proto"; extend google.protobuf.FieldOptions { string note = 50000; } message M { int32 a = 1 [(note) = "n"]; }',
      ),
      '`a` INTEGER',
    ],
    [
      'the first message of several',
      proto3('message M { int32 a = 1; } message N { int32 b = 1; }'),
      '`a` INTEGER',
    ],
  ];
  for (const [what, text, columns] of cases) it(what, () => assert.equal(columnsOf(text), columns));

  it('of the message asked for', () => {
    const text = proto3(
      'package p.q; message M { int32 a = 1; message O { int32 c = 1; } } message N { int32 b = 1; }',
    );
    assert.equal(columnsOf(text, 'p.q.N'), '`b` INTEGER');
    assert.equal(columnsOf(text, 'p.q.M.O'), '`c` INTEGER');
    assert.equal(ParsedSchema.of(text).message('p.q.X'), undefined);
  });

  it('with messages of other files', () => {
    const text = proto3('import "a.proto"; message M { A a = 1; }');
    const imports = {
      'a.proto': proto3('import "b.proto"; message A { p.B b = 1; }'),
      'b.proto': proto3('package p; message B { int32 x = 1; }'),
    };
    assert.equal(columnsOf(text, undefined, imports), '`a` STRUCT<`b` STRUCT<`x` INTEGER>>');
  });

  const refused: readonly (readonly [what: string, text: string, reason: RegExp])[] = [
    ['what is no schema', 'message {', /not valid: .*line 1/],
    ['a type that is nowhere', proto3('message M { Nowhere a = 1; }'), /not valid: .*Nowhere/],
    ['a number used twice', proto3('message M { int32 a = 1; int32 b = 1; }'), /not valid/],
    [
      'an import that nobody gave',
      proto3('import "x/y.proto"; message M { int32 a = 1; }'),
      /imports x\/y\.proto/,
    ],
    ['a message in itself', proto3('message M { int32 a = 1; M next = 2; }'), /M contains itself/],
    [
      'a message in itself by a detour',
      proto3('message M { map<string, N> a = 1; } message N { repeated M b = 1; }'),
      /M contains itself/,
    ],
    [
      'fields beyond number',
      proto3(
        Array.from(
          { length: 31 },
          (_, n) => `message M${n} {${n < 30 ? `M${n + 1} a = 1; M${n + 1} b = 2;` : ''}}`,
        ).join(' '),
      ),
      /more than 10000/,
    ],
  ];
  for (const [what, text, reason] of refused)
    it(`refuses ${what}`, () =>
      assert.throws(() => columnsOf(text), { name: 'SerdeError', message: reason }));
});

it('every file that schemas may import without giving it is one', () => {
  for (const file of Object.keys(WELL_KNOWN_FILES))
    assert.ok(ParsedSchema.of(proto3(`import "${file}"; message M { int32 a = 1; }`)), file);
  const text = proto3(
    'import "google/type/money.proto"; import "google/type/dayofweek.proto"; message M { google.type.Money a = 1; google.type.DayOfWeek b = 2; }',
  );
  assert.equal(
    columnsOf(text),
    '`a` STRUCT<`currency_code` STRING, `units` BIGINT, `nanos` INTEGER>, `b` STRING',
  );
});

describe('the place of a message in its file', () => {
  const schema = ParsedSchema.of(
    proto3(
      'import "o.proto"; message A { message B {} enum E { X = 0; } message C { message D {} } } message F {}',
    ),
    [{ name: 'o.proto', schema: proto3('message O {}') }],
  );
  for (const [name, path] of [
    ['A', [0]],
    ['F', [1]],
    ['A.B', [0, 0]],
    ['A.C.D', [0, 1, 0]],
  ] as const)
    it(name, () => {
      const message = schema.message(name);
      assert.ok(message);
      assert.deepEqual(schema.pathTo(message), path);
      assert.equal(schema.at(path), message);
    });

  it('is nowhere for what the file does not have', () => {
    for (const path of [[2], [0, 2], [0, 1, 0, 0], [-1]]) assert.equal(schema.at(path), undefined);
  });
});
