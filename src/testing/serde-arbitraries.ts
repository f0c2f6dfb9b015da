import fc from 'fast-check';
import type { Column } from '../data/schema.ts';
import type { SqlType, SqlValue } from '../data/types.ts';

// Random types and values of them, for round-trip tests of formats.

const scalarTypes: readonly SqlType[] = [
  { kind: 'BOOLEAN' },
  { kind: 'INTEGER' },
  { kind: 'BIGINT' },
  { kind: 'DOUBLE' },
  { kind: 'STRING' },
  { kind: 'BYTES' },
  { kind: 'TIME' },
  { kind: 'DATE' },
  { kind: 'TIMESTAMP' },
  { kind: 'DECIMAL', precision: 20, scale: 4 },
];

export const scalarType: fc.Arbitrary<SqlType> = fc.constantFrom(...scalarTypes);

export const sqlType: fc.Arbitrary<SqlType> = fc.letrec<{ type: SqlType }>((tie) => ({
  type: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    scalarType,
    tie('type').map((element): SqlType => ({ kind: 'ARRAY', element })),
    fc
      .tuple(fc.constantFrom(...scalarTypes.slice(1, 5)), tie('type'))
      .map(([key, value]): SqlType => ({ kind: 'MAP', key, value })),
    fc.array(tie('type'), { minLength: 1, maxLength: 3 }).map(
      (types): SqlType => ({
        kind: 'STRUCT',
        fields: types.map((type, index) => ({ name: `F${index}`, type })),
      }),
    ),
  ),
})).type;

export function rowOfTypes(types: readonly SqlType[]): fc.Arbitrary<SqlValue[]> {
  return fc.tuple(...types.map((type) => valueOfType(type)));
}

export function valueOfType(type: SqlType): fc.Arbitrary<SqlValue> {
  return fc.option(present(type), { nil: null, freq: 5 });
}

function present(type: SqlType): fc.Arbitrary<SqlValue> {
  switch (type.kind) {
    case 'BOOLEAN':
      return fc.boolean();
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
      return fc.integer();
    case 'BIGINT':
    case 'TIMESTAMP':
      return fc.oneof(fc.integer(), fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n).map(normalised));
    case 'DOUBLE':
      return fc.double();
    case 'STRING':
      return fc.string({ unit: 'grapheme' });
    case 'BYTES':
      return fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes));
    case 'DECIMAL':
      return fc.bigInt(-(10n ** 20n) + 1n, 10n ** 20n - 1n);
    case 'ARRAY':
      return fc.array(valueOfType(type.element), { maxLength: 4 });
    case 'MAP':
      return fc
        .array(fc.tuple(present(type.key), valueOfType(type.value)), { maxLength: 4 })
        .map((entries) => new Map(entries));
    case 'STRUCT':
      return rowOfTypes(type.fields.map((field) => field.type));
  }
}

function normalised(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

export function columnOf(name: string, type: SqlType): Column {
  return { name, type };
}
