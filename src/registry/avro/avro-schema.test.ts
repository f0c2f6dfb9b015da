import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseAvro } from './avro-schema.ts';

/** What is given, what is kept, and what is kept when it is normalized. */
const TEXTS: [given: string, kept: string, normalized?: string][] = [
  ['"int"', '"int"'],
  ['int', '"int"'],
  [' { "type" : "string" } ', '"string"'],
  [
    '{"type":"record","namespace":"n","name":"R","doc":"d","fields":[]}',
    '{"type":"record","name":"R","namespace":"n","doc":"d","fields":[]}',
    '{"type":"record","name":"n.R","doc":"d","fields":[]}',
  ],
  [
    '{"name":"n.R","type":"record","fields":[{"type":{"type":"fixed","size":2,"name":"F"},"name":"f","order":"ascending"},{"name":"g","type":"n.F"}]}',
    '{"type":"record","name":"R","namespace":"n","fields":[{"name":"f","type":{"type":"fixed","name":"F","size":2}},{"name":"g","type":"F"}]}',
    '{"type":"record","name":"n.R","fields":[{"name":"f","type":{"type":"fixed","name":"n.F","size":2}},{"name":"g","type":"n.F"}]}',
  ],
  [
    '{"type":"int","logicalType":"date","a":1}',
    '{"type":"int","logicalType":"date","a":1}',
    '{"type":"int","a":1,"logicalType":"date"}',
  ],
  [
    '{"type":"record","name":"R","fields":[{"name":"l","type":"long","default":9223372036854775807},{"name":"d","type":"double","default":1.0}]}',
    '{"type":"record","name":"R","fields":[{"name":"l","type":"long","default":9223372036854775807},{"name":"d","type":"double","default":1.0}]}',
  ],
  [
    '{"type":"enum","name":"E","symbols":["A"],"default":"A","aliases":["F"]}',
    '{"type":"enum","name":"E","symbols":["A"],"default":"A","aliases":["F"]}',
  ],
  [
    '{"type":"record","name":"o.R","fields":[{"name":"i","type":{"type":"record","name":"I","namespace":"","fields":[]}}]}',
    '{"type":"record","name":"R","namespace":"o","fields":[{"name":"i","type":{"type":"record","name":"I","namespace":"","fields":[]}}]}',
    '{"type":"record","name":"o.R","fields":[{"name":"i","type":{"type":"record","name":"I","namespace":"","fields":[]}}]}',
  ],
];

const WRONG: [schema: string, reason: RegExp][] = [
  ['{"type":"record","name":"R"}', /"fields"/],
  [
    '{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":"x"}]}',
    /'\/fields\/0', the field "a" has the default "x", which is no int/,
  ],
  [
    '{"type":"array","items":{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":2147483648}]}}',
    /'\/items\/fields\/0'.*no int/,
  ],
  ['{"type":"record","name":"R","fields":[{"name":"a","type":"int","default":1.5}]}', /no int/],
];

describe('an Avro schema', () => {
  it('is kept without layout, in the order of Avro', () => {
    for (const [given, kept, normalized = kept] of TEXTS) {
      const schema = parseAvro(given, []);
      assert.deepEqual([schema.text, schema.normalized], [kept, normalized]);
      assert.equal(parseAvro(kept, []).text, kept);
      assert.equal(parseAvro(normalized, []).normalized, normalized);
    }
  });

  it('is refused with the place of what is wrong', () => {
    for (const [schema, reason] of WRONG) assert.throws(() => parseAvro(schema, []), reason, schema);
  });

  it('uses the types of those it refers to', () => {
    const references = [
      { name: 'n.A', schema: '{"type":"record","name":"n.A","fields":[]}' },
      { name: 'n.B', schema: '{"type":"record","name":"n.B","fields":[{"name":"a","type":"A"}]}' },
    ];
    const text =
      '{"type":"record","name":"C","fields":[{"name":"b","type":"n.B"},{"name":"a","type":"n.A"}]}';
    const schema = parseAvro(text, references);
    assert.equal(schema.text, text);
    assert.equal(
      schema.formatted('resolved'),
      '{"type":"record","name":"C","fields":[{"name":"b","type":{"type":"record","name":"B","namespace":"n","fields":[{"name":"a","type":{"type":"record","name":"A","fields":[]}}]}},{"name":"a","type":"n.A"}]}',
    );
  });
});
