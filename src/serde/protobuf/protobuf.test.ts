import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type protobuf from 'protobufjs';
import type { Column } from '../../data/schema.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import {
  BIGINT,
  column,
  decode,
  encode,
  INTEGER,
  proto3,
  STRING,
  VALUE,
} from '../../testing/protobuf-rows.ts';
import { encoderOf, SerdeError } from '../format.ts';
import { format } from '../formats.ts';
import { compileDecoder, messageScan } from './decoder.ts';
import { ParsedSchema } from './schema-parser.ts';

/** Reads a message of a schema of its own as these columns. */
function readAs(text: string, columns: readonly Column[], hex: string): SqlValue[] {
  const message = ParsedSchema.of(text).message();
  assert.ok(message);
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const target: SqlValue[] = columns.map(() => null);
  compileDecoder(message, columns)(bytes, 0, bytes.length, target, 0);
  return target;
}

describe('the bytes of a value', () => {
  const cases: readonly (readonly [type: SqlType, value: SqlValue, hex: string])[] = [
    [INTEGER, 1, '08 01'],
    [INTEGER, 300, '08 ac 02'],
    [INTEGER, -1, '08 ffffffffffffffffff 01'],
    [BIGINT, 2 ** 40, '08 80 80 80 80 80 20'],
    [BIGINT, -9007199254740993n, '08 ff ff ff ff ff ff ff ef ff 01'],
    [{ kind: 'DOUBLE' }, 1.5, '09 000000000000f83f'],
    [{ kind: 'DOUBLE' }, -0, '09 0000000000000080'],
    [{ kind: 'BOOLEAN' }, true, '08 01'],
    [STRING, 'é', '0a 02 c3 a9'],
    [{ kind: 'BYTES' }, Buffer.from([0, 255]), '0a 02 00 ff'],
    [{ kind: 'DATE' }, 0, '0a 07 08 b2 0f 10 01 18 01'],
    [{ kind: 'TIME' }, 3_661_001, '0a 0a 08 01 10 01 18 01 20 c0 84 3d'],
    [{ kind: 'TIMESTAMP' }, -1, '0a 11 08 ff ff ff ff ff ff ff ff ff 01 10 c0 8f ae dc 03'],
    [{ kind: 'DECIMAL', precision: 5, scale: 2 }, -128n, '0a 07 0a 01 80 10 05 18 02'],
    [{ kind: 'ARRAY', element: INTEGER }, [1, 300], '0a 03 01 ac 02'],
    [{ kind: 'ARRAY', element: STRING }, ['a', ''], '0a 01 61 0a 00'],
    [{ kind: 'MAP', key: STRING, value: INTEGER }, new Map([['a', 1]]), '0a 05 0a 01 61 10 01'],
    [{ kind: 'STRUCT', fields: [column('X', INTEGER)] }, [5], '0a 02 08 05'],
  ];
  for (const [type, value, hex] of cases)
    it(`${type.kind} ${hex}`, () => {
      const columns = [column('C', type)];
      assert.equal(encode(columns, [value]).toString('hex'), hex.replaceAll(' ', ''));
      assert.deepEqual(decode(columns, Buffer.from(hex.replaceAll(' ', ''), 'hex')), [value]);
    });

  it('a text longer than a byte can say', () => {
    const text = 'ab'.repeat(10_000);
    const bytes = encode([column('C', STRING)], [text]);
    assert.equal(bytes.subarray(0, 4).toString('hex'), '0aa09c01');
    assert.deepEqual(decode([column('C', STRING)], bytes), [text]);
  });
});

