import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { SqlType, SqlValue } from '../data/types.ts';
import { columnOf, rowOfTypes, scalarType } from '../testing/serde-arbitraries.ts';
import { encoderOf, type FormatOptions, SerdeError } from './format.ts';
import { format } from './formats.ts';

function decode(name: string, types: readonly SqlType[], bytes: Buffer, options: FormatOptions): SqlValue[] {
  const target: SqlValue[] = types.map(() => null);
  const columns = types.map((type, index) => columnOf(`C${index}`, type));
  assert.ok(format(name).decoder(columns, options)(bytes, 0, bytes.length, target, 0));
  return target;
}

function encode(
  name: string,
  types: readonly SqlType[],
  row: SqlValue[],
  options: FormatOptions,
): Buffer | null {
  const columns = types.map((type, index) => columnOf(`C${index}`, type));
  const bytes = encoderOf(format(name).writer(columns, options))(row, 0);
  return bytes && Buffer.from(bytes);
}

const VALUE = { part: 'value' } as const;
const STRING: SqlType = { kind: 'STRING' };
const INTEGER: SqlType = { kind: 'INTEGER' };

describe('KAFKA', () => {
  const cases: [SqlType['kind'], SqlValue, string][] = [
    ['INTEGER', -2, 'fffffffe'],
    ['BIGINT', 5, '0000000000000005'],
    ['BIGINT', -9007199254740993n, 'ffdfffffffffffff'],
    ['DOUBLE', 1.5, '3ff8000000000000'],
    ['STRING', 'é', 'c3a9'],
  ];
  for (const [kind, value, hex] of cases)
    it(`${kind} ${value} is ${hex}`, () => {
      const type = { kind } as SqlType;
      assert.equal(encode('kafka', [type], [value], { part: 'key' })?.toString('hex'), hex);
      assert.deepEqual(decode('KAFKA', [type], Buffer.from(hex, 'hex'), { part: 'key' }), [value]);
    });

  it('refuses wrong lengths, several columns and nested types', () => {
    assert.throws(() => decode('KAFKA', [INTEGER], Buffer.alloc(3), VALUE), SerdeError);
    assert.throws(() => encode('KAFKA', [STRING, STRING], ['a', 'b'], VALUE), /holds one column/);
    assert.throws(() => encode('KAFKA', [{ kind: 'ARRAY', element: STRING }], [[]], VALUE), /cannot hold/);
  });
});

describe('DELIMITED', () => {
  const cases: [string, SqlValue[], string | undefined][] = [
    ['a,1', ['a', 1], undefined],
    ['"a,""b""",1', ['a,"b"', 1], undefined],
    [',', [null, null], undefined],
    ['"",0', ['', 0], undefined],
    ['a b\t7', ['a b', 7], 'TAB'],
    ['"line\nend"|7', ['line\nend', 7], '|'],
  ];
  for (const [line, row, delimiter] of cases)
    it(JSON.stringify(line), () => {
      const options = { ...VALUE, ...(delimiter !== undefined && { delimiter }) };
      assert.deepEqual(decode('DELIMITED', [STRING, INTEGER], Buffer.from(line), options), row);
      assert.equal(encode('DELIMITED', [STRING, INTEGER], row, options)?.toString(), line);
    });

  for (const line of ['a', 'a,1,2', 'a,x', '"a,1', '"a"b,1', ''])
    it(`refuses ${JSON.stringify(line)}`, () =>
      assert.throws(() => decode('DELIMITED', [STRING, INTEGER], Buffer.from(line), VALUE), SerdeError));

  it('what was written reads back', () => {
    const table = fc.tuple(
      fc.array(scalarType, { minLength: 1, maxLength: 5 }),
      fc.constantFrom(',', '|', 'SPACE', '-', '^'),
    );
    fc.assert(
      fc.property(
        table.chain(([types, delimiter]) =>
          fc.tuple(fc.constant(types), rowOfTypes(types), fc.constant(delimiter)),
        ),
        ([types, row, delimiter]) => {
          const options = { part: 'value', delimiter } as const;
          const bytes = encode('DELIMITED', types, row, options);
          assert.ok(bytes);
          // Commons CSV leaves an empty text bare unless it comes first, where it reads as NULL.
          const isEmpty = (value: SqlValue) =>
            value === '' || (value instanceof Uint8Array && value.length === 0);
          const expected = row.map((value, index) => (index > 0 && isEmpty(value) ? null : value));
          assert.deepEqual(decode('DELIMITED', types, bytes, options), expected);
        },
      ),
    );
  });
});

describe('formats', () => {
  it('NONE holds nothing', () => {
    assert.throws(() => encode('NONE', [STRING], ['a'], VALUE), SerdeError);
    assert.equal(encode('NONE', [], [], VALUE), null);
  });
  it('an unknown name is refused with the known ones', () =>
    assert.throws(() => format('XML'), /XML.*DELIMITED/));
});
