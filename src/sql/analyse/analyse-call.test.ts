import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatType } from '../../data/type-text.ts';
import type { SqlValue } from '../../data/types.ts';
import { compileExpression } from '../compile.ts';
import { analyseText, type Cells, evaluateText } from '../expression-test-kit.ts';

const ROW: Cells = {
  DAY: ['DATE', 100],
  AT: ['TIMESTAMP', 5],
  PRICE: ['DECIMAL(5, 2)', 1250n],
  N: ['INTEGER', 3],
};

test('text beside a value of any type becomes that type', () => {
  const cases: readonly (readonly [text: string, type: string, value: SqlValue])[] = [
    ["GREATEST(day, '1970-01-02')", 'DATE', 100],
    ["LEAST('1970-01-02', NULL, day)", 'DATE', 1],
    ["COALESCE(CAST(NULL AS TIMESTAMP), at, '1970-01-01T00:00:01')", 'TIMESTAMP', 5],
    ["IFNULL(n, '7')", 'INTEGER', 3],
    ["GREATEST('a', 'b')", 'STRING', 'b'],
    ['COALESCE(n, 2.5)', 'DECIMAL(11, 1)', 30n],
    ['ROUND(price)', 'DECIMAL(3, 0)', 13n],
  ];
  for (const [text, type, value] of cases) {
    assert.equal(formatType(analyseText(text, ROW).type), type, text);
    assert.deepEqual(evaluateText(text, ROW), value, text);
  }
});

test('calls that fit no variant', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    'GREATEST(NULL, NULL)': /GREATEST takes no arguments of \(null, null\)\. It can be called/,
    "GREATEST(n, 'three')": /'three' is no INTEGER\./,
    'GREATEST(n, CAST(2 AS BIGINT))': /More than one form of GREATEST fits arguments of \(INTEGER,/,
    'GREATEST(n, day)': /GREATEST takes no arguments of \(INTEGER, DATE\)\. It can be/,
    "LPAD('a', '5', ' ')": /LPAD takes no arguments of \(STRING, STRING, STRING\)\. It can be/,
  };
  for (const [text, message] of Object.entries(cases))
    assert.throws(() => analyseText(text, ROW), message, text);
});

test('an element that cannot be computed is null and leaves the others alone', () => {
  const row: Cells = { N: ['INTEGER', 0], S: ['STRING', 'seven'] };
  const cases: Readonly<Record<string, SqlValue>> = {
    'ARRAY[1, 10 / n, 3]': [1, null, 3],
    'STRUCT(A := 1, B := CAST(s AS INT))': [1, null],
    "MAP('a' := 10 / n, 'b' := 2)": new Map([
      ['a', null],
      ['b', 2],
    ]),
    'ARRAY[ARRAY[n], ARRAY[1 % n]]': [[0], [null]],
  };
  for (const [text, value] of Object.entries(cases)) assert.deepEqual(computed(text, row), value, text);
});

/** `evaluateText` shows an error in place of the value; here the value is looked at. */
function computed(text: string, cells: Cells): SqlValue {
  const run = compileExpression(analyseText(text, cells), () => {});
  return run(Object.values(cells).map(([, value]) => value));
}
