import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
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
import { ByteWriter } from '../byte-writer.ts';
import { encoderOf, type FormatOptions, SerdeError } from '../format.ts';
import { format } from '../formats.ts';
import type { ScanField } from '../json-scanner.ts';
import { compileDecoder } from './decoder.ts';
import { compileEncoder } from './encoder.ts';
import type { ScalarType } from './message-fields.ts';
import { ParsedSchema } from './schema-parser.ts';
import { schemaText } from './schema-text.ts';
import { sqlColumns } from './sql-columns.ts';

describe('every scalar type, beside protobufjs', () => {
  const int64 = fc.oneof(fc.integer(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n)).map(longOf);
  const values: Record<ScalarType, fc.Arbitrary<SqlValue>> = {
    double: fc.double({ noNaN: true }),
    float: fc.float({ noNaN: true }),
    int32: fc.integer(),
    uint32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    sint32: fc.integer(),
    fixed32: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    sfixed32: fc.integer(),
    int64,
    uint64: int64,
    sint64: int64,
    fixed64: int64,
    sfixed64: int64,
    bool: fc.boolean(),
    string: fc.string({ unit: 'grapheme' }),
    bytes: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
  };
  for (const [scalar, value] of Object.entries(values))
    it(scalar, () => {
      const text = proto3(
        `message M { ${scalar} a = 1; optional ${scalar} b = 2; repeated ${scalar} c = 300; repeated ${scalar} d = 20000 ${/string|bytes/.test(scalar) ? '' : '[packed = false]'}; }`,
      );
      const message = ParsedSchema.of(text).message() as protobuf.Type;
      const columns = sqlColumns(message);
      const write = encoderOf((row, from, out) => {
        compileEncoder(message, columns)(row, from, out);
        return true;
      });
      const read = compileDecoder(message, columns);
      fc.assert(
        fc.property(fc.tuple(value, value, fc.array(value), fc.array(value)), ([a, b, c, d]) => {
          const row = [a, b, c, d] as SqlValue[];
          const theirs = message.encode(message.fromObject(toOracle({ a, b, c, d }, scalar))).finish();
          const target: SqlValue[] = [];
          read(Buffer.from(theirs), 0, theirs.length, target, 0);
          assert.deepEqual(target, row);
          const ours = write(row, 0) as Uint8Array;
          assert.deepEqual(
            message.toObject(message.decode(ours), OBJECTS),
            message.toObject(message.decode(theirs), OBJECTS),
          );
        }),
        { numRuns: 60 },
      );
    });
});

const OBJECTS = { longs: String, bytes: Array, defaults: true };

/** protobufjs takes big numbers as text, without a sign for types that have none. */
function toOracle(fields: Record<string, unknown>, scalar: string): Record<string, unknown> {
  const one = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(one);
    if (!/64$/.test(scalar)) return value;
    const long = BigInt(value as bigint);
    return String(/^(u|f)/.test(scalar) ? BigInt.asUintN(64, long) : long);
  };
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, one(value)]));
}

