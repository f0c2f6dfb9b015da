import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import { type Entry, entryCodec } from './entry.ts';
import { guidOf } from './guid.ts';

const definition = {
  type: 'AVRO',
  schema: '"int"',
  references: [],
  metadata: undefined,
  ruleSet: undefined,
} as const;
const version = { ...definition, subject: 's', version: 1, id: 7, guid: guidOf(definition), deleted: false };

/** Records as Confluent's registry has them. */
const RECORDS: [entry: Entry, key: string, value: string | null][] = [
  [
    { kind: 'schema', subject: 's', version: 1, schema: version },
    '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}',
    `{"subject":"s","version":1,"id":7,"guid":"${version.guid}","schema":"\\"int\\"","deleted":false}`,
  ],
  [
    {
      kind: 'schema',
      subject: ':.c:p',
      version: 2,
      schema: {
        ...version,
        ...{ subject: ':.c:p', version: 2, type: 'PROTOBUF', schema: 'x', deleted: true, guid: 'g' },
        references: [{ name: 'a.proto', subject: 'a', version: 1 }],
        metadata: { tags: {} },
      },
    },
    '{"keytype":"SCHEMA","subject":":.c:p","version":2,"magic":1}',
    '{"subject":":.c:p","version":2,"id":7,"guid":"g","schemaType":"PROTOBUF","references":[{"name":"a.proto","subject":"a","version":1}],"metadata":{"tags":{}},"schema":"x","deleted":true}',
  ],
  [
    { kind: 'schema', subject: 's', version: 1, schema: null },
    '{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}',
    null,
  ],
  [
    { kind: 'config', subject: null, config: { compatibilityLevel: 'FULL' } },
    '{"keytype":"CONFIG","subject":null,"magic":0}',
    '{"compatibilityLevel":"FULL"}',
  ],
  [
    { kind: 'config', subject: 's', config: { compatibilityLevel: 'NONE' } },
    '{"keytype":"CONFIG","subject":"s","magic":0}',
    '{"subject":"s","compatibilityLevel":"NONE"}',
  ],
  [{ kind: 'config', subject: 's', config: null }, '{"keytype":"CONFIG","subject":"s","magic":0}', null],
  [
    { kind: 'mode', subject: 's', mode: 'IMPORT' },
    '{"keytype":"MODE","subject":"s","magic":0}',
    '{"subject":"s","mode":"IMPORT"}',
  ],
  [{ kind: 'mode', subject: null, mode: null }, '{"keytype":"MODE","subject":null,"magic":0}', null],
  [
    { kind: 'deleteSubject', subject: 's', version: 3 },
    '{"keytype":"DELETE_SUBJECT","subject":"s","magic":0}',
    '{"subject":"s","version":3}',
  ],
  [
    { kind: 'context', context: '.c', maxId: undefined },
    '{"keytype":"CONTEXT","tenant":"default","context":".c","magic":0}',
    '{"tenant":"default","context":".c"}',
  ],
];

describe('records of _schemas', () => {
  it('are those of Confluent, in both directions', () => {
    for (const [entry, key, value] of RECORDS) {
      const encoded = entryCodec.encode(entry);
      assert.deepEqual([String(encoded.key), encoded.value && String(encoded.value)], [key, value]);
      assert.deepEqual(
        entryCodec.decode(Buffer.from(key), value === null ? null : Buffer.from(value)),
        entry,
      );
    }
  });

  it('of older versions say less, those of newer ones more', () => {
    const key = Buffer.from('{"keytype":"SCHEMA","subject":"s","version":1,"magic":1}');
    const old = Buffer.from('{"subject":"s","version":1,"id":7,"schema":"\\"int\\""}');
    assert.deepEqual(entryCodec.decode(key, old), {
      kind: 'schema',
      subject: 's',
      version: 1,
      schema: version,
    });
    const more = Buffer.from(
      '{"subject":"s","version":1,"id":7,"schema":"\\"int\\"","schemaTags":[],"ts":5}',
    );
    assert.deepEqual(entryCodec.decode(key, more), {
      kind: 'schema',
      subject: 's',
      version: 1,
      schema: version,
    });
    assert.equal(entryCodec.decode(Buffer.from('{"keytype":"NOOP","magic":0}'), null), undefined);
    assert.equal(entryCodec.decode(Buffer.from('{"keytype":"EXPORTER"}'), Buffer.from('{}')), undefined);
  });
});
