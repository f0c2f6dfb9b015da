import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Column } from '../../data/schema.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { columnOf, rowOfTypes, sqlType } from '../../testing/serde-arbitraries.ts';
import { encoderOf, SerdeError } from '../format.ts';
import { jsonSrFormat } from './json-sr.ts';

const { textOf, typeOf } = jsonSrFormat.translator!;
const VALUE = { part: 'value' } as const;
const scalar = (kind: string) => ({ kind }) as SqlType;
const typeText = (schema: unknown) =>
  formatType(typeOf({ type: 'JSON', schema: JSON.stringify(schema), imports: [] }, {}));
const connect = (name: string) => `org.apache.kafka.connect.data.${name}`;

describe('SQL types as JSON Schema', () => {
  it('fields have their order and may be null', () => {
    const columns = [columnOf('A', scalar('INTEGER')), columnOf('B', scalar('STRING'))];
    assert.deepEqual(JSON.parse(textOf(columns, VALUE)), {
      type: 'object',
      properties: {
        A: { 'connect.index': 0, oneOf: [{ type: 'null' }, { type: 'integer', 'connect.type': 'int32' }] },
        B: { 'connect.index': 1, oneOf: [{ type: 'null' }, { type: 'string' }] },
      },
    });
  });

  it('a key is its bare type', () => {
    assert.deepEqual(JSON.parse(textOf([columnOf('K', scalar('BOOLEAN'))], { part: 'key' })), {
      oneOf: [{ type: 'null' }, { type: 'boolean' }],
    });
  });

  it('every type comes back', () => {
    fc.assert(
      fc.property(sqlType, (type) => {
        fc.pre(!JSON.stringify(type).includes('"MAP"'));
        const schema = textOf([columnOf('C', type)], VALUE);
        assert.deepEqual(typeOf({ type: 'JSON', schema, imports: [] }, {}), {
          kind: 'STRUCT',
          fields: [columnOf('C', type)],
        });
      }),
      { numRuns: 200, seed: 20261128 },
    );
  });
});

const ONE_OF = 'io.confluent.connect.json.OneOf.field.';

