import type { SqlType } from '../../data/types.ts';
import { SerdeError } from '../format.ts';
import { type FieldType, type MessageField, messageName } from './message-fields.ts';

/** What stands before a field's value: its number and its wire type (see wire-reader.ts). */
export function tagOf({ number, type }: Pick<MessageField, 'number' | 'type'>): number {
  return (number * 8 + wireType(type)) >>> 0;
}

export function wireType(type: FieldType): number {
  if (type.kind === 'enum') return 0;
  if (type.kind === 'message') return type.isGroup ? 3 : 2;
  if (type.kind === 'entry') return 2;
  switch (type.scalar) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return 1;
    case 'string':
    case 'bytes':
      return 2;
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return 5;
    default:
      return 0;
  }
}

export function fieldText({ type, isRepeated }: MessageField): string {
  const name =
    type.kind === 'scalar'
      ? type.scalar
      : type.kind === 'message'
        ? messageName(type.message)
        : type.kind === 'enum'
          ? `enum ${type.enum.name}`
          : 'map';
  return isRepeated && type.kind !== 'entry' ? `repeated ${name}` : name;
}

export function mismatch(column: string, found: string, type: SqlType): SerdeError {
  return new SerdeError(`${column}: the Protobuf schema has ${found} where the column is ${type.kind}`);
}
