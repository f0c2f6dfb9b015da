import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { test } from 'node:test';
import type { SqlValue } from '../data/types.ts';
import { compileExpression, compilePredicate, compileProjection, explainSource } from './compile.ts';
import { analyseText, type Cells, evaluateText, typeText } from './expression-test-kit.ts';

const ROW: Cells = {
  I: ['INTEGER', 7],
  J: ['INTEGER', 2],
  L: ['BIGINT', 2n ** 62n],
  D: ['DOUBLE', 1.5],
  P: ['DECIMAL(5, 2)', 1050n],
  S: ['STRING', 'hello'],
  B: ['BOOLEAN', true],
  N: ['INTEGER', null],
  NB: ['BOOLEAN', null],
  A: ['ARRAY<INTEGER>', [10, 20, null]],
  M: ['MAP<STRING, INTEGER>', new Map([['k', 1]])],
  ST: ['STRUCT<X INTEGER, Y STRUCT<Z STRING>>', [3, ['deep']]],
  T: ['TIMESTAMP', 1_582_501_512_000],
};

function check(cases: readonly (readonly [string, SqlValue])[]): void {
  for (const [text, expected] of cases) assert.deepEqual(evaluateText(text, ROW), expected, text);
}

test('arithmetic keeps the rules of each type', () => {
  check([
    ['I + J * 2', 11],
    ['I / J', 3],
    ['-I / J', -3],
    ['I % J', 1],
    ['2147483647 + J', -2147483647],
    ['2147483647 * 2', -2],
    ['L + L', -(2n ** 63n)],
    ['L - L', 0],
    ['I / 0', 'error: division by zero'],
    ['D / 0', Number.POSITIVE_INFINITY],
    ['P + 0.5', 1100n],
    ['P * 2', 2100n],
    ['P + D', 12],
    ['I + N', null],
    ['-(-9223372036854775807 - 1)', -(2n ** 63n)],
    ["S || ' ' || S", 'hello hello'],
    ["S + '!'", 'hello!'],
  ]);
});

test('types of arithmetic are known before it runs', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['I + J', 'INTEGER'],
    ['I + L', 'BIGINT'],
    ['I + D', 'DOUBLE'],
    ['P + I', 'DECIMAL(13, 2)'],
    ['P * P', 'DECIMAL(11, 4)'],
    ['P / P', 'DECIMAL(13, 8)'],
    ['1.50', 'DECIMAL(3, 2)'],
    ['-1.50', 'DECIMAL(3, 2)'],
    ['0.00', 'DECIMAL(3, 2)'],
    ['0.05', 'DECIMAL(2, 2)'],
    ["DECIMAL '-0.0'", 'DECIMAL(2, 1)'],
    ['1E1', 'DOUBLE'],
    ['3000000000', 'BIGINT'],
    ['CASE WHEN B THEN I ELSE L END', 'BIGINT'],
    ['ARRAY[1, 2.5]', 'ARRAY<DECIMAL(11, 1)>'],
    ['STRUCT(a := 1, `b` := S)', 'STRUCT<`A` INTEGER, `b` STRING>'],
    ['COALESCE(N, L)', 'BIGINT'],
  ];
  for (const [text, expected] of cases) assert.equal(typeText(text, ROW), expected, text);
});

test('logic has three values', () => {
  const values = { T: 'B', F: '(NOT B)', N: 'NB' } as const;
  const and = {
    TT: true,
    TF: false,
    TN: null,
    FT: false,
    FF: false,
    FN: false,
    NT: null,
    NF: false,
    NN: null,
  };
  const or = { TT: true, TF: true, TN: true, FT: true, FF: false, FN: null, NT: true, NF: null, NN: null };
  for (const pair of Object.keys(and) as (keyof typeof and)[]) {
    const [a, b] = [...pair].map((letter) => values[letter as keyof typeof values]);
    check([
      [`${a} AND ${b}`, and[pair]],
      [`${a} OR ${b}`, or[pair]],
    ]);
  }
  check([
    ['NOT NB', null],
    ['N IS NULL', true],
    ['S IS NOT NULL', true],
    ['N IS DISTINCT FROM I', true],
    ['N IS NOT DISTINCT FROM NULL', true],
    ['N IN (1, 2)', false],
    ['N NOT IN (1, 2)', true],
    ['I IN (1, NULL)', false],
    ['I NOT IN (1, N)', true],
    ['I IN (7, NULL)', true],
    ['I NOT IN (1, 2)', true],
    ['I IN (J, I)', true],
    ['I BETWEEN 7 AND 8', true],
  ]);
});

