import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonSchema } from './json-schema.ts';

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more });
const closed = (properties: object, more: object = {}) =>
  object(properties, { additionalProperties: false, ...more });
const text = { type: 'string' };
const integer = { type: 'integer' };
const number = { type: 'number' };

const tree = (value: object) => ({
  $ref: '#/$defs/node',
  $defs: { node: object({ value, next: { $ref: '#/$defs/node' } }) },
});

/** Not as a literal: an object with a `then` looks like a promise. */
const when = (condition: object, consequence: object) =>
  Object.fromEntries([
    ['if', condition],
    ['then', consequence],
  ]);

/** What stands in the way of reading with the first what fits the second, as `RULE path`. */
const CASES: [title: string, reader: unknown, writer: unknown, faults: string[]][] = [
  ['the same', text, text, []],
  ['annotations', { ...text, title: 't', description: 'd', default: '', format: 'date' }, text, []],
  ['everything', {}, text, []],
  ['everything as true', true, text, []],
  ['nothing', false, text, ['SCHEMA_NARROWED #']],
  ['of nothing anything', text, false, []],
  ['of everything a text', text, {}, ['SCHEMA_NARROWED #']],

  ['another type', text, integer, ['TYPE_CHANGED #/type']],
  ['a number of an integer', number, integer, []],
  ['an integer of a number', integer, number, ['TYPE_NARROWED #/type']],
  ['several types of one', { type: ['string', 'null'] }, text, []],
  ['one type of several', text, { type: ['string', 'null'] }, ['TYPE_NARROWED #/type']],

  ['a value more', { enum: ['a', 'b'] }, { enum: ['a'] }, []],
  ['a value less', { enum: ['a'] }, { enum: ['a', 'b'] }, ['ENUM_ARRAY_NARROWED #/enum']],
  ['values where there were any', { type: 'string', enum: ['a'] }, text, ['ENUM_ARRAY_ADDED #/enum']],
  ['any where there were values', text, { type: 'string', enum: ['a'] }, []],
  ['any where there were values without a type', text, { enum: ['a'] }, []],
  ['values of another type', text, { enum: ['a', 1] }, ['TYPE_NARROWED #/type']],
  ['both booleans', { enum: [true, false] }, { type: 'boolean' }, []],
  ['one boolean', { enum: [true] }, { type: 'boolean' }, ['ENUM_ARRAY_ADDED #/enum']],
  ['a constant of values', { const: 'a' }, { enum: ['a'] }, []],
  ['another constant', { const: 'a' }, { const: 'b' }, ['ENUM_ARRAY_NARROWED #/const']],
  ['1 and 1.0 are one value', { enum: [1] }, { enum: ['1.0'].map(Number) }, []],

  ['a lower minimum', { ...number, minimum: 1 }, { ...number, minimum: 2 }, []],
  ['a higher minimum', { ...number, minimum: 2 }, { ...number, minimum: 1 }, ['MINIMUM_INCREASED #/minimum']],
  ['a minimum where there was none', { ...number, minimum: 2 }, number, ['MINIMUM_ADDED #/minimum']],
  ['a lower maximum', { ...number, maximum: 1 }, { ...number, maximum: 2 }, ['MAXIMUM_DECREASED #/maximum']],
  [
    'a maximum that is excluded',
    { ...number, exclusiveMaximum: 2 },
    { ...number, maximum: 2 },
    ['MAXIMUM_DECREASED #/maximum'],
  ],
  ['a maximum that is excluded no more', { ...number, maximum: 2 }, { ...number, exclusiveMaximum: 2 }, []],
  [
    'a maximum excluded as in draft 4',
    { ...number, maximum: 2, exclusiveMaximum: true },
    { ...number, maximum: 2 },
    ['MAXIMUM_DECREASED #/maximum'],
  ],
  ['limits of numbers are nothing to texts', { type: ['string', 'number'], minimum: 3 }, text, []],
  ['multiples of less', { ...number, multipleOf: 2 }, { ...number, multipleOf: 4 }, []],
  [
    'multiples of more',
    { ...number, multipleOf: 4 },
    { ...number, multipleOf: 2 },
    ['MULTIPLE_OF_CHANGED #/multipleOf'],
  ],
  ['multiples of one are integers', { ...number, multipleOf: 1 }, integer, []],
  [
    'multiples where there were all',
    { ...number, multipleOf: 2 },
    number,
    ['MULTIPLE_OF_ADDED #/multipleOf'],
  ],
  ['a greater length', { ...text, maxLength: 3 }, { ...text, maxLength: 2 }, []],
  [
    'a smaller length',
    { ...text, maxLength: 2 },
    { ...text, maxLength: 3 },
    ['MAX_LENGTH_DECREASED #/maxLength'],
  ],
  ['a length where there was none', { ...text, maxLength: 2 }, text, ['MAX_LENGTH_ADDED #/maxLength']],
  ['a least length of zero', { ...text, minLength: 0 }, text, []],
  [
    'a greater least length',
    { ...text, minLength: 2 },
    { ...text, minLength: 1 },
    ['MIN_LENGTH_INCREASED #/minLength'],
  ],
  ['the same pattern', { ...text, pattern: 'a' }, { ...text, pattern: 'a' }, []],
  ['another pattern', { ...text, pattern: 'a' }, { ...text, pattern: 'b' }, ['PATTERN_CHANGED #/pattern']],
  ['a pattern where there was none', { ...text, pattern: 'a' }, text, ['PATTERN_ADDED #/pattern']],

  [
    'a property that was open',
    object({ a: text, b: text }),
    object({ a: text }),
    ['PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/b'],
  ],
  ['a property that was open, with no restriction', object({ a: text, b: {} }), object({ a: text }), []],
  ['a property less, open', object({ a: text }), object({ a: text, b: text }), []],
  ['a property more, closed', closed({ a: text, b: text }), closed({ a: text }), []],
  [
    'a property less, closed',
    closed({ a: text }),
    closed({ a: text, b: text }),
    ['PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL #/properties/b'],
  ],
  [
    'closing',
    closed({ a: text }),
    object({ a: text }),
    ['ADDITIONAL_PROPERTIES_REMOVED #/additionalProperties'],
  ],
  ['opening', object({ a: text }), closed({ a: text }), []],
  [
    'properties of another type',
    object({ a: integer }),
    object({ a: text }),
    ['TYPE_CHANGED #/properties/a/type'],
  ],
  [
    'a property that further ones cover',
    object({ a: text, b: { ...text, maxLength: 5 } }, { additionalProperties: { ...text, maxLength: 5 } }),
    object({ a: text }, { additionalProperties: { ...text, maxLength: 4 } }),
    [],
  ],
  [
    'a property that further ones do not cover',
    object({ b: integer }, { additionalProperties: text }),
    object({}, { additionalProperties: text }),
    ['PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL #/properties/b'],
  ],
  [
    'a property that a pattern covers',
    object({}, { patternProperties: { '^x': text }, additionalProperties: false }),
    object({ x1: text }, { patternProperties: { '^x': text }, additionalProperties: false }),
    [],
  ],
  [
    'further properties of fewer kinds',
    object({}, { additionalProperties: integer }),
    object({}, { additionalProperties: number }),
    ['ADDITIONAL_PROPERTIES_NARROWED #/additionalProperties'],
  ],
  [
    'a pattern where all was open',
    object({}, { patternProperties: { '^x': text } }),
    object({}),
    ['PATTERN_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/patternProperties/^x'],
  ],
  ['a required property less', object({ a: text }), object({ a: text }, { required: ['a'] }), []],
  [
    'a required property more',
    object({ a: text }, { required: ['a'] }),
    object({ a: text }),
    ['REQUIRED_ATTRIBUTE_ADDED #/required/a'],
  ],
  [
    'a required property more with a default',
    object({ a: { ...text, default: '' } }, { required: ['a'] }),
    object({ a: text }),
    [],
  ],
  [
    'a required property that is new',
    closed({ a: text }, { required: ['a'] }),
    closed({}),
    ['REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL #/required/a'],
  ],
  [
    'fewer properties at most',
    object({}, { maxProperties: 1 }),
    object({}, { maxProperties: 2 }),
    ['MAX_PROPERTIES_DECREASED #/maxProperties'],
  ],
  [
    'names of one kind',
    object({}, { propertyNames: { maxLength: 3 } }),
    object({}),
    ['SCHEMA_NARROWED #/propertyNames'],
  ],
  [
    'a dependency more',
    object({}, { dependentRequired: { a: ['b'] } }),
    object({}),
    ['DEPENDENCY_ARRAY_ADDED #/dependencies/a'],
  ],
  [
    'a longer dependency',
    object({}, { dependencies: { a: ['b', 'c'] } }),
    object({}, { dependencies: { a: ['b'] } }),
    ['DEPENDENCY_ARRAY_EXTENDED #/dependencies/a'],
  ],
  ['a dependency less', object({}), object({}, { dependentRequired: { a: ['b'] } }), []],
  [
    'a depending schema more',
    object({}, { dependentSchemas: { a: { required: ['b'] } } }),
    object({}),
    ['DEPENDENCY_SCHEMA_ADDED #/dependencies/a'],
  ],

  ['items of a wider type', { type: 'array', items: number }, { type: 'array', items: integer }, []],
  [
    'items of a narrower type',
    { type: 'array', items: integer },
    { type: 'array', items: number },
    ['TYPE_NARROWED #/items/type'],
  ],
  [
    'items where there were any',
    { type: 'array', items: integer },
    { type: 'array' },
    ['SCHEMA_NARROWED #/items'],
  ],
  ['one item less, open', { type: 'array', items: [text] }, { type: 'array', items: [text, text] }, []],
  [
    'one item more, open',
    { type: 'array', items: [text, text] },
    { type: 'array', items: [text] },
    ['ITEM_ADDED_TO_OPEN_CONTENT_MODEL #/items/1'],
  ],
  [
    'one item more, closed',
    { type: 'array', prefixItems: [text, text], items: false },
    { type: 'array', prefixItems: [text], items: false },
    [],
  ],
  [
    'one item less, closed',
    { type: 'array', items: [text], additionalItems: false },
    { type: 'array', items: [text, text], additionalItems: false },
    ['ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL #/items/1'],
  ],
  [
    'no more items',
    { type: 'array', items: [text], additionalItems: false },
    { type: 'array', items: [text] },
    ['ADDITIONAL_ITEMS_REMOVED #/additionalItems'],
  ],
  ['fewer items at most', { type: 'array', maxItems: 1 }, { type: 'array' }, ['MAX_ITEMS_ADDED #/maxItems']],
  [
    'no item twice',
    { type: 'array', uniqueItems: true },
    { type: 'array' },
    ['UNIQUE_ITEMS_ADDED #/uniqueItems'],
  ],
  [
    'an item that must be',
    { type: 'array', contains: text },
    { type: 'array' },
    ['CONTAINS_ADDED #/contains'],
  ],

  ['one of several for one', { oneOf: [text, integer] }, text, []],
  ['one for one of several', text, { oneOf: [text, integer] }, ['TYPE_CHANGED #/oneOf/1/type']],
  ['more alternatives', { anyOf: [text, integer, { type: 'null' }] }, { anyOf: [integer, text] }, []],
  ['fewer alternatives', { anyOf: [text] }, { anyOf: [text, integer] }, ['TYPE_CHANGED #/anyOf/1/type']],
  ['wider alternatives', { oneOf: [text, number] }, { oneOf: [integer, text] }, []],
  ['none of the alternatives', { oneOf: [text, integer] }, { type: 'boolean' }, ['SUM_TYPE_NARROWED #']],
  [
    'alternatives for each of several types',
    { anyOf: [text, { type: 'null' }] },
    { type: ['string', 'null'] },
    [],
  ],
  ['several types for alternatives', { type: ['string', 'null'] }, { anyOf: [text, { type: 'null' }] }, []],
  ['a schema alone in allOf', { allOf: [text] }, text, []],
  [
    'parts of allOf written as one',
    object({ a: text, b: text }),
    { allOf: [object({ a: text }), object({ b: text })] },
    ['PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL #/properties/b'],
  ],
  ['a part of allOf less', { allOf: [text] }, { allOf: [text, { maxLength: 3 }] }, []],
  [
    'a part of allOf more',
    { allOf: [text, { maxLength: 3 }] },
    { allOf: [text] },
    ['MAX_LENGTH_ADDED #/maxLength'],
  ],
  [
    'alternatives beside a type',
    { ...object({ a: text }), anyOf: [{ required: ['a'] }, { required: ['b'] }] },
    { ...object({ a: text }), anyOf: [{ required: ['a'] }] },
    [],
  ],
  ['an exclusion of less', { not: { ...text, maxLength: 2 } }, { not: { ...text, maxLength: 3 } }, []],
  [
    'an exclusion of more',
    { not: { ...text, maxLength: 3 } },
    { not: { ...text, maxLength: 2 } },
    ['NOT_TYPE_EXTENDED #/not'],
  ],
  ['an exclusion where there was none', { ...text, not: { const: 'a' } }, text, ['NOT_TYPE_EXTENDED #/not']],
  ['the same condition', when(text, { maxLength: 1 }), when(text, { maxLength: 1 }), []],
  [
    'another condition',
    when(text, { maxLength: 1 }),
    when(text, { maxLength: 2 }),
    ['CONDITIONAL_CHANGED #'],
  ],
  ['no condition any more', text, { ...text, ...when({ minLength: 3 }, { pattern: 'a' }) }, []],

  [
    'what a reference leads to',
    object({ a: { $ref: '#/definitions/t' } }, { definitions: { t: number } }),
    object({ a: integer }),
    [],
  ],
  [
    'another end of a reference',
    object({ a: { $ref: '#/$defs/t' } }, { $defs: { t: text } }),
    object({ a: integer }),
    ['TYPE_CHANGED #/properties/a/type'],
  ],
  ['a schema inside itself', tree(number), tree(integer), []],
  ['a fault inside itself', tree(integer), tree(number), ['TYPE_NARROWED #/properties/value/type']],
];

