import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Column } from '../data/schema.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import { columnOf, rowOfTypes, sqlType } from '../testing/serde-arbitraries.ts';
import { encoderOf, SerdeError } from './format.ts';
import { jsonFormat } from './json.ts';

const STRING: SqlType = { kind: 'STRING' };
const INTEGER: SqlType = { kind: 'INTEGER' };
const GAME: SqlType = {
  kind: 'STRUCT',
  fields: [
    { name: 'SCORE', type: INTEGER },
    { name: 'LIVES', type: INTEGER },
  ],
};

function decode(columns: readonly Column[], json: string, used?: readonly number[]): SqlValue[] | false {
  // Neighbours on both sides, as in a batch: a reader that leaves its record would find them.
  const bytes = Buffer.from(`{"A":7${json}9,"A":8}`);
  const end = bytes.length - '9,"A":8}'.length;
  const target: SqlValue[] = ['before', ...columns.map(() => null), 'after'];
  const read = jsonFormat.decoder(columns, { part: 'value', ...(used && { used }) });
  const there = read(bytes, '{"A":7'.length, end, target, 1);
  assert.equal(target.shift(), 'before');
  assert.equal(target.pop(), 'after');
  return there && target;
}

function one(type: SqlType, json: string): SqlValue {
  const row = decode([{ name: 'A', type }], `{"A":${json}}`);
  assert.ok(row);
  return row[0] as SqlValue;
}

