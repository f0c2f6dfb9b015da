import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatDouble, parseDouble } from './java-double.ts';
import { formatDate, formatTime, formatTimestamp, parseDate, parseTime, parseTimestamp } from './time.ts';
import { formatType } from './type-text.ts';
import { valueToText } from './value-text.ts';

test('DOUBLE prints as Java prints it', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0.0'],
    [-0, '-0.0'],
    [1, '1.0'],
    [0.1, '0.1'],
    [0.001, '0.001'],
    [0.0001, '1.0E-4'],
    [9999999, '9999999.0'],
    [1e7, '1.0E7'],
    [12345678.9, '1.23456789E7'],
    [1e10, '1.0E10'],
    [-1.5e300, '-1.5E300'],
    [Number.NaN, 'NaN'],
    [-Infinity, '-Infinity'],
  ];
  for (const [value, text] of cases) assert.equal(formatDouble(value), text);
});

test('every DOUBLE reads back as itself', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true }), (value) => Object.is(parseDouble(formatDouble(value)), value)),
  );
});

test('what is no number is refused', () => {
  for (const text of ['', 'abc', '1,5', '0x10', '1e'])
    assert.throws(() => parseDouble(text), RangeError, text);
});

test('dates and times read back what they print', () => {
  const ms = fc.integer({ min: Date.UTC(1, 0), max: Date.UTC(9999, 11, 31) });
  fc.assert(fc.property(ms, (value) => parseTimestamp(formatTimestamp(value)) === value));
  fc.assert(
    fc.property(fc.integer({ min: -700_000, max: 2_900_000 }), (day) => parseDate(formatDate(day)) === day),
  );
  fc.assert(fc.property(fc.nat(86_399_999), (value) => parseTime(formatTime(value)) === value));
  fc.assert(
    fc.property(ms, (value) => formatTimestamp(value) === new Date(value).toISOString().slice(-24, -1)),
  );
});

test('times may be shortened and carry a zone', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['2021', '2021-01-01T00:00:00.000'],
    ['2021-03', '2021-03-01T00:00:00.000'],
    ['2021-03-04T05', '2021-03-04T05:00:00.000'],
    ['2021-03-04 05:06', '2021-03-04T05:06:00.000'],
    ['2021-03-04T05:06:07.8', '2021-03-04T05:06:07.800'],
    ['2021-03-04T05:06:07Z', '2021-03-04T05:06:07.000'],
    ['2021-03-04T05:06:07+0130', '2021-03-04T03:36:07.000'],
    ['2021-03-04T24', '2021-03-05T00:00:00.000'],
  ];
  for (const [text, shown] of cases) assert.equal(formatTimestamp(parseTimestamp(text)), shown, text);
  for (const text of ['', '2021-13-01', '2021-02-29', '2021-01-01T25:00', '2021-01-01T24:01', 'yesterday']) {
    assert.throws(() => parseTimestamp(text), RangeError, text);
  }
});

test('TIME leaves out what is zero at its end', () => {
  assert.equal(formatTime(0), '00:00');
  assert.equal(formatTime(61_000), '00:01:01');
  assert.equal(formatTime(61_005), '00:01:01.005');
});

test('types print in the form clients parse', () => {
  assert.equal(formatType({ kind: 'ARRAY', element: { kind: 'INTEGER' } }), 'ARRAY<INTEGER>');
  assert.equal(
    formatType({ kind: 'MAP', key: { kind: 'STRING' }, value: { kind: 'DECIMAL', precision: 5, scale: 2 } }),
    'MAP<STRING, DECIMAL(5, 2)>',
  );
  assert.equal(
    formatType({ kind: 'STRUCT', fields: [{ name: 'a`b', type: { kind: 'STRING' } }] }),
    'STRUCT<`a``b` STRING>',
  );
});

test('collections print as Java prints them', () => {
  const struct = {
    kind: 'STRUCT',
    fields: [
      { name: 'A', type: { kind: 'DOUBLE' } },
      { name: 'B', type: { kind: 'STRING' } },
    ],
  } as const;
  assert.equal(
    valueToText({ kind: 'ARRAY', element: { kind: 'BIGINT' } })([1, null, 2n ** 60n]),
    `[1, null, ${2n ** 60n}]`,
  );
  assert.equal(
    valueToText({ kind: 'MAP', key: { kind: 'STRING' }, value: { kind: 'INTEGER' } })(new Map([['k', 1]])),
    '{k=1}',
  );
  assert.equal(valueToText(struct)([1, null]), 'Struct{A=1.0}');
});
