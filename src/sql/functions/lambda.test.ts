import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlValue } from '../../data/types.ts';
import { analyseText, type Cells, evaluateText, typeText } from '../expression-test-kit.ts';

const ROW: Cells = {
  N: ['ARRAY<INTEGER>', [3, 6]],
  HOLES: ['ARRAY<INTEGER>', [5, null]],
  NONE: ['ARRAY<INTEGER>', null],
  M: [
    'MAP<STRING, INTEGER>',
    new Map([
      ['a', 1],
      ['bc', 2],
    ]) as SqlValue,
  ],
  B: ['BIGINT', 10],
  X: ['INTEGER', 100],
  DEEP: ['ARRAY<ARRAY<INTEGER>>', [[1, 2], [3]]],
};

function check(cases: Readonly<Record<string, SqlValue>>): void {
  for (const [text, expected] of Object.entries(cases))
    assert.deepEqual(evaluateText(text, ROW), expected, text);
}

test('a lambda is applied to elements and entries', () => {
  check({
    'TRANSFORM(N, x => x * 2)': [6, 12],
    'TRANSFORM(N, x => CAST(x AS STRING))': ['3', '6'],
    'FILTER(N, x => x > 3)': [6],
    'REDUCE(N, 1, (s, x) => s + x)': 10,
    'TRANSFORM(M, (k, v) => UCASE(k), (k, v) => v + LEN(k))': new Map([
      ['A', 2],
      ['BC', 4],
    ]) as SqlValue,
    'FILTER(M, (k, v) => v = 2)': new Map([['bc', 2]]) as SqlValue,
    'REDUCE(M, 0, (s, k, v) => s + v * LEN(k))': 5,
  });
});

test('a lambda sees the columns, the lambdas around it and, before both, its own parameters', () => {
  check({
    'TRANSFORM(N, e => e + B)': [13, 16],
    'TRANSFORM(N, x => x + 1)': [4, 7],
    'TRANSFORM(DEEP, a => TRANSFORM(a, e => e + a[1] + B))': [[12, 13], [16]],
    'TRANSFORM(DEEP, a => TRANSFORM(a, a => a + 1))': [[2, 3], [4]],
    'REDUCE(DEEP, 0, (s, a) => s + REDUCE(a, 0, (s, b) => s + b))': 6,
  });
});

test('null in a computation of a lambda leaves no result, elsewhere it is a value', () => {
  assert.match(
    String(evaluateText('TRANSFORM(HOLES, x => x + 1)', ROW)),
    /computes with a value that is null/,
  );
  check({
    'FILTER(HOLES, x => x > 1)': [5],
    'TRANSFORM(HOLES, x => IFNULL(x, 0))': [5, 0],
    'TRANSFORM(NONE, x => x + 1)': null,
    'REDUCE(NONE, 7, (s, x) => s + x)': 7,
    'REDUCE(N, CAST(NULL AS INT), (s, x) => s + x)': null,
    "FILTER(M, (k, v) => k <> 'a' AND v / (v - 1) = 2)": new Map([['bc', 2]]) as SqlValue,
  });
});

test('keys that become the same leave no result', () => {
  assert.match(
    String(evaluateText("TRANSFORM(M, (k, v) => 'x', (k, v) => v)", ROW)),
    /makes the key x of two/,
  );
});

test('types follow from the other arguments', () => {
  assert.equal(typeText('TRANSFORM(N, x => x + B)', ROW), 'ARRAY<BIGINT>');
  assert.equal(typeText('TRANSFORM(M, (k, v) => v, (k, v) => k)', ROW), 'MAP<INTEGER, STRING>');
  assert.equal(typeText('REDUCE(N, B, (s, x) => s + x)', ROW), 'BIGINT');
});

test('what does not fit is refused', () => {
  const refused: Record<string, RegExp> = {
    'FILTER(N, x => x + 1)': /FILTER takes no arguments of \(ARRAY<INTEGER>, LAMBDA of 1\)\. It/,
    'TRANSFORM(N, (x, y) => x)': /TRANSFORM takes no arguments of \(ARRAY<INTEGER>, LAMBDA of 2\)\./,
    'TRANSFORM(X, x => x)': /TRANSFORM takes no arguments of \(INTEGER, LAMBDA of 1\)\. It can/,
    'REDUCE(N, 0, (s, x) => s + B)': /REDUCE takes no arguments of \(ARRAY<INTEGER>, INTEGER, LAMBDA/,
    'TRANSFORM(N, x => y)': /no column Y/,
    'TRANSFORM(N, x => UCASE(x))': /UCASE takes no arguments of \(INTEGER\)\. It can be called as:/,
    'TRANSFORM(M, (k, k) => k, (k, v) => v)': /parameter K is there twice/,
    'ABS(x => x)': /ABS takes no arguments of \(LAMBDA of 1\)\. It can be called as:/,
    'x => x + 1': /A lambda can only be an argument/,
    '1 + (x => x)': /A lambda can only be an argument/,
  };
  for (const [text, message] of Object.entries(refused))
    assert.throws(() => analyseText(text, ROW), message, text);
});
