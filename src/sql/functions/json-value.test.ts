import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlValue } from '../../data/types.ts';
import { evaluateText } from '../expression-test-kit.ts';
import { readJson, writeJson } from './json-value.ts';

function check(cases: Readonly<Record<string, SqlValue>>): void {
  for (const [text, expected] of Object.entries(cases)) assert.deepEqual(evaluateText(text), expected, text);
}

test('JSON is written as it was read, but for blanks', () => {
  const same = [
    ...['null', 'true', '0', '-1', '12345678901234567890', '1.50', '"a\\"\\\\b\\u0001"', '""', '[]', '{}'],
    ...['{"b":1,"1":2,"a":{"__proto__":[null,[]]}}', '["é","😀"]'],
  ];
  for (const text of same) assert.equal(writeJson(readJson(text)!), text, text);
  const changed = {
    ' { "a" : [ 1 ,\t2 ] } ': '{"a":[1,2]}',
    '{"a":1,"b":2,"a":3}': '{"a":3,"b":2}',
    '1e3': '1E+3',
    '1.5E-10': '1.5E-10',
    '0.0000001': '1E-7',
    '123.4e1': '1234',
    '-0': '0',
    '-0.0': '0.0',
    '"\\u00e9\\/"': '"é/"',
  };
  for (const [text, expected] of Object.entries(changed))
    assert.equal(writeJson(readJson(text)!), expected, text);
});

test('what stands behind the first value does not matter, unless it runs on', () => {
  for (const text of ['{"a":1} {', '[1] x', '"a"b', 'true false', '1 2'])
    assert.ok(readJson(text) !== undefined, text);
  const none = [
    '',
    ' ',
    'abc',
    '01',
    '1.',
    '.5',
    '+1',
    '-',
    'truex',
    '1a',
    '1,2',
    'NaN',
    "'a'",
    '"a',
    '"\t"',
    '"\\x"',
  ];
  for (const text of [...none, '{', '[1', '[1,]', '{"a":1,}', '{a:1}', '{"a" 1}', '['.repeat(2000)])
    assert.equal(readJson(text), undefined, text);
});

test('functions of JSON keep digits and the order of names', () => {
  check({
    'EXTRACTJSONFIELD(\'{"a": {"b": [1.0, 12345678901234567890]}}\', \'$.a\')':
      '{"b":[1.0,12345678901234567890]}',
    'EXTRACTJSONFIELD(\'{"a b": {"c\\"d": 1}}\', \'$["a b"]["c\\"d"]\')': '1',
    'EXTRACTJSONFIELD(\'{"a": [10, 20]}\', \'$["a"][1]\')': '20',
    "EXTRACTJSONFIELD('[[1, 2]]', '$[0][1]')": '2',
    "EXTRACTJSONFIELD('{\"a\": [1]}', '$.a.b')": null,
    "EXTRACTJSONFIELD('{\"a\": [1]}', '$.a[1]')": null,
    "EXTRACTJSONFIELD('{\"a\": null}', '$.a')": 'null',
    "EXTRACTJSONFIELD('{\"a\": null}', '$.a.b')": null,
    "EXTRACTJSONFIELD('{\"a\": true}', '$.a')": 'true',
    'JSON_ITEMS(\'[1.0, "x", {"a": 1e2}, null]\')': ['1.0', '"x"', '{"a":1E+2}', 'null'],
    'JSON_KEYS(\'{"b": 1, "2": 0, "1": 0}\')': ['b', '2', '1'],
    'JSON_RECORDS(\'{"a": "x", "b": 1.0, "c": null}\')': new Map([
      ['a', 'x'],
      ['b', '1.0'],
      ['c', 'null'],
    ]) as SqlValue,
    'JSON_CONCAT(\'{"a": 1.0, "b": 2}\', \'{"a": 3}\')': '{"a":3,"b":2}',
    "JSON_CONCAT('[1]', '{\"a\": 1.0}', '2')": '[1,{"a":1.0},2]',
    "JSON_CONCAT('null', 'null')": '[null,null]',
    "JSON_CONCAT('1')": '1',
    "JSON_CONCAT('[1]', 'x')": null,
    "JSON_ARRAY_LENGTH('{}')": null,
    'IS_JSON_STRING(\'"a" b\')': true,
    "IS_JSON_STRING('a')": false,
  });
});

test('a value is in a JSON array when it is the same and of its kind', () => {
  check({
    "JSON_ARRAY_CONTAINS('[1, 2]', 2)": true,
    "JSON_ARRAY_CONTAINS('[9007199254740993]', 9007199254740993)": true,
    "JSON_ARRAY_CONTAINS('[9007199254740993]', 9007199254740992)": false,
    'JSON_ARRAY_CONTAINS(\'["2"]\', 2)': false,
    "JSON_ARRAY_CONTAINS('[2]', '2')": false,
    "JSON_ARRAY_CONTAINS('[2.0]', 2)": false,
    "JSON_ARRAY_CONTAINS('[2.0]', 2E0)": true,
    "JSON_ARRAY_CONTAINS('[2]', 2E0)": false,
    "JSON_ARRAY_CONTAINS('[1.50]', 1.5)": true,
    'JSON_ARRAY_CONTAINS(\'["true"]\', true)': false,
    "JSON_ARRAY_CONTAINS('[true]', true)": true,
    "JSON_ARRAY_CONTAINS('[null]', CAST(NULL AS STRING))": true,
    "JSON_ARRAY_CONTAINS('[[1]]', 1)": false,
    'JSON_ARRAY_CONTAINS(\'{"a": 1}\', 1)': false,
    "JSON_ARRAY_CONTAINS('[1', 1)": false,
    'JSON_ARRAY_CONTAINS(CAST(NULL AS STRING), 1)': null,
  });
});

test('fields and keys are written in the order of their names', () => {
  check({
    "TO_JSON_STRING(STRUCT(b := 1, a := STRUCT(z := 'x', y := MAP('2' := 1, '1' := 2))))":
      '{"A":{"Y":{"1":2,"2":1},"Z":"x"},"B":1}',
    'TO_JSON_STRING(ARRAY[STRUCT(b := 1E10, a := 1.50)])': '[{"A":1.50,"B":1.0E10}]',
  });
});