test('a comparison with NULL is false, as in ksqlDB', () => {
  check([
    ['N = 1', false],
    ['N <> 1', false],
    ['N < I', false],
    ['NOT (N = 1)', true],
    ['I BETWEEN N AND 8', false],
  ]);
});

test('comparison brings both sides to one type', () => {
  check([
    ['I = 7.0', true],
    ['L > I', true],
    ["I IN ('7', 8)", true],
    ['P = 10.5', true],
    ["T > '2020-02-23'", true],
    ["T = '2020-02-23T23:45:12'", true],
    ['A = ARRAY[10, 20, NULL]', true],
    ['ST->X < D', false],
  ]);
});

test('CASE computes only what it needs', () => {
  check([
    ['CASE WHEN J = 2 THEN I ELSE I / 0 END', 7],
    ['CASE J WHEN 1 THEN 10 WHEN 2 THEN 20 END', 20],
    ['CASE WHEN NB THEN 1 END', null],
    ["CASE WHEN B THEN NULL ELSE 'x' END", null],
  ]);
});

test('elements, fields and entries are reached; what is not there is null', () => {
  check([
    ['A[1]', 10],
    ['A[-2]', 20],
    ['A[0]', null],
    ['A[9]', null],
    ["M['k']", 1],
    ["M['x']", null],
    ['ST->Y->Z', 'deep'],
    ['ARRAY[I, N]', [7, null]],
    ["MAP('a' := I)", new Map([['a', 7]])],
    ['STRUCT(a := I, b := N)', [7, null]],
  ]);
});

test('LIKE knows %, _ and an escape', () => {
  check([
    ["S LIKE 'h%o'", true],
    ["S LIKE 'h_llo'", true],
    ["S LIKE 'h_o'", false],
    ["S NOT LIKE '%z%'", true],
    ["'50%' LIKE '50!%' ESCAPE '!'", true],
    ["'505' LIKE '50!%' ESCAPE '!'", false],
    ["'' LIKE '%'", true],
    ["'a\nb' LIKE 'a%b'", true],
    ["'😀' LIKE '_'", true],
    ["'😀' LIKE '__'", false],
    ["'x😀y' LIKE '%_y'", true],
    ["'a!' LIKE 'a!!' ESCAPE '!'", true],
    [
      "S LIKE 'h!' ESCAPE '!'",
      'error: The LIKE pattern ends with its escape character, which must stand before another one.',
    ],
  ]);
});

test('a hostile LIKE pattern takes no exponential time', () => {
  const text = 'a'.repeat(3000);
  assert.equal(evaluateText(`S LIKE '${'%a'.repeat(200)}b'`, { S: ['STRING', text] }), false);
});

test('|| joins what is there', () => {
  check([
    ["S || NULL || '!'", 'hello!'],
    ['S || CAST(N AS STRING)', 'hello'],
    ['CAST(N AS STRING) || CAST(N AS STRING)', ''],
    ['CAST(N AS STRING) + S', null],
    ["CAST('AQI=' AS BYTES) || CAST('Aw==' AS BYTES)", Buffer.from([1, 2, 3])],
  ]);
});

test('a CAST, an element and a call in a call that fail are null where they stand', () => {
  const cases: readonly (readonly [text: string, value: SqlValue, errors: number])[] = [
    ['COALESCE(CAST(S AS INTEGER), 0)', 0, 1],
    ['CAST(S AS INTEGER) IS NULL', true, 1],
    ['NOT (CAST(S AS INTEGER) > 5)', true, 1],
    ['CAST(S AS INTEGER) + 1', null, 1],
    ['CAST(CAST(I / 0 AS STRING) AS INTEGER)', null, 1],
    ["COALESCE(PARSE_DATE(S, 'yyyy'), CAST('1970-01-02' AS DATE))", 1, 1],
    ['COALESCE(ABS(I / 0), I)', 7, 1],
    ["COALESCE(SPLIT(SUBSTRING(FORMAT_DATE(PARSE_DATE(S, 'yyyy'), 'yyyy'), 1), ',')[1], S)", 'hello', 1],
    ["UCASE(FORMAT_TIME(PARSE_TIME(S, 'HH'), 'HH')) || 'x'", 'x', 1],
    ['ARRAY[I / 0, CAST(S AS INTEGER), 1]', [null, null, 1], 2],
    ["TRANSFORM(ARRAY[S, '7'], x => CAST(x AS INTEGER))", [null, 7], 1],
    ['COALESCE(I / 0, 5)', null, 1],
    ['(I / 0) IS NULL', null, 1],
  ];
  const row = Object.values(ROW).map(([, value]) => value);
  for (const [text, value, errors] of cases) {
    const seen: string[] = [];
    const run = compileExpression(analyseText(text, ROW), (error) => seen.push(error.message));
    assert.deepEqual([run(row), seen.length], [value, errors], text);
  }
  const off = { nowMs: () => 0, random: () => 0, properties: { 'ksql.nested.error.set.null': 'false' } };
  for (const text of [
    'COALESCE(CAST(S AS INTEGER), 0)',
    "COALESCE(PARSE_DATE(S, 'yyyy'), PARSE_DATE('1', 'd'))",
  ])
    assert.equal(compileExpression(analyseText(text, ROW), () => {}, off)(row), null, text);
});

