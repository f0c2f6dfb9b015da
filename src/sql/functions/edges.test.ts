// Nulls, ends and errors: what functions give where one could expect several things.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlValue } from '../../data/types.ts';
import { evaluateText, typeText } from '../expression-test-kit.ts';
import { describeFunction, describeFunctions } from './describe.ts';

function check(cases: Readonly<Record<string, SqlValue>>): void {
  for (const [text, expected] of Object.entries(cases))
    assert.deepEqual(evaluateText(text.replaceAll(/\bNS\b/g, 'CAST(NULL AS STRING)')), expected, text);
}

test('a null text', () => {
  check({
    'UCASE(NS)': null,
    'LEN(NS)': null,
    "INSTR(NS, 'a')": 0,
    "INSTR('a', NS)": 0,
    "INSTR('a', 'a', CAST(NULL AS INT))": null,
    "FIELD(NS, 'a')": 0,
    "FIELD('a', 'b', NS, 'a')": 3,
    "ELT(2, 'a', NS)": null,
    "CONCAT_WS(',', 'a', NS, 'b')": 'a,b',
    "CONCAT_WS(NS, 'a')": null,
    'IS_JSON_STRING(NS)': false,
    'TO_JSON_STRING(NS)': 'null',
    "REGEXP_EXTRACT_ALL(NS, 'a')": null,
    'MD5(NS)': null,
  });
});

test('nulls in lists and maps', () => {
  check({
    'ARRAY_LENGTH(CAST(NULL AS ARRAY<INT>))': null,
    "ARRAY_JOIN(ARRAY[1, NULL, 2], '-')": '1-null-2',
    'ARRAY_MAX(ARRAY[CAST(NULL AS INT)])': null,
    'ARRAY_DISTINCT(ARRAY[1, NULL, 1, NULL])': [1, null],
    'ARRAY_UNION(ARRAY[1, NULL], ARRAY[NULL, 2])': [1, null, 2],
    'ARRAY_INTERSECT(ARRAY[1, NULL], ARRAY[NULL, 2])': [null],
    'ARRAY_REMOVE(ARRAY[1, NULL], CAST(NULL AS INT))': [1],
    'ARRAY_CONTAINS(ARRAY[1, NULL], CAST(NULL AS INT))': true,
    "MAP_UNION(MAP('a' := 1), CAST(NULL AS MAP<STRING, INT>))": new Map([['a', 1]]) as SqlValue,
    "AS_MAP(ARRAY['a', 'b'], ARRAY[1])": new Map<SqlValue, SqlValue>([
      ['a', 1],
      ['b', null],
    ]) as SqlValue,
  });
});

test('positions before the beginning and behind the end', () => {
  check({
    "SUBSTRING('abc', 0)": 'abc',
    "SUBSTRING('abc', -5)": 'abc',
    "SUBSTRING('abc', 2, -1)": '',
    "LPAD('abc', -1, 'x')": null,
    'SLICE(ARRAY[1, 2, 3], 1, 3)': [1, 2, 3],
    'SLICE(ARRAY[1, 2, 3], 2, 1)': [],
    'SLICE(ARRAY[1, 2, 3], 0, 2)': null,
    'SLICE(ARRAY[1, 2, 3], 2, 4)': null,
    'SLICE(ARRAY[1, 2, 3], NULL, 2)': [1, 2],
    'SLICE(ARRAY[1, 2, 3], 2, NULL)': [2, 3],
    'GENERATE_SERIES(3, 1)': [3, 2, 1],
    "INSTR('abcabc', 'bc', -1, 2)": 2,
    "INSTR('banana', 'an', -2)": 4,
    "INSTR('banana', 'an', -3)": 2,
    "INSTR('banana', 'n', -2)": 5,
    "INSTR('banana', 'ana', 1, 2)": 4,
    "INSTR('banana', 'b', 0)": 0,
    "INSTR('banana', 'a', 7)": 0,
    "INSTR('banana', 'a', -7)": 0,
    "INSTR('banana', 'a', 1, 0)": 0,
    "ELT(0, 'a')": null,
    'CHR(-1)': null,
    "SPLIT('a,b,', ',')": ['a', 'b', ''],
    "SPLIT('', 'a')": [''],
    "SPLIT_TO_MAP('a=1&b', '&', '=')": new Map([['a', '1']]) as SqlValue,
    "SPLIT_TO_MAP('a=1&&a=2=3&=4', '&', '=')": new Map([
      ['a', '2'],
      ['', '4'],
    ]) as SqlValue,
    "SPLIT_TO_MAP('a=1', '=', '=')": null,
    "SPLIT('a.b|c', '|')": ['a.b', 'c'],
    "SPLIT('a.b', '.')": ['a', 'b'],
    "SPLIT('abc', '')": ['a', 'b', 'c'],
    "REGEXP_EXTRACT('a(b)', 'ab', 2)": null,
  });
});

