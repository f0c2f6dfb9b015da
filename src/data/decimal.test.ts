import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  decimalArithmetic,
  decimalFromText,
  decimalResultType,
  formatDecimal,
  parseDecimal,
  rescale,
} from './decimal.ts';

test('text keeps its scale both ways', () => {
  for (const text of ['0.00', '-0.5', '12.340', '100', '-7.001', '0.000001']) {
    const { unscaled, scale } = parseDecimal(text);
    assert.equal(formatDecimal(unscaled, scale), text);
  }
  assert.deepEqual(parseDecimal('1.5E3'), { unscaled: 1500n, scale: 0 });
  assert.deepEqual(parseDecimal('15e-3'), { unscaled: 15n, scale: 3 });
  assert.throws(() => parseDecimal('1..2'), RangeError);
  assert.throws(() => parseDecimal('.'), RangeError);
});

test('rounding is half up, away from zero', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['2.345', '2.35'],
    ['-2.345', '-2.35'],
    ['2.344', '2.34'],
    ['0.005', '0.01'],
    ['-0.004', '0.00'],
  ];
  for (const [from, to] of cases) {
    const { unscaled, scale } = parseDecimal(from);
    assert.equal(formatDecimal(rescale(unscaled, scale, 2), 2), to, from);
  }
});

test('a value with too many digits is refused', () => {
  assert.throws(() => decimalFromText('123.45', { kind: 'DECIMAL', precision: 4, scale: 2 }), /does not fit/);
  assert.equal(decimalFromText('12.345', { kind: 'DECIMAL', precision: 4, scale: 2 }), 1235n);
});

test('result types are those of SQL Server', () => {
  const a = { kind: 'DECIMAL', precision: 10, scale: 2 } as const;
  const b = { kind: 'DECIMAL', precision: 5, scale: 3 } as const;
  const shown = (['+', '-', '*', '/', '%'] as const).map((operator) => {
    const { precision, scale } = decimalResultType(operator, a, b);
    return `${operator} ${precision},${scale}`;
  });
  assert.deepEqual(shown, ['+ 12,3', '- 12,3', '* 16,5', '/ 19,8', '% 5,3']);
});

test('sums and products are exact', () => {
  const values = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
  fc.assert(
    fc.property(values, values, fc.nat(6), fc.nat(6), (a, b, scaleA, scaleB) => {
      const scale = Math.max(scaleA, scaleB);
      const sum = decimalArithmetic('+', a, scaleA, b, scaleB, scale);
      assert.equal(decimalArithmetic('-', sum, scale, b, scaleB, scale), rescale(a, scaleA, scale));
      assert.equal(decimalArithmetic('*', a, scaleA, b, scaleB, scaleA + scaleB), a * b);
    }),
  );
  assert.throws(() => decimalArithmetic('/', 1n, 0, 0n, 0, 6), /division by zero/);
  assert.equal(decimalArithmetic('/', 2n, 0, 3n, 0, 6), 666667n);
});
