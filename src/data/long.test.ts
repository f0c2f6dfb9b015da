import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  addLong,
  divideLong,
  doubleToInteger,
  doubleToLong,
  type Long,
  longToInteger,
  multiplyLong,
  normalizeLong,
  parseInteger,
  parseLong,
  remainderLong,
  subtractLong,
} from './long.ts';

const longs = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -1000n, max: 1000n }))
  .map(normalizeLong);
const wrap = (value: bigint) => BigInt.asIntN(64, value);

test('arithmetic is that of 64-bit integers, whatever the size', () => {
  const cases: readonly (readonly [(a: Long, b: Long) => Long, (a: bigint, b: bigint) => bigint])[] = [
    [addLong, (a, b) => a + b],
    [subtractLong, (a, b) => a - b],
    [multiplyLong, (a, b) => a * b],
    [divideLong, (a, b) => (b === 0n ? 0n : a / b)],
    [remainderLong, (a, b) => (b === 0n ? 0n : a % b)],
  ];
  fc.assert(
    fc.property(longs, longs, (a, b) => {
      for (const [operation, exact] of cases) {
        if (b === 0 && (operation === divideLong || operation === remainderLong)) continue;
        const result = operation(a, b);
        assert.equal(BigInt(result), wrap(exact(BigInt(a), BigInt(b))));
        assert.equal(typeof result, Number.isSafeInteger(Number(result)) ? 'number' : 'bigint');
        assert.ok(!Object.is(result, -0));
      }
    }),
  );
});

test('division by zero is an error', () => {
  assert.throws(() => divideLong(1, 0), RangeError);
  assert.throws(() => remainderLong(1, 0), RangeError);
});

test('narrowing and doubles follow Java', () => {
  assert.equal(longToInteger(2 ** 31), -(2 ** 31));
  assert.equal(longToInteger(2n ** 62n + 5n), 5);
  assert.equal(doubleToInteger(1e20), 2 ** 31 - 1);
  assert.equal(doubleToInteger(-1.9), -1);
  assert.equal(doubleToLong(1e30), 2n ** 63n - 1n);
  assert.equal(doubleToLong(Number.NaN), 0);
});

test('text must be a whole number in range', () => {
  assert.equal(parseLong('9223372036854775807'), 9223372036854775807n);
  assert.equal(parseLong('+7'), 7);
  for (const text of ['', '1.0', '1e3', ' 1', '9223372036854775808', '0x10']) {
    assert.throws(() => parseLong(text), RangeError, text);
  }
  assert.throws(() => parseInteger('2147483648'), RangeError);
});
