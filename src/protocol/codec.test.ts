import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { interpretDecode, interpretEncode } from '../../test/protocol-interpreter.ts';
import { decoder, encoder } from './compiled.ts';
import { type FieldDefinition, hasField, isNullable } from './definition.ts';
import { MESSAGES, type MessageName } from './messages.gen.ts';
import { Reader } from './reader.ts';
import { Writer } from './writer.ts';

const VERSIONS = (Object.keys(MESSAGES) as MessageName[]).flatMap((name) => {
  const [first, last] = MESSAGES[name].versions;
  return Array.from({ length: last - first + 1 }, (_, index) => ({ name, version: first + index }));
});

const SINGLE: Record<Exclude<FieldDefinition['type'], 'struct'>, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.integer(),
  int64: fc.maxSafeInteger(),
  float64: fc.double({ noNaN: true }).map((value) => value + 0),
  string: fc.string({ unit: 'grapheme', maxLength: 12 }),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  bytes: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  records: fc.constantFrom(0, 10, 1023, 1024, 3000).map((length) => Buffer.alloc(length, length)),
};

/** Values of a message as a handler would give them: any field may be left out. */
function anyStruct(
  fields: readonly FieldDefinition[],
  version: number,
): fc.Arbitrary<Record<string, unknown>> {
  const present = fields.filter((field) => hasField(field, version));
  return fc.record(Object.fromEntries(present.map((field) => [field.name, anyField(field, version)])), {
    requiredKeys: [],
  });
}

function anyField(field: FieldDefinition, version: number): fc.Arbitrary<unknown> {
  const single = field.type === 'struct' ? anyStruct(field.fields ?? [], version) : SINGLE[field.type];
  const value = field.array ? fc.array(single, { maxLength: 3 }) : single;
  return isNullable(field, version) ? fc.option(value, { freq: 4 }) : value;
}

function encode(name: MessageName, version: number, value: unknown): Buffer {
  const writer = new Writer(16);
  encoder(name, version)(writer, value);
  const { byteLength } = writer;
  const bytes = Buffer.concat(writer.finish());
  assert.equal(bytes.length, byteLength);
  return bytes;
}

/** `null` when the reader refused. */
function decode(name: MessageName, version: number, bytes: Buffer): unknown {
  const reader = new Reader(bytes);
  const value = decoder(name, version)(reader);
  return reader.failed || reader.position !== bytes.length ? null : value;
}

function interpret(name: MessageName, version: number, bytes: Buffer): unknown {
  try {
    return interpretDecode(MESSAGES[name], version, bytes);
  } catch {
    return null;
  }
}

function cases(
  count: number,
  check: (name: MessageName, version: number, value: Record<string, unknown>) => void,
) {
  for (const { name, version } of VERSIONS) {
    const values = anyStruct(MESSAGES[name].fields, version);
    fc.assert(
      fc.property(values, (value) => check(name, version, value)),
      { numRuns: count },
    );
  }
}

describe('the compiled codec', () => {
  it('agrees with the interpreter on every message and version', () => {
    cases(8, (name, version, value) => {
      const bytes = encode(name, version, value);
      assert.deepEqual(bytes, interpretEncode(MESSAGES[name], version, value), `${name} v${version}`);
      const decoded = decode(name, version, bytes);
      assert.notEqual(decoded, null, `${name} v${version}`);
      assert.deepEqual(decoded, interpretDecode(MESSAGES[name], version, bytes), `${name} v${version}`);
      assert.deepEqual(encode(name, version, decoded), bytes, `${name} v${version}`);
    });
  });

  it('refuses a message cut at any byte', () => {
    cases(1, (name, version, value) => {
      const bytes = encode(name, version, value);
      for (let end = 0; end < bytes.length; end += bytes.length > 300 ? 7 : 1)
        assert.equal(
          decode(name, version, bytes.subarray(0, end)),
          null,
          `${name} v${version} cut at ${end}`,
        );
    });
  });

  it('reads what the interpreter reads, and refuses what it refuses, when bytes are damaged', () => {
    cases(1, (name, version, value) => {
      const bytes = encode(name, version, value);
      for (let position = 0; position < Math.min(bytes.length, 50); position++) {
        for (const byte of [0x00, 0x7f, 0x80, 0xff]) {
          const damaged = Buffer.from(bytes);
          damaged[position] = byte;
          const compiled = decode(name, version, damaged);
          const expected = interpret(name, version, damaged);
          // The compiled reader may refuse more: a count that its bytes cannot hold.
          if (compiled !== null || expected === null)
            assert.deepEqual(compiled, expected, `${name} v${version} byte ${position}`);
        }
      }
    });
  });
});
