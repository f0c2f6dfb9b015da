import { Buffer } from 'node:buffer';
import type { FieldDefinition } from './definition.ts';

export const ZERO_UUID = '0'.repeat(32);

const ZERO_VALUES: Record<FieldDefinition['type'], unknown> = {
  bool: false,
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  int64: 0,
  float64: 0,
  string: '',
  uuid: ZERO_UUID,
  bytes: Buffer.alloc(0),
  records: null,
  struct: null,
};
const EMPTY_LIST: readonly unknown[] = Object.freeze([]);

/** What a field that is not on the wire means. Shared and frozen: messages are read-only. */
export function defaultValue(field: FieldDefinition): unknown {
  if (field.default !== undefined) return field.default;
  if (field.array) return EMPTY_LIST;
  if (field.type === 'records' && field.nullableSince === undefined) return ZERO_VALUES.bytes;
  if (field.type !== 'struct') return ZERO_VALUES[field.type];
  const fields = field.fields ?? [];
  return Object.freeze(Object.fromEntries(fields.map((each) => [each.name, defaultValue(each)])));
}
