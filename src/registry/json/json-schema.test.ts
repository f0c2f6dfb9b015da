import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseJsonSchema } from './json-schema.ts';

const WRONG: [schema: string, reason: RegExp][] = [
  ['', /JSON/],
  ['5', /neither an object nor true or false/],
  ['{"type":"text"}', /'#\/type' is "text", which is no type/],
  ['{"properties":{"a":5}}', /'#\/properties\/a' is no schema/],
  ['{"properties":[]}', /"properties" is not an object/],
  ['{"oneOf":{}}', /"oneOf" is not a list/],
  ['{"enum":"a"}', /enum' is not a list/],
  ['{"pattern":"("}', /no regular expression/],
  ['{"minLength":-1}', /'#\/minLength' is not a count/],
  ['{"items":{"required":[1]}}', /'#\/items\/required' is not a list of names/],
  ['{"$ref":"#/$defs/none"}', /nothing is found at the reference "#\/\$defs\/none"/],
  ['{"$ref":"other.json"}', /"other.json"/],
];

describe('a JSON schema', () => {
  it('is kept without layout, and normalized in the order of its names', () => {
    const schema = parseJsonSchema(
      '{ "type": "object",\n "maxProperties": 1.0, "enum": [ {"b":1, "a":2} ] }',
      [],
    );
    assert.equal(schema.text, '{"type":"object","maxProperties":1.0,"enum":[{"b":1,"a":2}]}');
    assert.equal(schema.normalized, '{"enum":[{"a":2,"b":1}],"maxProperties":1,"type":"object"}');
    assert.equal(parseJsonSchema('true', []).text, 'true');
  });

  it('is refused with the place of what is wrong', () => {
    for (const [schema, reason] of WRONG) assert.throws(() => parseJsonSchema(schema, []), reason, schema);
  });

  it('refers to parts of itself, to others by name, and to JSON Schema itself', () => {
    const others = [
      { name: 'person', schema: '{"$id":"http://x/person.json","$defs":{"name":{"type":"string"}}}' },
      { name: 'team', schema: '{"properties":{"lead":{"$ref":"person"}}}' },
    ];
    for (const reference of [
      ...[
        '#',
        '#/$defs/a',
        '#/$defs/a~1b',
        '#/$defs/c%20d',
        '#anchor',
        'person',
        'person#/$defs/name',
        'team',
      ],
      ...['http://x/person.json', 'http://json-schema.org/draft-07/schema#', 'inner.json'],
    ]) {
      const schema = {
        $id: 'http://y/root.json',
        $defs: {
          a: { $anchor: 'anchor' },
          'a/b': {},
          'c d': {},
          inner: { $id: 'http://y/inner.json' },
        },
        $ref: reference,
      };
      assert.doesNotThrow(() => parseJsonSchema(JSON.stringify(schema), others), reference);
    }
  });

  it('that refers to itself all the way round fits anything', () => {
    const round = parseJsonSchema(
      '{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"$ref":"#/$defs/a"}}}',
      [],
    );
    assert.deepEqual(round.cannotRead(parseJsonSchema('{"type":"string"}', [])), []);
  });
});
