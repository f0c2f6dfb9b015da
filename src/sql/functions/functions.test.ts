import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SqlValue } from '../../data/types.ts';
import { evaluateText, typeText } from '../expression-test-kit.ts';
import { describeFunction, describeFunctions } from './describe.ts';

function check(cases: Readonly<Record<string, SqlValue>>): void {
  for (const [text, expected] of Object.entries(cases)) assert.deepEqual(evaluateText(text), expected, text);
}

test('string functions', () => {
  check({
    "UCASE('aé')": 'AÉ',
    "SUBSTRING('stream', 2)": 'tream',
    "SUBSTRING('stream', -3, 2)": 'ea',
    "SUBSTRING('stream', 9)": '',
    "LPAD('7', 3, '0')": '007',
    "RPAD('abc', 2, '-')": 'ab',
    "LPAD('7', 3, '')": null,
    "INSTR('banana', 'an')": 2,
    "INSTR('banana', 'an', 1, 2)": 4,
    "INSTR('banana', 'an', -1)": 4,
    "INSTR('banana', 'x')": 0,
    "INITCAP('mill RACE')": 'Mill Race',
    "CONCAT('a', CAST(NULL AS STRING), 'b')": 'ab',
    "CONCAT_WS('-', 'a', NULL, 'b')": 'a-b',
    "REPLACE('a.b.c', '.', '+')": 'a+b+c',
    "SPLIT('a,b', ',')": ['a', 'b'],
    'CHR(9731)': '☃',
    "ELT(2, 'a', 'b')": 'b',
    "FIELD('b', 'a', 'b')": 2,
    "LEN('ab')": 2,
  });
});

test('numbers are rounded as Java rounds them', () => {
  check({
    'ROUND(2.5E0)': 3,
    'ROUND(-2.5E0)': -2,
    'ROUND(1.005E0, 2)': 1.01,
    'ROUND(12.345, 1)': 12300n,
    'ROUND(12.5)': 13n,
    'TRUNC(-1.9E0)': -1,
    'FLOOR(-1.5)': -20n,
    'CEIL(-1.5)': -10n,
    'ABS(-3)': 3,
    'SIGN(-2.5E0)': -1,
    'POWER(2, 10)': 1024,
    'LOG(2, 8)': 3,
    'RANDOM()': 0.25,
  });
});

test('choosing among values', () => {
  check({
    'COALESCE(NULL, 3, 4)': 3,
    'IFNULL(NULL, 1)': 1,
    'NULLIF(1, 1)': null,
    'GREATEST(1, NULL, 3)': 3,
    'LEAST(2.5, 1.0)': 10n,
  });
});

test('arrays and maps', () => {
  check({
    'ARRAY_CONTAINS(ARRAY[1, 2], 2)': true,
    'ARRAY_DISTINCT(ARRAY[2, 1, 2])': [2, 1],
    'ARRAY_SORT(ARRAY[2, NULL, 1])': [1, 2, null],
    "ARRAY_SORT(ARRAY[2, NULL, 1], 'DESC')": [2, 1, null],
    'ARRAY_EXCEPT(ARRAY[1, 2, 3], ARRAY[2])': [1, 3],
    'ARRAY_UNION(ARRAY[1], ARRAY[1, 2])': [1, 2],
    'ARRAY_INTERSECT(ARRAY[1, 2], ARRAY[2, 3])': [2],
    'ARRAY_REMOVE(ARRAY[1, 2, 1], 1)': [2],
    "ARRAY_JOIN(ARRAY[1, 2], ';')": '1;2',
    'ARRAY_MAX(ARRAY[1, 5, NULL])': 5,
    'SLICE(ARRAY[1, 2, 3], 2, 3)': [2, 3],
    'GENERATE_SERIES(1, 7, 3)': [1, 4, 7],
    "MAP_KEYS(MAP('a' := 1))": ['a'],
    "MAP_UNION(MAP('a' := 1), MAP('a' := 2))": new Map([['a', 2]]),
    "AS_MAP(ARRAY['x'], ARRAY[1])": new Map([['x', 1]]),
    "ENTRIES(MAP('b' := 1, 'a' := 2), true)": [
      ['a', 2],
      ['b', 1],
    ],
    "SPLIT_TO_MAP('a=1;b=2', ';', '=')": new Map([
      ['a', '1'],
      ['b', '2'],
    ]),
  });
});

test('JSON text', () => {
  check({
    'EXTRACTJSONFIELD(\'{"a": [{"b": 1.5}]}\', \'$.a[0].b\')': '1.5',
    'EXTRACTJSONFIELD(\'{"a": "x"}\', \'$.a\')': 'x',
    "EXTRACTJSONFIELD('{\"a\": 1}', '$.z')": null,
    "EXTRACTJSONFIELD('no json', '$.a')": null,
    "IS_JSON_STRING('[1]')": true,
    "IS_JSON_STRING('[1')": false,
    "JSON_ARRAY_LENGTH('[1, 2]')": 2,
    'JSON_KEYS(\'{"a": 1}\')': ['a'],
    'JSON_CONCAT(\'{"a": 1}\', \'{"b": 2}\')': '{"a":1,"b":2}',
    "JSON_CONCAT('[1]', '[2]')": '[1,2]',
    'JSON_ITEMS(\'[{"a":1}, 2]\')': ['{"a":1}', '2'],
    "JSON_ARRAY_CONTAINS('[1, \"x\"]', 'x')": true,
    "TO_JSON_STRING(CAST('NaN' AS DOUBLE))": '"NaN"',
    'TO_JSON_STRING(STRUCT(a := 9223372036854775807, b := ARRAY[1.50]))':
      '{"A":9223372036854775807,"B":[1.50]}',
  });
});