const parse = (schema: unknown) => parseJsonSchema(JSON.stringify(schema), []);

describe('reading JSON with another schema', () => {
  for (const [title, reader, writer, faults] of CASES)
    it(title, () => {
      const found = parse(reader).cannotRead(parse(writer));
      assert.deepEqual(
        found.map(({ rule, path }) => `${rule} ${path}`),
        faults,
      );
    });

  it('takes no longer for alternatives of alternatives', () => {
    const nested = (leaf: object) => {
      const $defs: Record<string, object> = { n0: leaf };
      for (let depth = 1; depth < 12; depth++) {
        const inner = { $ref: `#/$defs/n${depth - 1}` };
        $defs[`n${depth}`] = { anyOf: [inner, object({ a: inner }), inner] };
      }
      return parse({ $ref: '#/$defs/n11', $defs });
    };
    assert.equal(nested(integer).cannotRead(nested(text)).length, 3);
  });

  it('follows references into other schemas', () => {
    const using = (name: string) => JSON.stringify(object({ a: { $ref: name } }));
    const written = parseJsonSchema(using('t.json'), [{ name: 't.json', schema: JSON.stringify(integer) }]);
    const read = parseJsonSchema(using('http://x/u.json#/$defs/n'), [
      { name: 'http://x/u.json', schema: JSON.stringify({ $defs: { n: number } }) },
    ]);
    assert.deepEqual(read.cannotRead(written), []);
    assert.deepEqual(
      written.cannotRead(read).map(({ rule }) => rule),
      ['TYPE_NARROWED'],
    );
  });
});