describe('NULL', () => {
  const columns = [
    column('I', INTEGER),
    column('S', STRING),
    column('A', { kind: 'ARRAY', element: STRING }),
    column('M', { kind: 'MAP', key: STRING, value: INTEGER }),
    column('R', { kind: 'STRUCT', fields: [column('X', INTEGER)] }),
    column('D', { kind: 'DATE' }),
  ];
  const nothing = columns.map(() => null);

  it('comes back as the default, but for messages', () => {
    assert.equal(encode(columns, nothing).length, 0);
    assert.deepEqual(decode(columns, Buffer.alloc(0)), [0, '', [], new Map(), null, null]);
  });

  for (const nullable of ['OPTIONAL', 'WRAPPER'] as const)
    it(`differs from the default as ${nullable}`, () => {
      const options = { ...VALUE, nullable };
      assert.deepEqual(decode(columns, encode(columns, nothing, options), options).slice(0, 2), [null, null]);
      const defaults = [0, '', [], new Map(), [null], 0];
      assert.deepEqual(decode(columns, encode(columns, defaults, options), options), defaults);
    });

  it('inside of an array or a map is the default', () => {
    const nested = [
      column('A', { kind: 'ARRAY', element: INTEGER }),
      column('M', { kind: 'MAP', key: STRING, value: STRING }),
      column('R', { kind: 'ARRAY', element: { kind: 'STRUCT', fields: [column('X', INTEGER)] } }),
    ];
    const row = [[1, null], new Map([['k', null]]), [null, [2]]];
    assert.deepEqual(decode(nested, encode(nested, row)), [[1, 0], new Map([['k', '']]), [[0], [2]]]);
  });

  it('in all columns of a key is no key', () => {
    const write = encoderOf(format('PROTOBUF_NOSR').writer([column('K', STRING)], { part: 'key' }));
    assert.equal(write([null], 0), null);
    assert.deepEqual(write([''], 0), Buffer.alloc(0));
  });
});

