import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import avsc from 'avsc';
import fc from 'fast-check';
import type { Column } from '../../data/schema.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { columnOf, rowOfTypes, sqlType } from '../../testing/serde-arbitraries.ts';
import { ByteWriter } from '../byte-writer.ts';
import { encoderOf, SerdeError } from '../format.ts';
import type { Schemas } from '../schemas.ts';
import { avroFormat } from './avro.ts';

const VALUE = { part: 'value' } as const;

function schemasOf(...texts: string[]): Schemas {
  return {
    get: (id) => ({ id, type: 'AVRO', schema: texts[id] as string, imports: [] }),
    has: () => true,
    fetch: () => undefined,
  };
}

function columns(...types: readonly [string, SqlType | SqlType['kind']][]): Column[] {
  return types.map(([name, type]) =>
    columnOf(name, typeof type === 'string' ? ({ kind: type } as SqlType) : type),
  );
}

/** A value that an independent library wrote with `schema`, read as columns. */
function read(schema: unknown, value: unknown, into: readonly Column[], wrapSingle = true): SqlValue[] {
  const text = JSON.stringify(schema);
  const body = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true }).toBuffer(value);
  const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 0]), body]);
  const target: SqlValue[] = into.map(() => null);
  const decode = avroFormat.decoder(into, { ...VALUE, wrapSingle, schemas: schemasOf(text) });
  decode(bytes, 0, bytes.length, target, 0);
  return target;
}

/** Columns written with `schema`, read by an independent library. */
function write(schema: unknown, row: SqlValue[], from: readonly Column[], wrapSingle = true): unknown {
  const writer = { id: 7, type: 'AVRO', schema: JSON.stringify(schema), imports: [] } as const;
  const bytes = encoderOf(avroFormat.writer(from, { ...VALUE, wrapSingle, schema: writer }))(row, 0);
  if (bytes === null) return null;
  assert.deepEqual([...bytes.subarray(0, 5)], [0, 0, 0, 0, 7]);
  const value = avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false }).fromBuffer(
    Buffer.from(bytes.subarray(5)),
  );
  return JSON.parse(JSON.stringify(value));
}

const record = (...fields: readonly [string, unknown, unknown?][]) => ({
  type: 'record',
  name: 'R',
  fields: fields.map(([name, type, ...rest]) => ({
    name,
    type,
    ...(rest.length > 0 && { default: rest[0] }),
  })),
});
const optional = (type: unknown) => ['null', type];

