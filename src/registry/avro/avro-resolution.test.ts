import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAvro } from './avro-schema.ts';

const record = (name: string, fields: object[], more: object = {}) => ({
  type: 'record',
  name,
  fields,
  ...more,
});
const enumeration = (name: string, symbols: string[], more: object = {}) => ({
  type: 'enum',
  name,
  symbols,
  ...more,
});
const fixed = (name: string, size: number) => ({ type: 'fixed', name, size });
const a = { name: 'a', type: 'int' };
const b = { name: 'b', type: 'string' };

const list = (next: unknown) =>
  record('Node', [
    { name: 'value', type: next },
    { name: 'next', type: ['null', 'Node'] },
  ]);

/** What stands in the way of reading with the first what was written with the second, as `RULE path`. */
const CASES: [title: string, reader: unknown, writer: unknown, faults: string[]][] = [
  ['the same', record('R', [a]), record('R', [a]), []],
  ['a wider number', 'long', 'int', []],
  ['the widest number', 'double', 'long', []],
  ['a narrower number', 'int', 'long', ['TYPE_MISMATCH ']],
  ['a float for a double', 'float', 'double', ['TYPE_MISMATCH ']],
  ['text for bytes', 'string', 'bytes', []],
  ['bytes for text', 'bytes', 'string', []],
  ['text for a number', 'string', 'int', ['TYPE_MISMATCH ']],
  ['a field less', record('R', [a]), record('R', [a, b]), []],
  ['a field more', record('R', [a, b]), record('R', [a]), ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/1']],
  ['a field more with a default', record('R', [a, { ...b, default: '' }]), record('R', [a]), []],
  [
    'a default of null',
    record('R', [a, { name: 'b', type: ['null', 'int'], default: null }]),
    record('R', [a]),
    [],
  ],
  ['fields in another order', record('R', [b, a]), record('R', [a, b]), []],
  [
    'a renamed field',
    record('R', [{ name: 'x', type: 'int' }]),
    record('R', [a]),
    ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/0'],
  ],
  [
    'a renamed field with an alias',
    record('R', [{ name: 'x', type: 'int', aliases: ['a'] }]),
    record('R', [a]),
    [],
  ],
  [
    'an aliased field of another type',
    record('R', [{ name: 'x', type: 'string', aliases: ['a'] }]),
    record('R', [a]),
    ['TYPE_MISMATCH /fields/0/type'],
  ],
  ['another record', record('S', [a]), record('R', [a]), ['NAME_MISMATCH /name']],
  ['another record with an alias', record('S', [a], { aliases: ['R'] }), record('R', [a]), []],
  [
    'an alias in another namespace',
    record('n.S', [a], { aliases: ['m.R'] }),
    record('n.R', [a]),
    ['NAME_MISMATCH /name'],
  ],
  ['another namespace', record('n.R', [a]), record('m.R', [a]), []],
  ['a record for a number', record('R', [a]), 'int', ['TYPE_MISMATCH ']],
  [
    'two faults at once',
    record('R', [{ ...a, type: 'string' }, b]),
    record('R', [a]),
    ['TYPE_MISMATCH /fields/0/type', 'READER_FIELD_MISSING_DEFAULT_VALUE /fields/1'],
  ],
  ['an enum with more symbols', enumeration('E', ['A', 'B']), enumeration('E', ['A']), []],
  [
    'an enum with fewer symbols',
    enumeration('E', ['A']),
    enumeration('E', ['A', 'B']),
    ['MISSING_ENUM_SYMBOLS /symbols'],
  ],
  [
    'an enum with fewer symbols and a default',
    enumeration('E', ['A'], { default: 'A' }),
    enumeration('E', ['A', 'B']),
    [],
  ],
  ['another enum', enumeration('F', ['A']), enumeration('E', ['A']), ['NAME_MISMATCH /name']],
  ['another size', fixed('F', 4), fixed('F', 8), ['FIXED_SIZE_MISMATCH /size']],
  ['another fixed', fixed('G', 4), fixed('F', 4), ['NAME_MISMATCH /name']],
  ['items of a wider type', { type: 'array', items: 'long' }, { type: 'array', items: 'int' }, []],
  [
    'items of a narrower type',
    { type: 'array', items: 'int' },
    { type: 'array', items: 'long' },
    ['TYPE_MISMATCH /items'],
  ],
  [
    'values of another type',
    { type: 'map', values: 'int' },
    { type: 'map', values: 'string' },
    ['TYPE_MISMATCH /values'],
  ],
  ['an array for a map', { type: 'array', items: 'int' }, { type: 'map', values: 'int' }, ['TYPE_MISMATCH ']],
  ['a union for one of its types', ['null', 'int'], 'int', []],
  ['a union for a type that one of its types reads', ['null', 'long'], 'int', []],
  ['a union without the type', ['null', 'string'], 'int', ['MISSING_UNION_BRANCH ']],
  ['a type for a union of what it reads', 'double', ['int', 'long'], []],
  ['a type for a union of more', 'int', ['null', 'int'], ['TYPE_MISMATCH /0']],
  ['a union with more types', ['null', 'int', 'string'], ['null', 'int'], []],
  ['a union with fewer types', ['null', 'int'], ['null', 'int', 'string'], ['MISSING_UNION_BRANCH /2']],
  ['a record in a union under its own name', ['null', record('R', [a])], ['null', record('R', [a, b])], []],
  [
    'a record in a union under another name',
    ['null', record('S', [a])],
    record('R', [a]),
    ['MISSING_UNION_BRANCH '],
  ],
  [
    'the first faulty branch does not hide the second',
    [record('S', [b]), record('R', [a])],
    record('R', [a]),
    [],
  ],
  [
    'nested records',
    record('R', [{ name: 'i', type: record('I', [a, b]) }]),
    record('R', [{ name: 'i', type: record('I', [a]) }]),
    ['READER_FIELD_MISSING_DEFAULT_VALUE /fields/0/type/fields/1'],
  ],
  ['a type inside itself', list('long'), list('int'), []],
  ['a fault inside itself is told once', list('int'), list('long'), ['TYPE_MISMATCH /fields/0/type']],
  [
    'logical types are annotations',
    { type: 'bytes', logicalType: 'decimal', precision: 4, scale: 2 },
    'bytes',
    [],
  ],
];

describe('reading Avro with another schema', () => {
  for (const [title, reader, writer, faults] of CASES)
    it(title, () => {
      const [read, written] = [reader, writer].map((schema) => parseAvro(JSON.stringify(schema), []));
      const found = read!.cannotRead(written!);
      assert.deepEqual(
        found.map(({ rule, path }) => `${rule} ${path}`),
        faults,
      );
    });

  it('takes back what it found to fit only as long as something else was taken to fit', () => {
    // B fits while A is taken to; A does not, for want of z, and the union's other branch hides that. Then B comes again.
    const a = (more: object[]) =>
      record('A', [{ name: 'b', type: record('B', [{ name: 'a', type: ['null', 'A'] }]) }, ...more]);
    const writer = record('W', [
      { name: 'x', type: a([]) },
      { name: 'y', type: 'B' },
    ]);
    const reader = record('W', [
      { name: 'x', type: [a([{ name: 'z', type: 'string' }]), record('n.A', [])] },
      { name: 'y', type: 'B' },
    ]);
    const found = parseAvro(JSON.stringify(reader), []).cannotRead(parseAvro(JSON.stringify(writer), []));
    assert.deepEqual(
      found.map(({ rule, path }) => `${rule} ${path}`),
      ['MISSING_UNION_BRANCH /fields/1/type/fields/0/type/1'],
    );
  });

  it('takes no longer for types that use others many times', () => {
    const chain = (leaf: string) => {
      let type: unknown = leaf;
      for (let depth = 0; depth < 40; depth++)
        type = record(`R${depth}`, [
          { name: 'x', type },
          { name: 'y', type: depth === 0 ? leaf : `R${depth - 1}` },
        ]);
      return parseAvro(JSON.stringify(type), []);
    };
    assert.deepEqual(chain('long').cannotRead(chain('int')), []);
    assert.ok(chain('int').cannotRead(chain('long')).length <= 41);
  });
});
