import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { type FieldDefinition, hasField, isNullable } from '../../src/protocol/definition.ts';

const SINGLE: Record<Exclude<FieldDefinition['type'], 'struct'>, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  int8: fc.integer({ min: -128, max: 127 }),
  int16: fc.integer({ min: -0x8000, max: 0x7fff }),
  uint16: fc.integer({ min: 0, max: 0xffff }),
  int32: fc.oneof(fc.integer(), fc.integer({ min: -2, max: 3 })),
  int64: fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -5, max: 5 })),
  float64: fc.double({ noNaN: true }).map((value) => value + 0),
  // Half of them names that mean something to a server under test.
  string: fc.oneof(fc.string({ unit: 'grapheme', maxLength: 12 }), fc.constantFrom('t', 'g', '1')),
  uuid: fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  bytes: fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  records: fc.constantFrom(0, 10, 1023, 1024, 3000).map((length) => Buffer.alloc(length, length)),
};

/** Values of a message as a handler would give them: any field may be left out. */
export function anyStruct(
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