test('an error empties its own column only', () => {
  const errors: string[] = [];
  const project = compileProjection(
    ['I / 0', 'I + 1', 'S'].map((text) => analyseText(text, ROW)),
    (error) => errors.push(error.message),
  );
  const row = Object.values(ROW).map(([, value]) => value);
  assert.deepEqual(project(row), [null, 8, 'hello']);
  assert.deepEqual(errors, ['division by zero']);
});

test('a predicate is true or it is not', () => {
  const row = Object.values(ROW).map(([, value]) => value);
  const cases: readonly (readonly [string, boolean])[] = [
    ['NB', false],
    ['NB OR B', true],
    ['I / 0 = 1', false],
    ['B AND I = 7', true],
    ['NOT NB', false],
  ];
  for (const [text, expected] of cases) {
    assert.equal(compilePredicate(analyseText(text, ROW), () => {})(row), expected, text);
  }
});

test('no text of the user becomes source', () => {
  const nasty = `'"); process.exit(9); ("`;
  const text = `S || '${nasty.replaceAll("'", "''")}'`;
  assert.equal(evaluateText(text, ROW), `hello${nasty}`);
  assert.ok(!explainSource([analyseText(text, ROW)]).includes('exit'));
});

test('type errors say where, what and why', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['I +   S', /line 1:3: .*no arithmetic of INTEGER and STRING/],
    ['B AND I', /line 1:7: AND needs a BOOLEAN but I is INTEGER/],
    ["I = '7'", /line 1:3: I = '7' compares INTEGER with STRING, which are never equal/],
    ["I IN (1, 'x')", /line 1:10: 'x' is no INTEGER/],
    ['A < A', /line 1:3: A < A compares ARRAY<INTEGER> with .* have no order/],
    ['I IN (1, B)', /line 1:10: IN compares values of one type: B is BOOLEAN among INTEGER/],
    ['CASE WHEN B THEN 1 ELSE S END', /All results of a CASE have one type: S is STRING among INTEGER/],
    ['ARRAY[1, B]', /line 1:10: B is BOOLEAN, and cannot stand beside INTEGER/],
    ["MAP('a' := 1, 'b' := B)", /B is BOOLEAN, and cannot stand beside INTEGER/],
    ["A['x']", /A is looked up by INTEGER, and 'x' is STRING/],
    ['I = NULL', /Use IS NULL/],
    ['ST->XX', /no field XX.*Did you mean 'X'\?/],
    ['CAST(A AS INTEGER)', /ARRAY<INTEGER> cannot be cast to INTEGER/],
    ['CAST(I AS INTEGR)', /line 1:11: .*INTEGR.*Did you mean 'INTEGER'\?/],
    ['LENN(S)', /line 1:1: There is no function LENN\. Did you mean 'LEN'\?/],
    ['LEN(I)', /LEN takes no arguments of \(INTEGER\)\. It can be called as:\nLEN\(STRING\)/],
    ['SUM(I)', /Aggregate function SUM can only be used/],
    ['TRANSFORM(A, x => x || 1)', /line 1:19: \|\| joins STRINGs or BYTES but X is INTEGER/],
    ['I[1]', /\[\] takes an element of an ARRAY or a MAP, and I is INTEGER/],
    ['9223372036854775808', /9223372036854775808 is beyond the numbers of BIGINT/],
    ['1E999', /1E999 is beyond the numbers of DOUBLE/],
  ];
  for (const [text, expected] of cases) assert.throws(() => analyseText(text, ROW), expected, text);
});
