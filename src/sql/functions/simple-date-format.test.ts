// What Java's lenient date parsers give.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simpleDateParser } from './simple-date-format.ts';

test('dates are read leniently', () => {
  const cases: readonly (readonly [pattern: string, text: string, expected: string])[] = [
    ['yyyy-MM-dd', '2024-07-03', '2024-07-03'],
    ['yyyy-MM-dd', '2024-7-3', '2024-07-03'],
    ['yyyy-M-d', '2024-07-03', '2024-07-03'],
    ['yyyy-MM-dd', '2023-02-31', '2023-03-03'],
    ['yyyy-MM-dd', '2023-13-01', '2024-01-01'],
    ['yyyy-MM-dd', '2024-07-03T09:06:00Z', '2024-07-03'],
    ['yyyyMMdd', '20240703', '2024-07-03'],
    ['yyyy', '2024', '2024-01-01'],
    ['yyyy-MM', '2024-07', '2024-07-01'],
    ['MM-dd', '07-03', '1970-07-03'],
    ['dd/MM/yy', '03/07/24', '2024-07-03'],
    ['dd/MM/yy', '03/07/99', '1999-07-03'],
    ['dd/MM/yy', '03/07/1999', '1999-07-03'],
    ['d MMM yyyy', '3 JULY 2024', '2024-07-03'],
    ['EEE, d MMMM yyyy', 'Wednesday, 3 Jul 2024', '2024-07-03'],
    ['yyyy D', '2024 185', '2024-07-03'],
    ["'on' yyyy-MM-dd", 'on 2024-07-03', '2024-07-03'],
    ["yyyy''MM", "2024'07", '2024-07-01'],
    ['yyyy-MM-dd HH', '2024-07-03 00', '2024-07-03'],
  ];
  for (const [pattern, text, expected] of cases)
    assert.equal(simpleDateParser(pattern)(text), Date.parse(expected), `${text} by ${pattern}`);
});

test('what does not fit is refused', () => {
  for (const [pattern, text] of [
    ['yyyy-MM-dd', '2024/07/03'],
    ['yyyy-MM-dd', '2024-07'],
    ['d MMM', '3 Jly'],
    ['yyyy', 'x'],
  ] as const)
    assert.throws(() => simpleDateParser(pattern)(text), RangeError, pattern);
  assert.throws(() => simpleDateParser("yyyy'x"), /quote without end/);
  assert.throws(() => simpleDateParser('yyyy b'), /letter b/);
});
