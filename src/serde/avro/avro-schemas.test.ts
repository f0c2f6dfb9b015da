import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Column } from '../../data/schema.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import { avroFormat } from './avro.ts';

const { textOf, typeOf } = avroFormat.translator!;
const scalar = (kind: string) => ({ kind }) as SqlType;
const column = (name: string, type: SqlType): Column => ({ name, type });

describe('SQL types as Avro', () => {
  const fields: [SqlType, unknown][] = [
    [scalar('BOOLEAN'), 'boolean'],
    [scalar('INTEGER'), 'int'],
    [scalar('BIGINT'), 'long'],
    [scalar('DOUBLE'), 'double'],
    [scalar('STRING'), 'string'],
    [scalar('BYTES'), 'bytes'],
    [
      { kind: 'ARRAY', element: scalar('INTEGER') },
      { type: 'array', items: ['null', 'int'] },
    ],
  ];
  for (const [type, json] of fields)
    it(`${formatType(type)} is nullable ${JSON.stringify(json)}`, () => {
      const text = textOf([column('C', type)], { part: 'value', fullName: 'shop.Order' });
      assert.deepEqual(JSON.parse(text), {
        type: 'record',
        name: 'Order',
        namespace: 'shop',
        fields: [{ name: 'C', type: ['null', json], default: null }],
        'connect.name': 'shop.Order',
      });
    });

  it('a key is its bare type, and so is a value that is not wrapped', () => {
    assert.equal(textOf([column('K', scalar('BIGINT'))], { part: 'key' }), '"long"');
    assert.equal(textOf([column('V', scalar('STRING'))], { part: 'value', wrapSingle: false }), '"string"');
  });

  it('records inside are named after where they are', () => {
    const inner: SqlType = { kind: 'STRUCT', fields: [{ name: 'X', type: scalar('INTEGER') }] };
    const text = textOf(
      [column('S', inner), column('M', { kind: 'MAP', key: scalar('STRING'), value: inner })],
      { part: 'value', fullName: 'Row' },
    );
    assert.deepEqual(
      [...text.matchAll(/"name":"(Row[^"]*)"/g)].map(([, name]) => name),
      ['Row', 'Row_S', 'Row_M', 'Row_M_MapValue'],
    );
  });

  it('a name that Avro cannot hold is refused', () => {
    assert.throws(() => textOf([column('a b', scalar('INTEGER'))], { part: 'value' }), /"a b"/);
  });
});

describe('Avro as SQL types', () => {
  const cases: [string, unknown, string][] = [
    [
      'names stay as they are',
      { type: 'record', name: 'r', fields: [{ name: 'aB', type: 'int' }] },
      'STRUCT<`aB` INTEGER>',
    ],
    ['null or a type', ['null', 'long'], 'BIGINT'],
    ['several types', ['null', 'int', 'string'], 'STRUCT<`int` INTEGER, `string` STRING>'],
    ['enum', { type: 'enum', name: 'e', symbols: ['A'] }, 'STRING'],
    ['fixed', { type: 'fixed', name: 'f', size: 4 }, 'BYTES'],
    [
      'fixed decimal',
      { type: 'fixed', name: 'f', size: 4, logicalType: 'decimal', precision: 5, scale: 1 },
      'DECIMAL(5, 1)',
    ],
    ['decimal without a precision', { type: 'bytes', logicalType: 'decimal', scale: 2 }, 'DECIMAL(64, 2)'],
    [
      'decimal that makes no sense',
      { type: 'bytes', logicalType: 'decimal', precision: 1, scale: 2 },
      'BYTES',
    ],
    [
      'decimal of endless digits',
      { type: 'bytes', logicalType: 'decimal', precision: 1_000_000_000, scale: 500_000_000 },
      'BYTES',
    ],
    ['date', { type: 'int', logicalType: 'date' }, 'DATE'],
    ['time', { type: 'int', logicalType: 'time-millis' }, 'TIME'],
    ['timestamp', { type: 'long', logicalType: 'timestamp-millis' }, 'TIMESTAMP'],
    ['micros', { type: 'long', logicalType: 'timestamp-micros' }, 'BIGINT'],
    ['an unknown logical type', { type: 'string', logicalType: 'uuid' }, 'STRING'],
    ['map', { type: 'map', values: 'float' }, 'MAP<STRING, DOUBLE>'],
    [
      'entries',
      {
        type: 'array',
        items: {
          type: 'record',
          name: 'e',
          fields: [
            { name: 'key', type: 'int' },
            { name: 'value', type: 'int' },
          ],
        },
      },
      'MAP<INTEGER, INTEGER>',
    ],
  ];
  for (const [name, schema, expected] of cases)
    it(`${name}: ${expected}`, () => {
      assert.equal(
        formatType(typeOf({ type: 'AVRO', schema: JSON.stringify(schema), imports: [] }, {})),
        expected,
      );
    });

  it('a bare name of a type is a schema', () => {
    assert.equal(formatType(typeOf({ type: 'AVRO', schema: 'int', imports: [] }, {})), 'INTEGER');
  });

  it('names are found in their namespace and in other schemas', () => {
    const address = {
      type: 'record',
      name: 'Address',
      namespace: 'shop',
      fields: [{ name: 'zip', type: 'int' }],
    };
    const order = {
      type: 'record',
      name: 'shop.Order',
      fields: [
        { name: 'to', type: 'Address' },
        { name: 'from', type: 'shop.Address' },
      ],
    };
    const imports = [{ name: 'shop.Address', schema: JSON.stringify(address) }];
    assert.equal(
      formatType(typeOf({ type: 'AVRO', schema: JSON.stringify(order), imports }, {})),
      'STRUCT<`to` STRUCT<`zip` INTEGER>, `from` STRUCT<`zip` INTEGER>>',
    );
  });

  it('a record inside of itself has no SQL type', () => {
    const list = { type: 'record', name: 'L', fields: [{ name: 'next', type: ['null', 'L'] }] };
    assert.throws(
      () => typeOf({ type: 'AVRO', schema: JSON.stringify(list), imports: [] }, {}),
      /L holds itself/,
    );
  });
});