describe('JSON Schema as SQL types', () => {
  const cases: [unknown, string][] = [
    [{ type: 'integer' }, 'BIGINT'],
    [{ type: 'integer', 'connect.type': 'int16' }, 'INTEGER'],
    [{ type: 'number' }, 'DOUBLE'],
    [{ type: ['null', 'string'] }, 'STRING'],
    [{ enum: ['a', 'b'] }, 'STRING'],
    [{ type: 'integer', 'connect.type': 'int32', title: connect('Date') }, 'DATE'],
    [{ type: 'number', title: connect('Decimal'), 'connect.parameters': { scale: '2' } }, 'DECIMAL(64, 2)'],
    [{ anyOf: [{ type: 'string' }, { type: 'integer' }] }, 'STRING'],
    [
      { properties: { u: { oneOf: [{ type: 'null' }, { type: 'string' }, { type: 'integer' }] } } },
      `STRUCT<\`u\` STRUCT<\`${ONE_OF}0\` STRING, \`${ONE_OF}1\` BIGINT>>`,
    ],
    [
      { type: 'array', items: { type: ['null', 'boolean', 'number'] } },
      `ARRAY<STRUCT<\`${ONE_OF}0\` BOOLEAN, \`${ONE_OF}1\` DOUBLE>>`,
    ],
    // What must hold besides is no choice of types.
    [
      {
        properties: { a: { type: 'string', anyOf: [{ pattern: 'x' }, { maxLength: 1 }] } },
        anyOf: [{ required: ['a'] }],
      },
      'STRUCT<`a` STRING>',
    ],
    [{ type: 'array', items: { type: 'boolean' } }, 'ARRAY<BOOLEAN>'],
    [{ type: 'object', additionalProperties: { type: 'number' } }, 'MAP<STRING, DOUBLE>'],
    [
      {
        type: 'array',
        'connect.type': 'map',
        items: { type: 'object', properties: { key: { type: 'integer' }, value: { type: 'string' } } },
      },
      'MAP<BIGINT, STRING>',
    ],
    [
      {
        type: 'object',
        properties: {
          second: { type: 'string', 'connect.index': 1 },
          first: { $ref: '#/definitions/f', 'connect.index': 0 },
        },
        definitions: { f: { type: 'boolean' } },
      },
      'STRUCT<`first` BOOLEAN, `second` STRING>',
    ],
    [
      { allOf: [{ properties: { a: { type: 'string' } } }, { properties: { b: { type: 'boolean' } } }] },
      'STRUCT<`a` STRING, `b` BOOLEAN>',
    ],
  ];
  for (const [schema, expected] of cases)
    it(`${JSON.stringify(schema)} is ${expected}`, () => assert.equal(typeText(schema), expected));

  it('finds what stands in other schemas', () => {
    const schema = JSON.stringify({ type: 'object', properties: { to: { $ref: 'address.json' } } });
    const imports = [
      {
        name: 'address.json',
        schema: JSON.stringify({
          type: 'object',
          properties: { zip: { $ref: '#/$defs/zip' } },
          $defs: { zip: { type: 'integer' } },
        }),
      },
    ];
    assert.equal(
      formatType(typeOf({ type: 'JSON', schema, imports }, {})),
      'STRUCT<`to` STRUCT<`zip` BIGINT>>',
    );
  });

  it('refuses what has no SQL type', () => {
    for (const [schema, reason] of [
      [{ type: 'null' }, /null|type/],
      [{ type: 'array' }, /does not say/],
      [{ $ref: '#/definitions/none' }, /is not there/],
      [{ $ref: '#/definitions/%' }, /refers to #\/definitions\/%, which is not there/],
      [{ type: 'object', properties: { self: { $ref: '#' } } }, /holds itself/],
      [[], /no JSON object/],
    ] as const)
      assert.throws(
        () => typeText(schema),
        (error: Error) => error instanceof SerdeError && reason.test(error.message),
      );
  });

  it('refuses decimals that no column takes', () => {
    for (const [precision, scale] of [
      ['1000000000', '0'],
      ['64', '-1'],
      ['64', '65'],
      ['64', '1.5'],
      ['64', 'many'],
      ['0', '0'],
    ]) {
      const parameters = { 'connect.decimal.precision': precision, scale };
      assert.throws(
        () => typeText({ type: 'number', title: connect('Decimal'), 'connect.parameters': parameters }),
        (error: Error) => error instanceof SerdeError && /a decimal of precision/.test(error.message),
      );
    }
  });
});

describe('JSON_SR', () => {
  const columns: Column[] = [columnOf('A', scalar('INTEGER')), columnOf('B', scalar('STRING'))];

  it('is JSON behind the id of its schema', () => {
    const schema = { id: 258, type: 'JSON', schema: '{}', imports: [] } as const;
    const bytes = encoderOf(jsonSrFormat.writer(columns, { ...VALUE, schema }))([1, 'x'], 0) as Buffer;
    assert.deepEqual([...bytes.subarray(0, 5)], [0, 0, 0, 1, 2]);
    assert.equal(bytes.toString('utf8', 5), '{"A":1,"B":"x"}');
    const target: SqlValue[] = [null, null];
    assert.ok(jsonSrFormat.decoder(columns, VALUE)(bytes, 0, bytes.length, target, 0));
    assert.deepEqual(target, [1, 'x']);
  });

  it('refuses JSON without an id', () => {
    const bytes = Buffer.from('{"A":1}');
    const decode = jsonSrFormat.decoder(columns, VALUE);
    assert.throws(() => decode(bytes, 0, bytes.length, [null, null], 0), SerdeError);
    assert.throws(() => decode(bytes, 0, 0, [null, null], 0), SerdeError);
  });

  it('has what may be of several types in the field of its type, and writes it bare', () => {
    const struct = (...fields: [string, SqlType][]): SqlType => ({
      kind: 'STRUCT',
      fields: fields.map(([name, type]) => ({ name, type })),
    });
    const name = (index: number) => `${ONE_OF.toUpperCase()}${index}`;
    const union = struct(
      [name(0), scalar('STRING')],
      [name(1), scalar('BIGINT')],
      [name(2), scalar('DOUBLE')],
      [name(3), struct(['A', scalar('INTEGER')])],
      [name(4), struct(['A', scalar('INTEGER')], ['B', scalar('INTEGER')])],
      [name(5), { kind: 'ARRAY', element: scalar('BOOLEAN') }],
    );
    const column = columnOf('U', union);
    const cases: [string, SqlValue][] = [
      ['"x"', ['x', null, null, null, null, null]],
      ['9007199254740993', [null, 9007199254740993n, null, null, null, null]],
      ['1.5', [null, null, 1.5, null, null, null]],
      ['{"A":1}', [null, null, null, [1], null, null]],
      ['{"A":1,"B":2}', [null, null, null, null, [1, 2], null]],
      ['[true]', [null, null, null, null, null, [true]]],
      ['null', null],
    ];
    for (const [json, value] of cases) {
      const bytes = Buffer.from(`\0\0\0\0\x01{"U":${json}}`);
      const target: SqlValue[] = [null];
      jsonSrFormat.decoder([column], VALUE)(bytes, 0, bytes.length, target, 0);
      assert.deepEqual(target, [value], json);
      const written = encoderOf(jsonSrFormat.writer([column], VALUE))(target, 0) as Buffer;
      assert.equal(written.toString('utf8', 5), `{"U":${json}}`);
    }
    const choice = {
      'connect.index': 0,
      oneOf: [{ type: 'null' }, { type: 'string' }, { type: 'integer', 'connect.type': 'int64' }],
    };
    const two = columnOf('U', struct([name(0), scalar('STRING')], [name(1), scalar('BIGINT')]));
    assert.deepEqual(JSON.parse(textOf([two], VALUE)), { type: 'object', properties: { U: choice } });
  });

  it('a map may be written as entries', () => {
    const map = columnOf('M', { kind: 'MAP', key: scalar('BIGINT'), value: scalar('STRING') });
    const bytes = Buffer.from('\0\0\0\0\x01{"M":[{"key":1,"value":"a"},{"key":2,"value":null}]}');
    const target: SqlValue[] = [null];
    jsonSrFormat.decoder([map], VALUE)(bytes, 0, bytes.length, target, 0);
    assert.deepEqual(target, [
      new Map([
        [1, 'a'],
        [2, null],
      ]),
    ]);
  });

  it('reads what it wrote', () => {
    fc.assert(
      fc.property(
        fc
          .array(sqlType, { minLength: 1, maxLength: 3 })
          .chain((types) => fc.tuple(fc.constant(types), rowOfTypes(types))),
        ([types, row]) => {
          const into = types.map((type, index) => columnOf(`C${index}`, type));
          const bytes = encoderOf(jsonSrFormat.writer(into, VALUE))(row, 0) as Buffer;
          const target: SqlValue[] = types.map(() => null);
          assert.ok(jsonSrFormat.decoder(into, VALUE)(bytes, 0, bytes.length, target, 0));
          assert.deepEqual(target, row);
        },
      ),
      { numRuns: 100, seed: 20261128 },
    );
  });
});