function longOf(value: number | bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

describe('rows of any columns', () => {
  const scalar = fc.constantFrom<SqlType>(
    { kind: 'BOOLEAN' },
    INTEGER,
    BIGINT,
    { kind: 'DOUBLE' },
    STRING,
    { kind: 'BYTES' },
    { kind: 'TIME' },
    { kind: 'DATE' },
    { kind: 'TIMESTAMP' },
    { kind: 'DECIMAL', precision: 20, scale: 4 },
  );
  const { type: sqlType } = fc.letrec<{ type: SqlType; element: SqlType }>((tie) => ({
    type: fc.oneof(
      { depthSize: 'small' },
      tie('element'),
      tie('element').map((element): SqlType => ({ kind: 'ARRAY', element })),
      tie('type').map((value): SqlType => ({ kind: 'MAP', key: STRING, value })),
    ),
    element: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc
        .array(tie('type'), { minLength: 1, maxLength: 3 })
        .map((types): SqlType => ({ kind: 'STRUCT', fields: types.map((type, n) => column(`F${n}`, type)) })),
    ),
  }));
  const table = fc
    .tuple(
      fc.array(sqlType, { minLength: 1, maxLength: 4 }),
      fc.constantFrom(undefined, 'OPTIONAL' as const, 'WRAPPER' as const),
    )
    .chain(([types, nullable]) =>
      fc.record({
        columns: fc.constant(types.map((type, n) => column(`C${n}`, type))),
        nullable: fc.constant(nullable),
        row: fc.tuple(...types.map((type) => anyValue(type, true))),
      }),
    );

  it('read back as they were written, also when protobufjs has rewritten them', () => {
    fc.assert(
      fc.property(table, ({ columns, nullable, row }) => {
        const options = { ...VALUE, ...(nullable && { nullable }) };
        const bytes = encode(columns, row, options);
        const expected = row.map((value, n) => asRead((columns[n] as Column).type, value, nullable));
        assert.deepEqual(decode(columns, bytes, options), expected);
        const message = ParsedSchema.of(schemaText(columns, options)).message() as protobuf.Type;
        const rewritten = Buffer.from(message.encode(message.decode(bytes)).finish());
        assert.deepEqual(decode(columns, rewritten, options), expected);
        const used = columns.map((_, n) => n).filter((n) => n % 2 === 1);
        const target: SqlValue[] = columns.map(() => null);
        format('PROTOBUF_NOSR').decoder(columns, { ...options, used })(bytes, 0, bytes.length, target, 0);
        assert.deepEqual(
          target,
          expected.map((value, n) => (n % 2 === 1 ? value : null)),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('are the same when they are read and written in place', () => {
    fc.assert(
      fc.property(table, ({ columns, nullable, row }) => {
        const options = { ...VALUE, ...(nullable && { nullable }) };
        const bytes = encode(columns, row, options);
        const inPlace = decode(columns, bytes, options).flatMap((value, n) => {
          const { type } = columns[n] as Column;
          if (type.kind !== 'STRUCT') return [value];
          return type.fields.map((_, at) => (value === null ? null : (value as SqlValue[])[at]));
        });
        assert.deepEqual(readInPlace('PROTOBUF_NOSR', columns, options, bytes), inPlace);
        assert.deepEqual(writeInPlace('PROTOBUF_NOSR', columns, options, row), bytes);
        const schema = {
          type: 'PROTOBUF',
          schema: schemaText(columns, options),
          imports: [],
          id: 99,
        } as const;
        const registered = Buffer.concat([Buffer.from('000000006300', 'hex'), bytes]);
        const known = { ...options, schema };
        assert.deepEqual(readInPlace('PROTOBUF', columns, known, registered), inPlace);
        assert.deepEqual(writeInPlace('PROTOBUF', columns, known, row), registered);
        registered[4] = 98;
        assert.equal(readInPlace('PROTOBUF', columns, known, registered), undefined);
      }),
      { numRuns: 100 },
    );
  });

  it('are refused or read, and never more than that, when their bytes are damaged', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(table, damage, fc.nat(), ({ columns, nullable, row }, places, cut) => {
        const options = { ...VALUE, ...(nullable && { nullable }) };
        const bytes = encode(columns, row, options);
        for (const [at, byte] of places) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        const damaged = bytes.subarray(0, bytes.length - (cut % 3));
        try {
          decode(columns, damaged, options);
        } catch (error) {
          assert.ok(error instanceof SerdeError, String(error));
        }
      }),
      { numRuns: 400 },
    );
  });

  function anyValue(type: SqlType, isNullable: boolean): fc.Arbitrary<SqlValue> {
    const present = presentOf(type);
    return isNullable ? fc.option(present, { nil: null, freq: 5 }) : present;
  }

  function presentOf(type: SqlType): fc.Arbitrary<SqlValue> {
    switch (type.kind) {
      case 'BOOLEAN':
        return fc.boolean();
      case 'INTEGER':
        return fc.integer();
      case 'DATE':
        return fc.integer({ min: -1_000_000, max: 3_000_000 });
      case 'TIME':
        return fc.nat({ max: 86_399_999 });
      case 'BIGINT':
        return fc.oneof(fc.integer(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(longOf));
      case 'TIMESTAMP':
        return fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 });
      case 'DOUBLE':
        return fc.double();
      case 'STRING':
        return fc.string({ unit: 'grapheme' });
      case 'BYTES':
        return fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
      case 'DECIMAL':
        return fc.bigInt(-(10n ** 20n) + 1n, 10n ** 20n - 1n);
      case 'ARRAY':
        return fc.array(anyValue(type.element, false), { maxLength: 4 });
      case 'MAP':
        return fc
          .array(fc.tuple(presentOf(type.key), anyValue(type.value, false)), { maxLength: 4 })
          .map((entries) => new Map(entries));
      case 'STRUCT':
        return fc.tuple(...type.fields.map((field) => anyValue(field.type, true)));
    }
  }
});

/**
 * Reads by the code that is made part of a compiled query: structs field by field, texts as the places they stand at.
 * Undefined: it leaves the record to the decoder.
 */
function readInPlace(
  name: string,
  columns: readonly Column[],
  options: FormatOptions,
  bytes: Buffer,
): unknown[] | undefined {
  const locals: string[] = [];
  const wanted = columns.map((read, n): ScanField => {
    const { type } = read;
    const into = `c${n}`;
    if (type.kind === 'STRUCT') {
      const fields = type.fields.map((field, at) => ({ ...field, into: `${into}_${at}` }));
      locals.push(...fields.map((field) => field.into));
      return { ...read, into: fields };
    }
    locals.push(into);
    return { ...read, into, ...(type.kind === 'STRING' && { place: placeOf(into) }) };
  });
  const places = wanted.flatMap(({ place }) => (place ? [place.start, place.end] : []));
  const results = locals.map((local) =>
    places.includes(placeOf(local).start)
      ? `${local}_s === null ? ${local} : b.toString('latin1', ${local}_s, ${local}_e)`
      : local,
  );
  const run = compiled(
    (constant) => `let ${[...locals, ...places].join(', ')}; let p = 0; const e = b.length;
${format(name).scanCode?.(columns, options, wanted, (_, value) => constant(value))}
return p === e ? [${results.join(', ')}] : undefined;`,
  );
  return run(bytes, [], undefined) as unknown[] | undefined;
}

/** Texts of plain ASCII stand in a record that was read. */
function writeInPlace(
  name: string,
  columns: readonly Column[],
  options: FormatOptions,
  row: readonly SqlValue[],
): Buffer {
  const texts = Buffer.concat(
    row.map((value) => Buffer.from(typeof value === 'string' && /^[ -~]*$/.test(value) ? value : '')),
  );
  let end = 0;
  const values = row.map((value, n) => {
    if (typeof value !== 'string' || !/^[ -~]*$/.test(value)) return { value: `row[${n}]` };
    const start = end;
    end += Buffer.byteLength(value);
    return { value: 'null', place: { start: String(start), end: String(end) } };
  });
  const out = new ByteWriter();
  const run = compiled((constant) => format(name).writeCode?.(columns, options, values, constant) ?? '');
  run(texts, row, out);
  return out.copy();
}

function placeOf(local: string): { readonly start: string; readonly end: string } {
  return { start: `${local}_s`, end: `${local}_e` };
}

function compiled(
  code: (constant: (value: unknown) => string) => string,
): (b: Buffer, row: readonly SqlValue[], out: ByteWriter | undefined) => unknown {
  const constants: unknown[] = [];
  const source = code((value) => `k${constants.push(value) - 1}`);
  const build = new Function(
    ...constants.map((_, n) => `k${n}`),
    `'use strict'; return (b, row, out) => { ${source} };`,
  );
  return build(...constants);
}

/** NULL comes back as the default where the schema cannot tell it. */
function asRead(type: SqlType, value: SqlValue, nullable: FormatOptions['nullable']): SqlValue {
  switch (type.kind) {
    case 'ARRAY':
      return ((value ?? []) as readonly SqlValue[]).map((item) => asRead(type.element, item, nullable));
    case 'MAP': {
      const entries = [...((value ?? new Map()) as ReadonlyMap<SqlValue, SqlValue>)];
      return new Map(entries.map(([key, item]) => [key, asRead(type.value, item, nullable)]));
    }
    case 'STRUCT':
      return (
        value &&
        type.fields.map((field, n) =>
          asRead(field.type, (value as readonly SqlValue[])[n] as SqlValue, nullable),
        )
      );
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
    case 'DECIMAL':
      return value;
    default:
      return value ?? (nullable ? null : defaultOf(type));
  }
}

function defaultOf({ kind }: SqlType): SqlValue {
  if (kind === 'BOOLEAN') return false;
  if (kind === 'BYTES') return Buffer.alloc(0);
  return kind === 'STRING' ? '' : 0;
}