test('dates and times', () => {
  check({
    'UNIX_TIMESTAMP()': 1_000_000,
    "UNIX_TIMESTAMP(CAST('1970-01-01T00:00:01' AS TIMESTAMP))": 1000,
    "FORMAT_TIMESTAMP(FROM_UNIXTIME(0), 'yyyy-MM-dd''T''HH:mm:ss.SSSX')": '1970-01-01T00:00:00.000Z',
    "FORMAT_TIMESTAMP(FROM_UNIXTIME(1720000000000), 'EEE d MMM yyyy, h:mm a', 'Europe/Berlin')":
      'Wed 3 Jul 2024, 11:46 AM',
    "PARSE_TIMESTAMP('03/07/2024 11:46', 'dd/MM/yyyy HH:mm', 'Europe/Berlin')": 1_719_999_960_000,
    "PARSE_TIMESTAMP('2024-07-03T09:46:40+0200', 'yyyy-MM-dd''T''HH:mm:ssZ')": 1_719_992_800_000,
    "PARSE_DATE('20240229', 'yyyyMMdd')": 19_782,
    "FORMAT_DATE(FROM_DAYS(19782), 'D yy')": '060 24'.replace('060', '60'),
    "PARSE_TIME('7:05', 'H:mm')": 25_500_000,
    "DATEADD(MONTHS, 1, CAST('2024-01-31' AS DATE))": 19_782,
    "TIMESUB(HOURS, 2, CAST('01:00' AS TIME))": 82_800_000,
    "CONVERT_TZ(FROM_UNIXTIME(0), 'UTC', '+01:30')": 5_400_000,
  });
  assert.match(
    String(evaluateText("PARSE_DATE('x', 'yyyy')")),
    /^error: 'x' does not fit the pattern 'yyyy'/,
  );
  assert.match(String(evaluateText("PARSE_TIMESTAMP('x', 'yyyy')")), /^error: 'x': no yyyy at position 1/);
});

test('patterns and encodings', () => {
  check({
    "REGEXP_EXTRACT('(\\w)=(\\d)', 'a=1', 2)": '1',
    "REGEXP_EXTRACT_ALL('\\d', 'a1b2')": ['1', '2'],
    "REGEXP_REPLACE('a1b2', '\\d', '-')": 'a-b-',
    "REGEXP_SPLIT_TO_ARRAY('a1b2c', '\\d')": ['a', 'b', 'c'],
    "ENCODE('millrace', 'utf8', 'hex')": '6d696c6c72616365',
    "FROM_BYTES(TO_BYTES('aGk=', 'base64'), 'utf8')": 'hi',
    "INT_FROM_BYTES(TO_BYTES('00000102', 'hex'))": 258,
    "INT_FROM_BYTES(TO_BYTES('02010000', 'hex'), 'LITTLE_ENDIAN')": 258,
  });
});

test('arguments widen to the nearest variant', () => {
  assert.equal(typeText('ABS(1)'), 'INTEGER');
  assert.equal(typeText('SQRT(1)'), 'DOUBLE');
  assert.equal(typeText('ABS(1.5)'), 'DECIMAL(2, 1)');
  assert.equal(typeText('ARRAY_CONTAINS(ARRAY[1], 5000000000)'), 'BOOLEAN');
});

test('every function describes itself', () => {
  const all = describeFunctions();
  assert.ok(all.length > 100, `${all.length} functions`);
  for (const { name, description } of all) assert.match(description, /^.{8,}\.$/s, name);
  assert.equal(describeFunction('substring')?.variants[0]?.returnType, 'STRING');
  assert.equal(describeFunction('nothing'), undefined);
});

test('SUBSTRING takes positions as ksqlDB once did where that is set', () => {
  const legacy = { 'ksql.functions.substring.legacy.args': 'true' };
  assert.equal(evaluateText("SUBSTRING('stream', 1, 3)", {}, legacy), 'tr');
  assert.equal(evaluateText("SUBSTRING('stream', 2)", {}, legacy), 'ream');
  assert.match(String(evaluateText("SUBSTRING('stream', 2, 9)", {}, legacy)), /9 is outside of the text/);
});

test('structs are made of the types of arguments', () => {
  assert.equal(typeText("ENTRIES(MAP('a' := 1.5), true)"), 'ARRAY<STRUCT<`K` STRING, `V` DECIMAL(2, 1)>>');
  assert.deepEqual(
    evaluateText("CONCAT_WS(TO_BYTES(',', 'utf8'), TO_BYTES('a', 'utf8'), NULL, TO_BYTES('b', 'utf8'))"),
    Buffer.from('a,b'),
  );
});
