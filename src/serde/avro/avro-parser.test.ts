import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { SerdeError } from '../format.ts';
import { AvroParser } from './avro-parser.ts';
import { parseAvro } from './parse-avro.ts';

const WRONG: [schema: string, reason: RegExp][] = [
  ['', /JSON/],
  ['{', /no JSON/],
  ['"nothing"', /"nothing", which is not defined/],
  ['{"type":"array","items":"X"}', /'\/items' names the type "X", which is not defined/],
  ['5', /neither a name, a list nor an object/],
  ['{}', /has no "type"/],
  ['{"type":"record","name":"R"}', /"fields"/],
  ['{"type":"record","fields":[]}', /no name/],
  ['{"type":"record","name":"1","fields":[]}', /illegal name "1"/],
  ['{"type":"fixed","name":"a-b","size":1}', /illegal name "a-b"/],
  ['{"type":"record","name":"R","fields":[{"name":"a"}]}', /'\/fields\/0' is a field "a" without a type/],
  [
    '{"type":"record","name":"R","fields":[{"name":"1","type":"int"}]}',
    /'\/fields\/0' has the illegal name "1"/,
  ],
  [
    '{"type":"record","name":"R","fields":[{"name":"a","type":"int"},{"name":"a","type":"int"}]}',
    /"a" twice/,
  ],
  ['{"type":"enum","name":"E","symbols":["A","A"]}', /symbol twice/],
  ['{"type":"enum","name":"E","symbols":["A"],"default":"B"}', /default/],
  ['{"type":"fixed","name":"F"}', /"size"/],
  ['{"type":"array"}', /"items"/],
  ['{"type":"map"}', /"values"/],
  ['["int","int"]', /"int" twice/],
  ['["int",["string"]]', /union directly in a union/],
  ['[{"type":"fixed","name":"F","size":1},{"type":"enum","name":"F","symbols":[]}]', /second time/],
];

describe('the text of an Avro schema', () => {
  it('is refused with the place of what is wrong', () => {
    for (const [schema, reason] of WRONG) {
      assert.throws(() => new AvroParser().parse(schema), reason, schema);
      assert.throws(() => parseAvro(schema), SerdeError, schema);
    }
  });

  it('is refused when it is nested too deeply', () => {
    const depth = 100_000;
    const text = `${'{"type":"array","items":'.repeat(depth)}"int"${'}'.repeat(depth)}`;
    assert.throws(() => parseAvro(text), SerdeError);
  });

  it('keeps attributes, and defaults to the last digit', () => {
    const type = parseAvro(
      '{"type":"record","name":"n.R","doc":"d","a":1,"fields":[{"name":"l","type":"long","default":9223372036854775807}]}',
    );
    assert.equal(type.kind, 'record');
    if (type.kind !== 'record') return;
    assert.deepEqual([type.fullName, type.doc, type.attributes], ['n.R', 'd', { a: 1 }]);
    assert.equal(JSON.stringify(type.fields[0]?.fallback), '{"value":9223372036854775807}');
  });
});
