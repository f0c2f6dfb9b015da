import type { SqlType } from '../data/types.ts';

/**
 * What may be of several types (oneOf, anyOf) is for Kafka Connect, and so for ksqlDB, a STRUCT with a field for each of
 * them, named like this; one of them has a value. In JSON the value stands there alone.
 *
 *   "x"  <-->  STRUCT<`...OneOf.field.0` STRING, `...OneOf.field.1` BIGINT>: ('x', null)  <-->  5 is (null, 5)
 */
const PREFIX = 'io.confluent.connect.json.OneOf.field.';
const NAME = /^io\.confluent\.connect\.json\.oneof\.field\.\d+$/i;

export function unionField(index: number): string {
  return `${PREFIX}${index}`;
}

export function isUnion(type: SqlType): boolean {
  return type.kind === 'STRUCT' && type.fields.length > 0 && type.fields.every(({ name }) => NAME.test(name));
}
