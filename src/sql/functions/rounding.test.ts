import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlValue } from '../../data/types.ts';
import { evaluateText } from '../expression-test-kit.ts';

function check(cases: readonly (readonly [text: string, expected: SqlValue])[]): void {
  for (const [text, expected] of cases) assert.deepEqual(evaluateText(text), expected, text);
}

test('rounding keeps what is exact already', () => {
  check([
    ['ROUND(0.49999999999999994E0)', 0],
    ['ROUND(4503599627370497.0E0)', 4503599627370497],
    ['ROUND(-548.3161232732465E0, 13)', -548.3161232732465],
    ['ROUND(4477.646407574158E0, 13)', 4477.646407574158],
    ['ROUND(4477.646407574158E0, 3)', 4477.646],
    ['ROUND(2.5E-7, 7)', 3e-7],
    ['ROUND(1E30, 2)', 1e30],
    ['ROUND(1250E0, -2)', 1300],
    ['TRUNC(-1.999E0, 2)', -1.99],
    ['TRUNC(4477.646407574158E0, 12)', 4477.646407574158],
  ]);
});

test('names of zones, and letters in either case', () => {
  const summer = "FROM_UNIXTIME(CAST('1526075913000' AS BIGINT))";
  check([
    [`FORMAT_TIMESTAMP(${summer}, 'HH:mm z', 'America/Los_Angeles')`, '14:58 PDT'],
    [`FORMAT_TIMESTAMP(${summer}, 'HH:mm z', 'Europe/London')`, '22:58 BST'],
    [`FORMAT_TIMESTAMP(${summer}, 'HH:mm zzzz', 'Europe/Paris')`, '23:58 Central European Summer Time'],
    [`FORMAT_TIMESTAMP(${summer}, 'HH:mm VV', 'Europe/Paris')`, '23:58 Europe/Paris'],
    [`FORMAT_TIMESTAMP(${summer}, 'HH:mm z', 'UTC')`, '21:58 UTC'],
    [`FORMAT_TIMESTAMP(${summer}, 'HH:mm z')`, '21:58 GMT'],
    ["PARSE_TIMESTAMP('2018-05-11t21:58:33z', 'yyyy-MM-dd''T''HH:mm:ssX')", 1526075913000],
  ]);
});
