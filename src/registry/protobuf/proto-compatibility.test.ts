import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseProtobuf } from './protobuf-schema.ts';

const file = (body: string, head = 'syntax = "proto3"; package p;') => `${head} ${body}`;
const message = (fields: string) => file(`message M { ${fields} }`);
const proto2 = (fields: string) => file(`message M { ${fields} }`, 'syntax = "proto2"; package p;');

/** What stands in the way of reading with the first what was written with the second, as `RULE path`. */
const CASES: [title: string, reader: string, writer: string, faults: string[]][] = [
  ['the same', message('int32 a = 1;'), message('int32 a = 1;'), []],
  ['another name', message('int32 b = 1;'), message('int32 a = 1;'), []],
  ['a field more', message('int32 a = 1; string b = 2;'), message('int32 a = 1;'), []],
  ['a field less', message(''), message('int32 a = 1;'), []],
  ['another number', message('int32 a = 2;'), message('int32 a = 1;'), []],
  [
    'a type of the same bytes',
    message('uint64 a = 1; bytes b = 2; sfixed32 c = 3; sint64 d = 4; bool e = 5;'),
    message('int32 a = 1; string b = 2; fixed32 c = 3; sint32 d = 4; int64 e = 5;'),
    [],
  ],
  [
    'a type of other bytes',
    message('sint32 a = 1;'),
    message('int32 a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED #/M/1'],
  ],
  [
    'a text for a number',
    message('string a = 1;'),
    message('int32 a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED #/M/1'],
  ],
  [
    'four bytes for eight',
    message('fixed32 a = 1;'),
    message('fixed64 a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED #/M/1'],
  ],
  ['a message for a number', message('M a = 1;'), message('int32 a = 1;'), ['FIELD_KIND_CHANGED #/M/1']],
  ['an enum for a number', file('message M { E a = 1; } enum E { Z = 0; }'), message('int32 a = 1;'), []],
  [
    'an enum for a text',
    file('message M { E a = 1; } enum E { Z = 0; }'),
    message('string a = 1;'),
    ['FIELD_KIND_CHANGED #/M/1'],
  ],
  [
    'another enum',
    file('message M { F a = 1; } enum F { Y = 0; }'),
    file('message M { E a = 1; } enum E { Z = 0; }'),
    ['FIELD_NAMED_TYPE_CHANGED #/M/1'],
  ],
  ['values of an enum', file('enum E { Z = 0; B = 2; }'), file('enum E { Z = 0; A = 1; }'), []],
  ['an enum less', file(''), file('enum E { Z = 0; }'), []],
  [
    'another message',
    file('message M { B a = 1; } message A {} message B {}'),
    file('message M { A a = 1; } message A {} message B {}'),
    ['FIELD_NAMED_TYPE_CHANGED #/M/1'],
  ],
  ['a message more', file('message M {} message N {}'), file('message M {}'), []],
  ['a message less', file('message M {}'), file('message M {} message N {}'), ['MESSAGE_REMOVED #/N']],
  [
    'a message within less',
    file('message M {}'),
    file('message M { message N {} }'),
    ['MESSAGE_REMOVED #/M/N'],
  ],
  ['another package', file('message M {}', 'syntax = "proto3"; package q;'), file('message M {}'), []],
  [
    'repeated numbers',
    message('repeated int32 a = 1;'),
    message('int32 a = 1;'),
    ['FIELD_NUMERIC_LABEL_CHANGED #/M/1'],
  ],
  [
    'numbers repeated no more',
    message('int32 a = 1;'),
    message('repeated int32 a = 1;'),
    ['FIELD_NUMERIC_LABEL_CHANGED #/M/1'],
  ],
  ['repeated texts', message('repeated string a = 1;'), message('string a = 1;'), []],
  ['optional or not', message('optional int32 a = 1;'), message('int32 a = 1;'), []],
  [
    'a map for a repeated message',
    message('map<string, int32> a = 1;'),
    message('repeated M a = 1;'),
    ['FIELD_KIND_CHANGED #/M/1'],
  ],
  [
    'keys of other bytes',
    message('map<sint32, int32> a = 1;'),
    message('map<int32, int32> a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED #/M/1/key'],
  ],
  [
    'values of other bytes',
    message('map<string, string> a = 1;'),
    message('map<string, int32> a = 1;'),
    ['FIELD_SCALAR_KIND_CHANGED #/M/1'],
  ],
  [
    'a field alone in a new oneof',
    message('oneof o { int32 a = 1; string b = 2; }'),
    message('int32 a = 1;'),
    [],
  ],
  [
    'two fields in a new oneof',
    message('oneof o { int32 a = 1; int32 b = 2; }'),
    message('int32 a = 1; int32 b = 2;'),
    ['MULTIPLE_FIELDS_MOVED_TO_ONEOF #/M/o'],
  ],
  [
    'a field in a oneof that was there',
    message('oneof o { int32 a = 1; int32 b = 2; }'),
    message('oneof o { int32 a = 1; } int32 b = 2;'),
    ['FIELD_MOVED_TO_EXISTING_ONEOF #/M/o'],
  ],
  [
    'a member of a oneof more',
    message('oneof o { int32 a = 1; int32 b = 2; }'),
    message('oneof o { int32 a = 1; }'),
    [],
  ],
  [
    'a member of a oneof less',
    message('oneof o { int32 a = 1; }'),
    message('oneof o { int32 a = 1; int32 b = 2; }'),
    ['ONEOF_FIELD_REMOVED #/M/o/2'],
  ],
  [
    'a oneof dissolved',
    message('int32 a = 1; int32 b = 2;'),
    message('oneof o { int32 a = 1; int32 b = 2; }'),
    [],
  ],
  ['a required field more', proto2('required int32 a = 1;'), proto2(''), ['REQUIRED_FIELD_ADDED #/M/1']],
  ['a required field less', proto2(''), proto2('required int32 a = 1;'), ['REQUIRED_FIELD_REMOVED #/M/1']],
  [
    'required what was optional',
    proto2('required int32 a = 1;'),
    proto2('optional int32 a = 1;'),
    ['REQUIRED_FIELD_ADDED #/M/1'],
  ],
  ['optional what was required', proto2('optional int32 a = 1;'), proto2('required int32 a = 1;'), []],
  [
    'a group for a message',
    proto2('optional group G = 1 { optional int32 a = 1; }'),
    proto2('message G { optional int32 a = 1; } optional G g = 1;'),
    ['FIELD_KIND_CHANGED #/M/1'],
  ],
  ['a message inside itself', message('M m = 1; int64 a = 2;'), message('M m = 1; int32 a = 2;'), []],
  [
    'a fault is told once',
    message('M m = 1; M n = 2; string a = 3;'),
    message('M m = 1; M n = 2; int32 a = 3;'),
    ['FIELD_SCALAR_KIND_CHANGED #/M/3'],
  ],
];