describe('JSON into columns', () => {
  const cases: [SqlType, string, SqlValue][] = [
    [{ kind: 'BOOLEAN' }, 'true', true],
    [INTEGER, '-0', 0],
    [INTEGER, '2147483647', 2147483647],
    [INTEGER, '1.9', 1],
    [INTEGER, '"12"', 12],
    [INTEGER, ' null', null],
    [{ kind: 'BIGINT' }, '9007199254740993', 9007199254740993n],
    [{ kind: 'BIGINT' }, '-9223372036854775808', -9223372036854775808n],
    [{ kind: 'BIGINT' }, '9007199254740993.7', 9007199254740993n],
    [{ kind: 'BIGINT' }, '"42"', 42],
    [{ kind: 'BIGINT' }, '1e3', 1000],
    [{ kind: 'DOUBLE' }, '1', 1],
    [{ kind: 'DOUBLE' }, '0.1', 0.1],
    [{ kind: 'DOUBLE' }, '123456789.123456789', 123456789.12345679],
    [{ kind: 'DOUBLE' }, '"NaN"', Number.NaN],
    [{ kind: 'DECIMAL', precision: 4, scale: 2 }, '1.5', 150n],
    [{ kind: 'DECIMAL', precision: 30, scale: 2 }, '1234567890123456789012.25', 123456789012345678901225n],
    [{ kind: 'DECIMAL', precision: 4, scale: 2 }, '"-1.50"', -150n],
    [STRING, '"a\\u00e9\\n"', 'aé\n'],
    [STRING, '"Grüße"', 'Grüße'],
    [STRING, '1.0', '1.0'],
    [STRING, '1e3', '1E+3'],
    [STRING, '{"a":12345678901234567890,"b":0.0000001}', '{"a":12345678901234567890,"b":1E-7}'],
    [STRING, 'true', 'true'],
    [STRING, '{"x":[1.0,"a"], "y":null}', '{"x":[1.0,"a"],"y":null}'],
    [STRING, '["a",1,null,{"b":2}]', '[a, 1, null, {"b":2}]'],
    [{ kind: 'BYTES' }, '"AQI="', Buffer.from([1, 2])],
    [{ kind: 'DATE' }, '19000', 19000],
    [{ kind: 'TIMESTAMP' }, '1700000000000', 1700000000000],
    [{ kind: 'ARRAY', element: INTEGER }, '[1,null,"3"]', [1, null, 3]],
    [
      { kind: 'MAP', key: STRING, value: INTEGER },
      '{"a":1,"__proto__":2}',
      new Map([
        ['a', 1],
        ['__proto__', 2],
      ]),
    ],
    [GAME, '{"lives":3,"SCORE":10,"MORE":[{}]}', [10, 3]],
    [GAME, '{}', [null, null]],
  ];
  for (const [type, json, expected] of cases)
    it(`${type.kind} from ${json}`, () => assert.deepEqual(one(type, json), expected));

  const refused: [SqlType, string][] = [
    [{ kind: 'BOOLEAN' }, '"true"'],
    [INTEGER, '2147483648'],
    [INTEGER, '"1.5"'],
    [INTEGER, 'true'],
    [INTEGER, '01'],
    [INTEGER, '1.'],
    [{ kind: 'BIGINT' }, '9223372036854775808'],
    [{ kind: 'DOUBLE' }, '"x"'],
    [{ kind: 'DECIMAL', precision: 4, scale: 2 }, '1.555'],
    [{ kind: 'DECIMAL', precision: 4, scale: 2 }, '100'],
    [{ kind: 'DECIMAL', precision: 4, scale: 2 }, '1e99999'],
    [{ kind: 'BYTES' }, '"*"'],
    [GAME, '7'],
    [STRING, `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
  ];
  for (const [type, json] of refused)
    it(`${type.kind} refuses ${json.slice(0, 20)}`, () => assert.throws(() => one(type, json), SerdeError));

  it('an exact name wins over another case, whatever the order', () => {
    const columns = [{ name: 'USER', type: STRING }];
    assert.deepEqual(decode(columns, '{"user":"a","USER":"b"}'), ['b']);
    assert.deepEqual(decode(columns, '{"USER":"b","user":"a"}'), ['b']);
    assert.deepEqual(decode(columns, '{"User":"a","user":"b"}'), ['a']);
    assert.deepEqual(decode([{ name: 'user', type: STRING }], '{"USER":"b"}'), [null]);
  });

  it('names of Object.prototype are ordinary', () => {
    const columns = [columnOf('constructor', STRING), columnOf('__proto__', STRING)];
    assert.deepEqual(decode(columns, '{"x":1}'), [null, null]);
    assert.deepEqual(decode(columns, '{"__proto__":"p","constructor":"c"}'), ['c', 'p']);
  });

  it('a whole null is no row', () => assert.equal(decode([{ name: 'A', type: STRING }], ' null '), false));

  it('only used columns are read', () => {
    const columns = [columnOf('A', INTEGER), columnOf('B', STRING)];
    assert.deepEqual(decode(columns, '{"A":"not a number","B":"b"}', [1]), [null, 'b']);
  });

  it('errors name the field and not its content', () => {
    const columns = [{ name: 'GAME', type: GAME }];
    assert.throws(() => decode(columns, '{"GAME":{"SCORE":"secret"}}'), /GAME\.SCORE: /);
    assert.throws(
      () => decode(columns, '{"GAME":secret}'),
      (error: Error) => !error.message.includes('secret'),
    );
  });
});

describe('columns into JSON', () => {
  const cases: [SqlType, SqlValue, string][] = [
    [{ kind: 'DOUBLE' }, 1, '1.0'],
    [{ kind: 'DOUBLE' }, 1e10, '1.0E10'],
    [{ kind: 'DOUBLE' }, Number.NaN, '"NaN"'],
    [{ kind: 'DECIMAL', precision: 4, scale: 2 }, -5n, '-0.05'],
    [{ kind: 'BIGINT' }, 9007199254740993n, '9007199254740993'],
    [{ kind: 'BYTES' }, Buffer.from([1, 2]), '"AQI="'],
    [STRING, 'a"\n', '"a\\"\\n"'],
    [GAME, [1, null], '{"SCORE":1,"LIVES":null}'],
    [{ kind: 'MAP', key: STRING, value: INTEGER }, new Map([['a', 1]]), '{"a":1}'],
  ];
  for (const [type, value, json] of cases)
    it(`${type.kind} as ${json}`, () => {
      const columns = [{ name: 'A', type }];
      const wrapped = encoderOf(jsonFormat.writer(columns, { part: 'value' }))([value], 0);
      assert.equal(String(wrapped), `{"A":${json}}`);
      const bare = encoderOf(jsonFormat.writer(columns, { part: 'value', wrapSingle: false }))([value], 0);
      assert.equal(String(bare), json);
      assert.equal(String(encoderOf(jsonFormat.writer(columns, { part: 'key' }))([value], 0)), json);
    });

  it('a key of several columns is an object, a null key no bytes', () => {
    const columns = [columnOf('A', STRING), columnOf('B', INTEGER)];
    assert.equal(
      String(encoderOf(jsonFormat.writer(columns, { part: 'key' }))(['x', 1], 0)),
      '{"A":"x","B":1}',
    );
    assert.equal(encoderOf(jsonFormat.writer([columnOf('A', STRING)], { part: 'key' }))([null], 0), null);
  });

  it('what was written reads back', () => {
    const schema = fc.array(sqlType, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        schema.chain((types) => fc.tuple(fc.constant(types), rowOfTypes(types), fc.boolean())),
        ([types, row, wrapSingle]) => {
          const columns = types.map((type, index) => columnOf(`C${index}`, type));
          const options = { part: 'value', wrapSingle } as const;
          const bytes = encoderOf(jsonFormat.writer(columns, options))(row, 0);
          if (bytes === null) return;
          const target: SqlValue[] = columns.map(() => null);
          const buffer = Buffer.from(bytes);
          jsonFormat.decoder(columns, options)(buffer, 0, buffer.length, target, 0);
          assert.deepEqual(target, row);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('the scanner and JSON.parse', () => {
  // A column of a type the scanner does not know makes the whole decoder go by JSON.parse.
  const columns = [
    columnOf('A', STRING),
    columnOf('B', INTEGER),
    columnOf('C', { kind: 'DOUBLE' }),
    columnOf('D', { kind: 'BIGINT' }),
    columnOf('E', { kind: 'BOOLEAN' }),
    columnOf('GAME', GAME),
  ];
  const slow = [...columns, columnOf('Z', { kind: 'BYTES' })];

  function outcome(read: readonly Column[], text: string): unknown {
    try {
      const row = decode(read, text);
      return row === false ? row : row.slice(0, columns.length);
    } catch (error) {
      assert.ok(error instanceof SerdeError, String(error));
      return 'refused';
    }
  }

  const leaf = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.maxSafeInteger(),
  );
  const name = fc.constantFrom('A', 'B', 'C', 'D', 'E', 'GAME', 'a', 'b', 'Game', 'SCORE', 'lives', 'x', 'é');
  const object = fc.dictionary(
    name,
    fc.oneof(leaf, fc.dictionary(name, leaf), fc.array(leaf, { maxLength: 3 })),
  );

  it('agree on any object', () => {
    fc.assert(
      fc.property(object, fc.boolean(), (value, spaced) => {
        const text = JSON.stringify(value, null, spaced ? 1 : 0);
        assert.deepEqual(outcome(columns, text), outcome(slow, text));
      }),
      { numRuns: 1000 },
    );
  });

  it('agree on damaged text', () => {
    fc.assert(
      fc.property(
        object,
        fc.nat(),
        fc.constantFrom('', '"', ',', '}', '{', '0', '.', '-', '\\', '\u0001', '7e'),
        (value, at, junk) => {
          const text = JSON.stringify(value);
          const cut = at % (text.length + 1);
          const damaged = text.slice(0, cut) + junk + text.slice(cut + 1);
          assert.deepEqual(outcome(columns, damaged), outcome(slow, damaged));
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('every cut of a record is refused', () => {
    const text = '{"A":"x","B":-1,"GAME":{"SCORE":1,"LIVES":[2]},"E":true}';
    for (let end = 0; end < text.length; end++) assert.equal(outcome(columns, text.slice(0, end)), 'refused');
  });
});
