import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import { castFunction } from './cast.ts';
import { commonType } from './common-type.ts';
import { compareValues, equalValues, identityOf } from './compare.ts';
import { formatType } from './type-text.ts';
import type { SqlType, SqlValue } from './types.ts';

const decimal = (precision: number, scale: number): SqlType => ({ kind: 'DECIMAL', precision, scale });
const simple = (
  kind: 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'STRING' | 'TIMESTAMP' | 'DATE' | 'TIME' | 'BYTES',
): SqlType => ({ kind });
const array = (element: SqlType): SqlType => ({ kind: 'ARRAY', element });
const struct = (fields: Record<string, SqlType>): SqlType => ({
  kind: 'STRUCT',
  fields: Object.entries(fields).map(([name, type]) => ({ name, type })),
});

test('CAST follows ksqlDB', () => {
  const cases: readonly (readonly [SqlType, SqlValue, SqlType, SqlValue])[] = [
    [simple('STRING'), ' 42 ', simple('INTEGER'), 42],
    [simple('STRING'), 'ye', simple('BOOLEAN'), true],
    [simple('STRING'), 'F', simple('BOOLEAN'), false],
    [simple('DOUBLE'), -1.9, simple('INTEGER'), -1],
    [simple('DOUBLE'), 10, simple('STRING'), '10.0'],
    [simple('BIGINT'), 2 ** 31, simple('INTEGER'), -(2 ** 31)],
    [simple('BIGINT'), 2n ** 60n, simple('STRING'), '1152921504606846976'],
    [decimal(5, 2), 199n, simple('INTEGER'), 1],
    [decimal(5, 2), 150n, simple('STRING'), '1.50'],
    [decimal(5, 3), 1005n, decimal(4, 2), 101n],
    [simple('INTEGER'), 7, decimal(3, 1), 70n],
    [simple('DOUBLE'), 1.15, decimal(3, 1), 12n],
    [simple('STRING'), '1970-01-02', simple('DATE'), 1],
    [simple('TIMESTAMP'), 86_400_001, simple('DATE'), 1],
    [simple('TIMESTAMP'), 86_400_001, simple('TIME'), 1],
    [simple('TIMESTAMP'), -1, simple('TIME'), 86_399_999],
    [simple('STRING'), ' AQL/ ', simple('BYTES'), Buffer.from([1, 2, 255])],
    [simple('STRING'), 'AQI', simple('BYTES'), Buffer.from([1, 2])],
    [simple('DOUBLE'), 1.005, decimal(3, 2), 100n],
    [simple('DOUBLE'), 1.005, decimal(10, 2), 101n],
    [simple('DOUBLE'), 1.5e20, decimal(25, 2), 15_000_000_000_000_000_000_000n],
    [simple('DOUBLE'), -0.1, decimal(21, 20), -10000000000000000555n],
    [simple('DOUBLE'), 5e-324, decimal(3, 2), 0n],
    [array(simple('INTEGER')), [1, null], array(simple('STRING')), ['1', null]],
    [struct({ A: simple('INTEGER') }), [1], struct({ B: simple('STRING'), A: simple('DOUBLE') }), [null, 1]],
  ];
  for (const [from, value, to, expected] of cases) {
    assert.deepEqual(castFunction(from, to)!(value), expected, `${formatType(from)} to ${formatType(to)}`);
  }
});

test('casts without meaning do not exist', () => {
  for (const [from, to] of [
    [simple('STRING'), array(simple('INTEGER'))],
    [simple('BOOLEAN'), simple('INTEGER')],
    [simple('TIME'), simple('DATE')],
    [simple('BYTES'), simple('STRING')],
  ] as const) {
    assert.equal(castFunction(from, to), undefined);
  }
});

test('a value without a counterpart is an error', () => {
  assert.throws(() => castFunction(simple('STRING'), simple('INTEGER'))!('1.5'), RangeError);
  assert.throws(() => castFunction(simple('STRING'), simple('BOOLEAN'))!('maybe'), RangeError);
  assert.throws(() => castFunction(simple('INTEGER'), decimal(2, 1))!(10), RangeError);
  for (const text of ['A', 'AQ=', 'A*==', 'AQI===', '=', '===='])
    assert.throws(() => castFunction(simple('STRING'), simple('BYTES'))!(text), RangeError, text);
});

test('common types lose nothing', () => {
  assert.deepEqual(commonType(simple('BIGINT'), decimal(5, 2)), decimal(21, 2));
  assert.deepEqual(commonType(decimal(5, 2), simple('DOUBLE')), simple('DOUBLE'));
  assert.deepEqual(commonType(array(simple('INTEGER')), array(simple('BIGINT'))), array(simple('BIGINT')));
  assert.deepEqual(
    commonType(struct({ A: simple('INTEGER') }), struct({ A: simple('BIGINT'), B: simple('STRING') })),
    struct({ A: simple('BIGINT'), B: simple('STRING') }),
  );
  assert.equal(commonType(simple('STRING'), simple('INTEGER')), undefined);
});

test('equal values have one identity, different ones different', () => {
  const values: readonly SqlValue[] = [
    null,
    1,
    2n ** 60n,
    '1',
    true,
    [1, '1'],
    ['1', 1],
    [[1], 2],
    new Uint8Array([1]),
    new Map([['a', 1]]),
    ['a;b'],
    ['a', 'b'],
  ];
  for (const a of values) {
    for (const b of values) assert.equal(identityOf(a) === identityOf(b), equalValues(a, b));
  }
  assert.equal(
    identityOf(
      new Map([
        ['a', 1],
        ['b', 2],
      ]),
    ),
    identityOf(
      new Map([
        ['b', 2],
        ['a', 1],
      ]),
    ),
  );
});

test('BYTES are ordered as unsigned bytes', () => {
  assert.ok(compareValues(new Uint8Array([200]), new Uint8Array([100, 1])) > 0);
  assert.ok(compareValues(new Uint8Array([1]), new Uint8Array([1, 0])) < 0);
});