describe('reading Protobuf with another schema', () => {
  for (const [title, reader, writer, faults] of CASES)
    it(title, () => {
      const found = parseProtobuf(reader, []).cannotRead(parseProtobuf(writer, []));
      assert.deepEqual(
        found.map(({ rule, path }) => `${rule} ${path}`),
        faults,
      );
    });

  it('looks into imported files, to which a message may have moved', () => {
    const user = (type: string, head = '') =>
      parseProtobuf(`syntax = "proto3"; package p; import "n.proto"; ${head} message M { N n = 1; }`, [
        { name: 'n.proto', schema: `syntax = "proto3"; package p; message N { ${type} a = 1; }` },
      ]);
    const alone = parseProtobuf(file('message M { N n = 1; } message N { int32 a = 1; }'), []);
    assert.deepEqual(user('int64').cannotRead(alone), []);
    assert.deepEqual(user('int64').cannotRead(user('int32')), []);
    const found = user('string').cannotRead(user('int32'));
    assert.deepEqual(
      found.map(({ rule, path }) => `${rule} ${path}`),
      ['FIELD_SCALAR_KIND_CHANGED #/M/1/1'],
    );
  });

  it('takes types of the same name and content for the same, whatever their packages', () => {
    const using = (packageName: string, type: string) =>
      parseProtobuf(`syntax = "proto3"; import "n.proto"; message M { ${packageName}.N n = 1; }`, [
        {
          name: 'n.proto',
          schema: `syntax = "proto3"; package ${packageName}; message N { ${type} a = 1; }`,
        },
      ]);
    const local = parseProtobuf('syntax = "proto3"; message M { N n = 1; } message N { int32 a = 1; }', []);
    const rules = (reader: typeof local, writer: typeof local) =>
      reader.cannotRead(writer).map(({ rule }) => rule);
    assert.deepEqual(rules(using('a', 'int32'), using('b', 'int32')), []);
    assert.deepEqual(rules(using('a', 'string'), using('b', 'int32')), ['FIELD_SCALAR_KIND_CHANGED']);
    assert.deepEqual(rules(local, using('b', 'int32')), []);
    // What is no message of the file's own any more cannot be asked for as one.
    assert.deepEqual(rules(using('b', 'int32'), local), ['MESSAGE_REMOVED']);
  });

  it('finds the type that a name means where it stands', () => {
    const nested = file('message M { message N { int32 a = 1; } N n = 1; } message N { string a = 1; }');
    const outer = file('message M { message N { int32 a = 1; } .p.N n = 1; } message N { string a = 1; }');
    assert.deepEqual(
      parseProtobuf(outer, [])
        .cannotRead(parseProtobuf(nested, []))
        .map(({ rule }) => rule),
      ['FIELD_NAMED_TYPE_CHANGED'],
    );
  });
});