describe('a message of another writer', () => {
  const cases: readonly (readonly [
    what: string,
    text: string,
    columns: readonly Column[],
    hex: string,
    row: SqlValue[],
  ])[] = [
    [
      'fields that nobody reads are passed over, of every wire type',
      proto3('message M { int32 a = 1; }'),
      [column('A', INTEGER)],
      '10 96 01  19 0000000000000000  22 02 6869  2d 00000000  33 08 01 3b 3c 34  08 07',
      [7],
    ],
    [
      'fields that are not there are NULL',
      proto3('message M { int32 a = 1; }'),
      [column('B', STRING)],
      '08 01',
      [null],
    ],
    [
      'names differ in case',
      proto3('message M { int32 Some_Name = 1; }'),
      [column('SOME_NAME', INTEGER)],
      '08 07',
      [7],
    ],
    [
      'numbers one by one where packed ones are expected, and the other way round',
      proto3('message M { repeated int32 a = 1; repeated int32 b = 2 [packed = false]; }'),
      [column('A', { kind: 'ARRAY', element: INTEGER }), column('B', { kind: 'ARRAY', element: INTEGER })],
      '08 01 0a 02 02 03 08 04  12 02 05 06 10 07',
      [
        [1, 2, 3, 4],
        [5, 6, 7],
      ],
    ],
    [
      'the last of a field that comes again',
      proto3('message M { int32 a = 1; }'),
      [column('A', INTEGER)],
      '08 01 08 02',
      [2],
    ],
    [
      'a message that comes again is merged',
      proto3('message M { N a = 1; } message N { int32 x = 1; repeated int32 y = 2; string z = 3; }'),
      [
        column('A', {
          kind: 'STRUCT',
          fields: [
            column('X', INTEGER),
            column('Y', { kind: 'ARRAY', element: INTEGER }),
            column('Z', STRING),
          ],
        }),
      ],
      '0a 05 08 01 12 01 05  0a 06 12 01 06 1a 01 7a',
      [[1, [5, 6], 'z']],
    ],
    [
      'enums are their names, of unknown numbers too',
      proto3('message M { E a = 1; E b = 2; repeated E c = 3; enum E { ZERO = 0; ONE = 1; } }'),
      [column('A', STRING), column('B', STRING), column('C', { kind: 'ARRAY', element: STRING })],
      '08 01 1a 02 00 07',
      ['ONE', 'ZERO', ['ZERO', 'UNKNOWN_ENUM_VALUE_E_7']],
    ],
    [
      'the member of a oneof that came last',
      proto3('message M { oneof kind { string a = 1; int32 b = 2; } }'),
      [column('KIND_0', { kind: 'STRUCT', fields: [column('A', STRING), column('B', INTEGER)] })],
      '0a 01 78 10 05',
      [[null, 5]],
    ],
    [
      'a member of a oneof by its own name',
      proto3('message M { oneof kind { string a = 1; int32 b = 2; } }'),
      [column('A', STRING), column('B', INTEGER)],
      '10 00',
      [null, 0],
    ],
    [
      'wider columns',
      proto3('message M { int32 a = 1; float b = 2; uint32 c = 3; bool d = 4; sint64 e = 5; }'),
      [
        column('A', BIGINT),
        column('B', { kind: 'DOUBLE' }),
        column('C', INTEGER),
        column('D', STRING),
        column('E', STRING),
      ],
      '08 05 15 0000c03f 18 06 20 01 28 03',
      [5, 1.5, 6, 'true', '-2'],
    ],
    [
      'groups',
      'syntax = "proto2"; message M { optional group G = 1 { optional int32 x = 1; } optional int32 b = 2; }',
      [column('G', { kind: 'STRUCT', fields: [column('X', INTEGER)] }), column('B', INTEGER)],
      '0b 08 05 18 01 0c 10 07',
      [[5], 7],
    ],
    [
      'what proto2 leaves out is NULL',
      'syntax = "proto2"; message M { optional int32 a = 1 [default = 5]; required string b = 2; }',
      [column('A', INTEGER), column('B', STRING)],
      '',
      [null, null],
    ],
    [
      'a decimal of another scale',
      proto3('import "confluent/type/decimal.proto"; message M { confluent.type.Decimal a = 1; }'),
      [column('A', { kind: 'DECIMAL', precision: 6, scale: 4 })],
      '0a 05 0a 01 0f 18 01',
      [15_000n],
    ],
    [
      'maps of both kinds',
      proto3(
        'message M { map<string, int32> a = 1; repeated BEntry b = 2; message BEntry { string key = 1; int32 value = 2; } }',
      ),
      [
        column('A', { kind: 'MAP', key: STRING, value: INTEGER }),
        column('B', { kind: 'MAP', key: STRING, value: INTEGER }),
      ],
      '0a 05 0a 01 61 10 01  0a 02 10 02  12 03 0a 01 62',
      [
        new Map([
          ['a', 1],
          ['', 2],
        ]),
        new Map([['b', 0]]),
      ],
    ],
  ];
  for (const [what, text, columns, hex, row] of cases)
    it(what, () => assert.deepEqual(readAs(text, columns, hex), row));

  const refused: readonly (readonly [
    what: string,
    text: string,
    type: SqlType,
    hex: string,
    reason: RegExp,
  ])[] = [
    ['a text where a number is expected', 'string a = 1;', INTEGER, '', /a: the Protobuf schema has string/i],
    [
      'one value where an array is expected',
      'int32 a = 1;',
      { kind: 'ARRAY', element: INTEGER },
      '',
      /has int32/,
    ],
    ['an array where one value is expected', 'repeated int32 a = 1;', INTEGER, '', /has repeated int32/],
    ['a number beyond INTEGER', 'int64 a = 1;', INTEGER, '08 80 80 80 80 08', /beyond INTEGER/],
  ];
  for (const [what, field, type, hex, reason] of refused)
    it(`refuses ${what}`, () =>
      assert.throws(() => readAs(proto3(`message M { ${field} }`), [column('A', type)], hex), {
        name: 'SerdeError',
        message: reason,
      }));
});