test('numbers at their ends', () => {
  check({
    'ABS(-9223372036854775808)': -9223372036854775808n,
    'ROUND(-2.5)': -2n,
    'ROUND(-2.51)': -3n,
    'ROUND(-1.25, 1)': -120n,
    'ROUND(1.25, 1)': 130n,
    'ROUND(-1.25E0, 1)': -1.2,
    'ROUND(9007199254740993, -1)': 9007199254740990,
    'TRUNC(9007199254740995, -1)': 9007199254740990,
    'LOG(1, 8)': Number.NaN,
    'LOG(0, 8)': Number.NaN,
    'LOG(-2, 8)': Number.NaN,
    'LOG(2, 0)': Number.NEGATIVE_INFINITY,
    'ABS(CAST(-2147483648 AS INT))': -2147483648,
    'LN(0)': Number.NEGATIVE_INFINITY,
    'SQRT(-1)': Number.NaN,
    'COT(0)': Number.POSITIVE_INFINITY,
    'ROUND(15, -1)': 20,
    'TRUNC(-1.567E0)': -1,
    'SIGN(-0.5E0)': -1,
  });
  assert.equal(typeText('ROUND(1.567, 1)'), 'DECIMAL(4, 3)');
});

test('blanks and letters', () => {
  check({
    "INITCAP('  the  ÉCOLE of_art\tx')": 'The  École Of_art\tX',
    "TRIM('\t a b \n')": 'a b',
    "TRIM('\u00a0a\u2003')": '\u00a0a\u2003',
    "CHR('\\u00e9t\\u0065')": 'éte',
    "CHR('\\ud83d\\ude00')": '😀',
    "CHR('\\u0041\\n')": 'A\n',
    "CHR('\\u41')": null,
    "CHR('A')": null,
    'CHR(128512)': '😀',
    "REPLACE('abc', '', '-')": '-a-b-c-',
    "REPLACE('aaa', 'aa', '$&')": '$&a',
    "ARRAY_JOIN(ARRAY['a', NULL], CAST(NULL AS STRING))": 'anull',
    "ARRAY_JOIN(CAST(NULL AS ARRAY<STRING>), ',')": null,
    "GEO_DISTANCE(0, 0, 0, 1, 'mi') = GEO_DISTANCE(0, 0, 0, 1, ' Miles ')": true,
    "GEO_DISTANCE(0, 0, 0, 1, '') = GEO_DISTANCE(0, 0, 0, 1, 'kilometre')": true,
  });
});

test('what cannot be is an error', () => {
  const errors: Readonly<Record<string, RegExp>> = {
    'GENERATE_SERIES(1, 3, 0)': /the step cannot be zero/,
    "MASK_RIGHT('Ab1', -1)": /not -1/,
    "MASK('Ab1', 'XX', 'x', 'n', '-')": /one character, not 'XX'/,
    'SLICE(ARRAY[1, 2, 3], 3, 1)': /position 3 lies behind 1/,
    "CHR('\\u00zz')": /four hex digits/,
    "URL_DECODE_PARAM('100%')": /two hex digits must follow %/,
    "INT_FROM_BYTES(TO_BYTES('00', 'hex'))": /Expected 4 bytes but got 1/,
    "URL_EXTRACT_HOST('not a url')": /is not a URL/,
    "REGEXP_EXTRACT('(', 'a')": /is no regular expression/,
  };
  for (const [text, message] of Object.entries(errors))
    assert.match(String(evaluateText(text)), message, text);
});

test('every function says what it does, what it takes and what it gives', () => {
  const all = describeFunctions();
  assert.ok(all.length >= 149, String(all.length));
  for (const { name, description, variants } of all) {
    assert.ok(description.endsWith('.') && description.length >= 10, name);
    assert.ok(variants.length > 0, name);
    for (const { arguments: args, returnType } of variants) {
      assert.equal(new Set(args.map((argument) => argument.name)).size, args.length, name);
      assert.ok(returnType.length > 0, name);
    }
  }
  assert.equal(describeFunction('explode')?.variants[0]?.returnType, 'T');
});
