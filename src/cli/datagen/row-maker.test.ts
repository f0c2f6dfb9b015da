import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SeededRandom } from '../../base/seeded-random.ts';
import type { SqlValue } from '../../data/types.ts';
import { SettingsError } from '../settings-error.ts';
import { QUICKSTARTS } from './quickstarts.ts';
import { textOfRegex } from './regex-text.ts';
import { rowMaker } from './row-maker.ts';

/** Values of a record's only field, of this type. */
function values(type: unknown, count: number): SqlValue[] {
  const maker = rowMaker(JSON.stringify({ type: 'record', name: 'r', fields: [{ name: 'f', type }] }));
  const random = new SeededRandom(7);
  return Array.from({ length: count }, () => maker.next(random)[0]!);
}

const having = (type: string, properties: object) => ({ type, 'arg.properties': properties });
const isWithin = (min: number, max: number) => (value: SqlValue) =>
  (value as number) >= min && (value as number) < max;

describe('a value', () => {
  const sequences: readonly [type: unknown, expected: SqlValue[]][] = [
    [having('long', { iteration: { start: 1, step: 10 } }), [1, 11, 21, 31]],
    [having('int', { iteration: { start: 0, restart: 3 } }), [0, 1, 2, 0]],
    [having('int', { iteration: { start: 0, restart: 5, step: 2, initial: 3 } }), [3, 0, 2, 4]],
    [having('int', { iteration: { start: 2, restart: 0 } }), [2, 1, 2, 1]],
    [having('double', { iteration: { start: 0.5, step: 0.5 } }), [0.5, 1, 1.5, 2]],
    [having('boolean', { iteration: { start: true } }), [true, false, true, false]],
    [having('string', { options: ['a'] }), ['a', 'a', 'a', 'a']],
    [having('string', { options: ['a'], prefix: 'x' }), ['a', 'a', 'a', 'a']],
    [having('string', { regex: 'b', prefix: 'a', suffix: 'c' }), ['abc', 'abc', 'abc', 'abc']],
    [{ type: { type: 'string', 'arg.properties': { regex: 'b' } } }, ['b', 'b', 'b', 'b']],
    ['null', []],
  ];
  for (const [type, expected] of sequences.slice(0, -1))
    it(`follows ${JSON.stringify(type)}`, () => assert.deepEqual(values(type, 4), expected));

  const kinds: readonly [type: unknown, fits: (value: SqlValue) => boolean][] = [
    [having('int', { range: { min: 3, max: 6 } }), isWithin(3, 6)],
    [having('long', { range: { min: '-5', max: 0 } }), isWithin(-5, 0)],
    [having('double', { range: { min: 1, max: 2 } }), isWithin(1, 2)],
    [
      { type: 'long', logicalType: 'timestamp-millis', 'arg.properties': { options: [5] } },
      (value) => value === 5,
    ],
    [having('string', { length: 4 }), (value) => /^[a-zA-Z]{4}$/.test(value as string)],
    [having('string', { length: { min: 1, max: 3 } }), (value) => [1, 2].includes((value as string).length)],
    [having('bytes', { length: 2 }), (value) => (value as Uint8Array).length === 2],
    [{ type: 'fixed', name: 'x', size: 3 }, (value) => (value as Uint8Array).length === 3],
    [{ type: 'enum', name: 'e', symbols: ['A', 'B'] }, (value) => value === 'A' || value === 'B'],
    [['null', having('int', { options: [1] })], (value) => value === null || value === 1],
    [['int', 'string'], (value) => (value as SqlValue[]).filter((branch) => branch !== null).length === 1],
    [
      { type: 'array', items: 'int', 'arg.properties': { length: 2 } },
      (value) => (value as SqlValue[]).length === 2,
    ],
    [
      { type: 'map', values: 'int', 'arg.properties': { length: 1, keys: { regex: 'k' } } },
      (value) => (value as Map<SqlValue, SqlValue>).has('k'),
    ],
    [
      {
        type: 'bytes',
        logicalType: 'decimal',
        precision: 4,
        scale: 2,
        'arg.properties': { range: { min: 1, max: 2 } },
      },
      (value) => (value as bigint) >= 100n && (value as bigint) < 200n,
    ],
    [
      {
        type: 'record',
        name: 'point',
        fields: [
          { name: 'x', type: 'int' },
          { name: 'y', type: 'string' },
        ],
        'arg.properties': { options: [{ x: 1, y: 'one' }] },
      },
      (value) => JSON.stringify(value) === '[1,"one"]',
    ],
  ];
  for (const [type, fits] of kinds)
    it(`is one of ${JSON.stringify(type)}`, () => {
      for (const value of values(type, 100)) assert.ok(fits(value), String(value));
    });

  it('is made of a named type again', () => {
    const fields = [
      { name: 'a', type: { type: 'enum', name: 'e', symbols: ['A'] } },
      { name: 'b', type: 'n.e' },
    ];
    const maker = rowMaker(JSON.stringify({ type: 'record', name: 'r', namespace: 'n', fields }));
    assert.deepEqual(maker.next(new SeededRandom(1)), ['A', 'A']);
  });

  const wrong: readonly [type: unknown, message: RegExp][] = [
    [having('int', { options: ['a'] }), /field f: the option "a" does not fit/],
    [having('int', { options: [] }), /at least one value/],
    [having('int', { range: { min: 2, max: 1 } }), /range/],
    [having('int', { range: { min: 'x' } }), /"x" is no number/],
    [having('string', { regex: '(a' }), /regex '\(a' has a \( without its \)/],
    [having('string', { length: -1 }), /length/],
    [having('int', { iteration: { start: 0, step: 0 } }), /leads nowhere/],
  ];
  for (const [type, message] of wrong)
    it(`is refused for ${JSON.stringify(type)}`, () =>
      assert.throws(
        () => values(type, 1),
        (error) => error instanceof SettingsError && message.test(error.message),
      ));
});

describe('a regex', () => {
  for (const regex of [
    'User_[1-9]',
    '[a-zA-Z0-9_.-]{3,8}@example\\.(com|org)',
    '\\d{3}-\\d+',
    '(a|bc|)(?:d|e)?f*',
    '[^a-z]{5}',
    '^\\w+\\s\\S$',
    '.{2,}?',
    '[\\]\\-x]{4}',
    'x{,2}',
    '(?<year>20\\d\\d)',
  ])
    it(`${regex} matches what is made of it`, () => {
      const [make, check] = [textOfRegex(regex), new RegExp(`^(?:${regex})$`)];
      const random = new SeededRandom(3);
      for (let n = 0; n < 300; n++) assert.match(make(random), check);
    });

  for (const regex of ['a)', '(a', '[a', '*a', '(?=a)', '(a)\\1', 'a{3,1}', '\\'])
    it(`${regex} is refused`, () => assert.throws(() => textOfRegex(regex), SettingsError));
});

describe('a quickstart', () => {
  for (const [name, { key, schema }] of Object.entries(QUICKSTARTS))
    it(`${name} has its key among its fields, and the same rows for the same seed`, () => {
      const rows = () => {
        const [maker, random] = [rowMaker(JSON.stringify(schema)), new SeededRandom(5)];
        assert.ok(maker.columns.some((column) => column.name === key));
        return Array.from({ length: 50 }, () => maker.next(random));
      };
      assert.deepEqual(rows(), rows());
    });
});