describe('AVRO', () => {
  it('reads fields by name in any case, null for what the schema lacks, and passes over the rest', () => {
    const schema = record(
      ['id', 'long'],
      ['tags', { type: 'array', items: 'string' }],
      ['counts', { type: 'map', values: 'int' }],
      ['Name', optional('string')],
      ['unread', 'double'],
    );
    const value = { id: 5, tags: ['a', 'b'], counts: { x: 1 }, Name: { string: 'n' }, unread: 1.5 };
    assert.deepEqual(
      read(schema, value, columns(['NAME', 'STRING'], ['GONE', 'INTEGER'], ['ID', 'BIGINT'])),
      ['n', null, 5],
    );
  });

  const promotions: [string, unknown, unknown, SqlType | SqlType['kind'], SqlValue][] = [
    ['int', 'int', -3, 'INTEGER', -3],
    ['int as long', 'int', 5, 'BIGINT', 5],
    ['int as double', 'int', 5, 'DOUBLE', 5],
    ['int as decimal', 'int', 5, { kind: 'DECIMAL', precision: 4, scale: 2 }, 500n],
    ['long as double', 'long', 5, 'DOUBLE', 5],
    ['float as double', 'float', 1.5, 'DOUBLE', 1.5],
    ['a number as text', 'long', 12, 'STRING', '12'],
    ['a double as text', 'double', 12, 'STRING', '12.0'],
    ['a boolean as text', 'boolean', true, 'STRING', 'true'],
    ['an enum as text', { type: 'enum', name: 'E', symbols: ['A', 'B'] }, 'B', 'STRING', 'B'],
    [
      'fixed as bytes',
      { type: 'fixed', name: 'F', size: 2 },
      Buffer.from([1, 2]),
      'BYTES',
      Buffer.from([1, 2]),
    ],
    ['days', { type: 'int', logicalType: 'date' }, 7, 'DATE', 7],
    ['micros', { type: 'long', logicalType: 'timestamp-micros' }, 1_500_999, 'TIMESTAMP', 1500],
    [
      'a map',
      { type: 'map', values: optional('int') },
      { a: { int: 1 } },
      mapOf('INTEGER'),
      new Map([['a', 1]]),
    ],
    [
      'entries as a map',
      { type: 'array', items: { ...record(['key', 'string'], ['value', 'int']), name: 'Entry' } },
      [{ key: 'a', value: 1 }],
      mapOf('INTEGER'),
      new Map([['a', 1]]),
    ],
    [
      'a decimal of another scale',
      { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 1 },
      Buffer.from([15]),
      { kind: 'DECIMAL', precision: 4, scale: 2 },
      150n,
    ],
  ];
  for (const [name, type, value, sql, expected] of promotions)
    it(`reads ${name}`, () => {
      assert.deepEqual(read(record(['c', type]), { c: value }, columns(['C', sql])), [expected]);
      assert.deepEqual(read(type, value, columns(['C', sql]), false), [expected]);
    });

  it('refuses what does not fit', () => {
    const misfits: [unknown, unknown, SqlType['kind']][] = [
      ['long', 5, 'INTEGER'],
      ['string', '5', 'BIGINT'],
      ['string', 'true', 'BOOLEAN'],
      [{ type: 'array', items: 'int' }, [], 'STRING'],
    ];
    for (const [type, value, kind] of misfits)
      assert.throws(() => read(record(['c', type]), { c: value }, columns(['C', kind])), SerdeError);
  });

  it('reads a union of several types as a STRUCT with a field for each', () => {
    const schema = record(['c', ['null', 'int', 'string']]);
    const struct = {
      kind: 'STRUCT',
      fields: [...columns(['INT', 'INTEGER'], ['STRING', 'STRING'])],
    } as const;
    assert.deepEqual(read(schema, { c: { string: 'x' } }, columns(['C', struct])), [[null, 'x']]);
    assert.deepEqual(read(schema, { c: { int: 3 } }, columns(['C', struct])), [[3, null]]);
    assert.deepEqual(read(schema, { c: null }, columns(['C', struct])), [null]);
    assert.deepEqual(read(schema, { c: { int: 3 } }, columns(['C', 'STRING'])), ['3']);
  });

  it('passes over a record that holds itself, to no depth in particular', () => {
    const list = {
      type: 'record',
      name: 'L',
      fields: [{ name: 'next', type: ['null', 'L'], default: null }],
    };
    const schema = record(['list', list], ['c', 'int']);
    assert.deepEqual(
      read(schema, { list: { next: { L: { next: null } } }, c: 4 }, columns(['C', 'INTEGER'])),
      [4],
    );
    const bytes = Buffer.concat([Buffer.alloc(5), Buffer.alloc(1_000_000, 2), Buffer.from([0, 8])]);
    const decode = avroFormat.decoder(columns(['C', 'INTEGER']), {
      ...VALUE,
      schemas: schemasOf(JSON.stringify(schema)),
    });
    assert.throws(() => decode(bytes, 0, bytes.length, [null], 0), SerdeError);
  });

  it('writes columns into the fields of a given schema, and defaults into the others', () => {
    const schema = record(
      ['added', 'int', 100],
      ['B', optional('string')],
      ['a', 'long'],
      ['list', { type: 'array', items: 'int' }, [1, 2]],
      ['none', optional('int')],
    );
    assert.deepEqual(write(schema, [5, 'x'], columns(['A', 'BIGINT'], ['b', 'STRING'])), {
      added: 100,
      B: 'x',
      a: 5,
      list: [1, 2],
      none: null,
    });
    assert.deepEqual(write(record(['a', 'int', 100]), [null], columns(['A', 'INTEGER'])), { a: 100 });
    assert.throws(() => write(schema, [null, 'x'], columns(['A', 'BIGINT'], ['b', 'STRING'])), /A is NULL/);
    assert.throws(() => write(schema, [5], columns(['C', 'BIGINT'])), /C has no field/);
    assert.throws(
      () => write(record(['a', 'int'], ['b', 'int']), [5], columns(['A', 'INTEGER'])),
      /b has no default/,
    );
  });

  it('writes a single column bare, and nothing for null', () => {
    assert.equal(write('string', ['x'], columns(['A', 'STRING']), false), 'x');
    assert.equal(write('string', [null], columns(['A', 'STRING']), false), null);
  });

  it('reads what it wrote, and so does an independent library', () => {
    fc.assert(
      fc.property(
        fc
          .array(sqlType, { minLength: 1, maxLength: 4 })
          .chain((types) => fc.tuple(fc.constant(types), rowOfTypes(types))),
        ([types, row]) => {
          const into = types.map((type, index) => columnOf(`C${index}`, type));
          const text = avroFormat.translator!.textOf(into, VALUE);
          const written = encoderOf(avroFormat.writer(into, VALUE))(row, 0) as Buffer;
          const target: SqlValue[] = types.map(() => null);
          const decode = avroFormat.decoder(into, { ...VALUE, schemas: schemasOf(text) });
          assert.ok(decode(written, 0, written.length, target, 0));
          assert.deepEqual(target, row);
          assert.ok(
            avsc.Type.forSchema(JSON.parse(text), { registry: {}, typeHook: exactLongs }).fromBuffer(
              written.subarray(5),
            ),
          );
          assert.deepEqual(avroFormat.translator!.typeOf({ type: 'AVRO', schema: text, imports: [] }, {}), {
            kind: 'STRUCT',
            fields: into,
          });
        },
      ),
      { numRuns: 300, seed: 20261128 },
    );
  });

  it('code that is part of a query does the same as reader and writer', () => {
    fc.assert(
      fc.property(
        fc
          .array(sqlType, { minLength: 2, maxLength: 4 })
          .chain((types) => fc.tuple(fc.constant(types), rowOfTypes(types))),
        ([types, row]) => {
          const into = types.map((type, index) => columnOf(`C${index}`, type));
          const schema = {
            id: 9,
            type: 'AVRO',
            schema: avroFormat.translator!.textOf(into, VALUE),
            imports: [],
          } as const;
          const options = { ...VALUE, schema };
          const written = encoderOf(avroFormat.writer(into, options))(row, 0) as Buffer;
          const constants: unknown[] = [];
          const constant = (value: unknown) => `k${constants.push(value) - 1}`;
          const values = types.map((_, index) => ({ value: `row[${index}]` }));
          const write = avroFormat.writeCode!(into, options, values, constant) as string;
          const fields = into.map((column, index) => ({ ...column, into: `target[${index}]` }));
          const scan = avroFormat.scanCode!(into, options, fields, (_, value) => constant(value)) as string;
          const body = `return {
write(row, out) { ${write} },
scan(b, p, e, target) { ${scan}\nreturn p === e; } };`;
          const compiled = new Function(...constants.map((_, index) => `k${index}`), body)(...constants);
          const out = new ByteWriter();
          compiled.write(row, out);
          assert.deepEqual(out.copy(), written);
          const target: SqlValue[] = types.map(() => null);
          assert.ok(compiled.scan(written, 0, written.length, target));
          assert.deepEqual(target, row);
          written[4] = 8;
          assert.ok(!compiled.scan(written, 0, written.length, target));
        },
      ),
      { numRuns: 100, seed: 20261128 },
    );
  });

  it('fields of a record are read into places of their own, a text that stands in other bytes is copied', () => {
    const inner = record(['unread', 'string'], ['x', 'int'], ['rest', { type: 'array', items: 'int' }]);
    const text = JSON.stringify(record(['s', optional({ ...inner, name: 'S' })], ['t', 'string']));
    const schema = { id: 9, type: 'AVRO', schema: text, imports: [] } as const;
    const struct: SqlType = { kind: 'STRUCT', fields: [{ name: 'X', type: { kind: 'INTEGER' } }] };
    const into = columns(['S', struct], ['T', 'STRING']);
    const constants: unknown[] = [];
    const constant = (value: unknown) => `k${constants.push(value) - 1}`;
    const nested = [{ name: 'X', type: { kind: 'INTEGER' } as SqlType, into: 'target[0]' }];
    const fields = [
      { name: 'S', type: struct, into: nested },
      { name: 'T', type: { kind: 'STRING' } as SqlType, into: 'target[1]' },
    ];
    const scan = avroFormat.scanCode!(into, { ...VALUE, schema }, fields, (_, value) => constant(value));
    const out = [columnOf('T', { kind: 'STRING' })];
    const write = avroFormat.writeCode!(
      out,
      VALUE,
      [{ value: 'text', place: { start: 'from', end: 'to' } }],
      constant,
    );
    const compiled = new Function(
      ...constants.map((_, index) => `k${index}`),
      `return { scan(b, p, e, target) { ${scan} }, write(b, from, to, text, out) { ${write} } };`,
    )(...constants);
    const type = avsc.Type.forSchema(JSON.parse(text), { wrapUnions: true });
    for (const [s, expected] of [
      [{ S: { unread: 'u', x: 5, rest: [1] } }, [5, 't']],
      [null, [null, 't']],
    ] as const) {
      const bytes = Buffer.concat([Buffer.from([0, 0, 0, 0, 9]), type.toBuffer({ s, t: 't' })]);
      const target = [null, null];
      compiled.scan(bytes, 0, bytes.length, target);
      assert.deepEqual(target, expected);
    }
    for (const args of [
      [Buffer.from('xhix'), 1, 3, null],
      [undefined, null, null, 'hi'],
    ]) {
      const writer = new ByteWriter();
      compiled.write(...args, writer);
      assert.equal(writer.copy().toString('hex'), '000000000002046869');
    }
  });

  it('never fails but by a SerdeError on damaged bytes', () => {
    fc.assert(
      fc.property(
        sqlType.chain((type) => fc.tuple(fc.constant(type), rowOfTypes([type]))),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }),
        fc.nat(),
        ([type, row], changes, cut) => {
          const into = [columnOf('C', type)];
          const text = avroFormat.translator!.textOf(into, VALUE);
          const written = encoderOf(avroFormat.writer(into, VALUE))(row, 0) as Buffer;
          for (const [at, byte] of changes) written[5 + (at % (written.length - 5))] = byte;
          const end = written.length - (cut % 2 === 0 ? 0 : cut % (written.length - 4));
          const decode = avroFormat.decoder(into, { ...VALUE, schemas: schemasOf(text) });
          try {
            decode(written, 0, end, [null], 0);
          } catch (error) {
            assert.ok(error instanceof SerdeError, String(error));
          }
        },
      ),
      { numRuns: 500, seed: 20261128 },
    );
  });
});

function mapOf(kind: 'INTEGER'): SqlType {
  return { kind: 'MAP', key: { kind: 'STRING' }, value: { kind } };
}

/** So that the library reads numbers beyond 2^53 too. */
function exactLongs(schema: avsc.Schema): avsc.Type | undefined {
  const { type } = schema as { type?: unknown };
  if (schema !== 'long' && type !== 'long') return undefined;
  return avsc.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigInt64LE(value);
      return bytes;
    },
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (a: bigint, b: bigint) => (a < b ? -1 : a > b ? 1 : 0),
  });
}