it('a oneof of which only a member is wanted is read in place', () => {
  const text = proto3(
    'message M { oneof kind { string a = 1; int32 b = 2; N c = 3; } } message N { int32 x = 1; }',
  );
  const message = ParsedSchema.of(text).message() as protobuf.Type;
  const wanted = [
    {
      name: 'KIND_0',
      type: STRING,
      into: [
        { name: 'B', type: INTEGER, into: 'x' },
        { name: 'C', type: STRING, into: [{ name: 'X', type: INTEGER, into: 'y' }] },
      ],
    },
  ];
  for (const [hex, values] of [
    ['1005', [5, null]],
    ['10051a020807', [null, 7]],
    ['1a0208071005', [5, null]],
    ['', [null, null]],
  ] as const) {
    const constants: unknown[] = [];
    const code = messageScan(message, wanted, (_, value) => `k${constants.push(value) - 1}`);
    const source = `let x, y, p = 0; const e = b.length; ${code} return [x, y];`;
    const read = new Function('b', ...constants.map((_, n) => `k${n}`), source);
    assert.deepEqual(read(Buffer.from(hex, 'hex'), ...constants), values);
  }
});

describe('a record with a schema id', () => {
  const schema = {
    type: 'PROTOBUF',
    schema: proto3('message A { int32 X = 1; } message B { message C { int32 Y = 1; string Z = 2; } }'),
    imports: [],
    id: 7,
  } as const;
  const columns = [column('Y', INTEGER)];
  const schemas = { get: () => schema, has: () => true, fetch: () => undefined };

  function written(fullName: string, given: readonly Column[]): string {
    const write = encoderOf(format('PROTOBUF').writer(given, { ...VALUE, schema, fullName }));
    return Buffer.from(write([3], 0) ?? []).toString('hex');
  }

  it('says which message of its file it is', () => {
    assert.equal(written('A', [column('X', INTEGER)]), '0000000007000803');
    assert.equal(written('B.C', columns), '00000000070402000803');
  });

  it('is read as the message it says', () => {
    const read = format('PROTOBUF').decoder(columns, { ...VALUE, schemas });
    const row: SqlValue[] = [];
    for (const [hex, value] of [
      ['00000000070402000803', 3],
      ['0000000007000803', null],
      ['00000000070402000804', 4],
    ] as const) {
      const bytes = Buffer.from(hex, 'hex');
      read(bytes, 0, bytes.length, row, 0);
      assert.deepEqual(row, [value]);
    }
  });

  it('is refused when its schema has no such message', () => {
    const read = format('PROTOBUF').decoder(columns, { ...VALUE, schemas });
    for (const hex of ['000000000702080803', '0000000007010803', '000000000782', '0000000007', '00000000'])
      assert.throws(() => read(Buffer.from(hex, 'hex'), 0, hex.length / 2, [], 0), SerdeError, hex);
  });

  it('is of a message that its own schema defines', () => {
    const other = {
      ...schema,
      schema: proto3('import "o.proto"; message A { O o = 1; }'),
      imports: [{ name: 'o.proto', schema: proto3('message O { int32 X = 1; }') }],
    };
    const options = { ...VALUE, schema: other, fullName: 'O' };
    assert.throws(
      () => format('PROTOBUF').writer([column('X', INTEGER)], options),
      /O is in a file .* imports/,
    );
  });

  it('is refused when its schema is none of Protocol Buffers', () => {
    const read = format('PROTOBUF').decoder(columns, {
      ...VALUE,
      schemas: { ...schemas, get: () => ({ ...schema, type: 'AVRO' as const }) },
    });
    assert.throws(
      () => read(Buffer.from('0000000007000803', 'hex'), 0, 8, [], 0),
      /schema 7 is of type AVRO/,
    );
  });

  it('is written only with columns that the schema has', () =>
    assert.throws(() => written('A', columns), /Y: .* no such field/));
});
