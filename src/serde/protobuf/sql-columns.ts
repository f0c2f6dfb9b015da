import type { Type } from 'protobufjs';
import type { Column } from '../../data/schema.ts';
import type { SqlType } from '../../data/types.ts';
import { SerdeError } from '../format.ts';
import {
  type FieldType,
  type MessageField,
  messageFields,
  messageName,
  type ScalarType,
} from './message-fields.ts';

const SCALARS: Record<ScalarType, 'BOOLEAN' | 'INTEGER' | 'BIGINT' | 'DOUBLE' | 'STRING' | 'BYTES'> = {
  double: 'DOUBLE',
  float: 'DOUBLE',
  int32: 'INTEGER',
  sint32: 'INTEGER',
  sfixed32: 'INTEGER',
  // Without a sign they need more than 31 bits; of 64 bits the highest is read as the sign.
  uint32: 'BIGINT',
  fixed32: 'BIGINT',
  int64: 'BIGINT',
  uint64: 'BIGINT',
  sint64: 'BIGINT',
  fixed64: 'BIGINT',
  sfixed64: 'BIGINT',
  bool: 'BOOLEAN',
  string: 'STRING',
  bytes: 'BYTES',
};

const MESSAGES: Readonly<Record<string, SqlType>> = {
  'google.type.Date': { kind: 'DATE' },
  'google.type.TimeOfDay': { kind: 'TIME' },
  'google.protobuf.Timestamp': { kind: 'TIMESTAMP' },
  'google.protobuf.DoubleValue': { kind: 'DOUBLE' },
  'google.protobuf.FloatValue': { kind: 'DOUBLE' },
  'google.protobuf.Int64Value': { kind: 'BIGINT' },
  'google.protobuf.UInt64Value': { kind: 'BIGINT' },
  'google.protobuf.Int32Value': { kind: 'INTEGER' },
  'google.protobuf.UInt32Value': { kind: 'BIGINT' },
  'google.protobuf.BoolValue': { kind: 'BOOLEAN' },
  'google.protobuf.StringValue': { kind: 'STRING' },
  'google.protobuf.BytesValue': { kind: 'BYTES' },
};

const DECIMAL = 'confluent.type.Decimal';
/** As ksqlDB takes a decimal without one. */
const DEFAULT_PRECISION = 64;
/** Messages that hold each other twice, thirty deep, would be a thousand million fields. */
const MOST_FIELDS = 10_000;

/** The columns of a message, with the names of the schema: each oneof as a struct first, then the other fields. */
export function sqlColumns(message: Type): Column[] {
  return columnsOf(message, { messages: [], budget: { left: MOST_FIELDS } });
}

interface Within {
  /** From the outermost inwards. */
  readonly messages: readonly Type[];
  readonly budget: { left: number };
}

function columnsOf(message: Type, outer: Within): Column[] {
  if (outer.messages.includes(message))
    throw new SerdeError(
      `The message ${messageName(message)} contains itself, which no SQL type can say. Name the columns to be read in the statement`,
    );
  const within = { ...outer, messages: [...outer.messages, message] };
  const fields = messageFields(message);
  outer.budget.left -= fields.length;
  if (outer.budget.left < 0)
    throw new SerdeError(`The message ${messageName(message)} brings the fields to more than ${MOST_FIELDS}`);
  const plain = fields.filter(({ oneof }) => oneof === undefined);
  return [
    ...oneofColumns(fields, within),
    ...plain.map((field) => ({ name: field.name, type: columnType(field, within) })),
  ];
}

function oneofColumns(fields: readonly MessageField[], within: Within): Column[] {
  const groups = Map.groupBy(
    fields.filter(({ oneof }) => oneof !== undefined),
    ({ oneof }) => oneofColumnName(oneof as { name: string; index: number }),
  );
  return [...groups].map(([name, members]) => ({
    name,
    type: {
      kind: 'STRUCT',
      fields: members.map((field) => ({ name: field.name, type: columnType(field, within) })),
    },
  }));
}

/** As Connect names it, and so ksqlDB. */
export function oneofColumnName({ name, index }: { readonly name: string; readonly index: number }): string {
  return `${name}_${index}`;
}

function columnType(field: MessageField, within: Within): SqlType {
  const entry = entryFields(field);
  if (entry !== undefined) {
    const [key, value] = entry as [MessageField, MessageField];
    return { kind: 'MAP', key: columnType(key, within), value: columnType(value, within) };
  }
  const type = elementType(field.type, field, within);
  return field.isRepeated ? { kind: 'ARRAY', element: type } : type;
}

function elementType(type: FieldType, field: MessageField, within: Within): SqlType {
  switch (type.kind) {
    case 'scalar':
      return { kind: SCALARS[type.scalar] };
    case 'enum':
      return { kind: 'STRING' };
    case 'entry':
      throw new Error('an entry is no value of its own');
    case 'message': {
      const name = messageName(type.message);
      if (name === DECIMAL) return decimalType(field);
      return MESSAGES[name] ?? { kind: 'STRUCT', fields: columnsOf(type.message, within) };
    }
  }
}

function decimalType({ params }: MessageField): SqlType {
  const number = (name: string, otherwise: number) => {
    const text = params.get(name);
    return text !== undefined && /^\d{1,3}$/.test(text) ? Number(text) : otherwise;
  };
  const scale = number('scale', 0);
  return { kind: 'DECIMAL', precision: Math.max(number('precision', DEFAULT_PRECISION), scale, 1), scale };
}

/** The key and the value, when the field is a map: `map<k, v>`, or what Connect writes for one (see schema-text.ts). */
export function entryFields({ type, isRepeated }: MessageField): readonly MessageField[] | undefined {
  if (type.kind === 'entry') return type.fields;
  if (!isRepeated || type.kind !== 'message' || !type.message.name.endsWith('Entry')) return undefined;
  const fields = messageFields(type.message);
  const [key, value] = fields;
  return fields.length === 2 && key?.name === 'key' && value?.name === 'value' ? fields : undefined;
}
