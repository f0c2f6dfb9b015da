import type { Enum, Field, MapField, Type } from 'protobufjs';
import { loadProtobufjs } from './schema-parser.ts';

export type ScalarType =
  | 'double'
  | 'float'
  | 'int32'
  | 'uint32'
  | 'sint32'
  | 'fixed32'
  | 'sfixed32'
  | 'int64'
  | 'uint64'
  | 'sint64'
  | 'fixed64'
  | 'sfixed64'
  | 'bool'
  | 'string'
  | 'bytes';

export type FieldType =
  | { readonly kind: 'scalar'; readonly scalar: ScalarType }
  | { readonly kind: 'enum'; readonly enum: Enum }
  | { readonly kind: 'message'; readonly message: Type; readonly isGroup: boolean }
  /** What `map<k, v>` stands for: entries with the fields key = 1 and value = 2. */
  | { readonly kind: 'entry'; readonly fields: readonly MessageField[] };

/** A field of a message, as far as it matters to its bytes and its SQL type. */
export interface MessageField {
  readonly name: string;
  readonly number: number;
  readonly type: FieldType;
  readonly isRepeated: boolean;
  /** Repeated numbers in one length-delimited piece. Readers take both ways. */
  readonly isPacked: boolean;
  /** Whether a field that is left out differs from one with its type's default. */
  readonly hasPresence: boolean;
  /** The oneof it is in, other than one that only stands for `optional`. */
  readonly oneof: OneofName | undefined;
  /** (confluent.field_meta).params */
  readonly params: ReadonlyMap<string, string>;
}

export interface OneofName {
  readonly name: string;
  readonly index: number;
}

/** In the order of the file. */
export function messageFields(message: Type): readonly MessageField[] {
  const oneofs = message.oneofsArray.filter((oneof) => !oneof.isProto3Optional);
  return message.fieldsArray.map((field) => {
    const index = field.partOf === null ? -1 : oneofs.indexOf(field.partOf);
    const type = fieldType(field);
    const isMap = type.kind === 'entry';
    const isRepeated = field.repeated || isMap;
    return {
      name: field.name,
      number: field.id,
      type,
      isRepeated,
      isPacked: isRepeated && field.packed && isNumeric(type),
      hasPresence: !isRepeated && (type.kind === 'message' || Boolean(field.hasPresence)),
      oneof: index < 0 ? undefined : { name: (oneofs[index] as { name: string }).name, index },
      params: metaParams(field),
    };
  });
}

function isNumeric(type: FieldType): boolean {
  return (
    type.kind === 'enum' || (type.kind === 'scalar' && type.scalar !== 'string' && type.scalar !== 'bytes')
  );
}

function fieldType(field: Field): FieldType {
  const { MapField } = loadProtobufjs();
  if (!(field instanceof MapField)) return plainType(field);
  const { keyType } = field as MapField;
  return {
    kind: 'entry',
    fields: [
      entryField('key', 1, { kind: 'scalar', scalar: keyType as ScalarType }),
      entryField('value', 2, plainType(field)),
    ],
  };
}

function entryField(name: string, number: number, type: FieldType): MessageField {
  const hasPresence = type.kind === 'message';
  return {
    name,
    number,
    type,
    isRepeated: false,
    isPacked: false,
    hasPresence,
    oneof: undefined,
    params: new Map(),
  };
}

function plainType(field: Field): FieldType {
  const { Enum, Type } = loadProtobufjs();
  const { resolvedType } = field;
  if (resolvedType instanceof Type)
    return { kind: 'message', message: resolvedType, isGroup: field.delimited };
  if (resolvedType instanceof Enum) return { kind: 'enum', enum: resolvedType };
  return { kind: 'scalar', scalar: field.type as ScalarType };
}

interface MetaOption {
  readonly '(confluent.field_meta)'?: {
    readonly params?: readonly { readonly key?: unknown; readonly value?: unknown }[];
  };
}

function metaParams({ parsedOptions }: Field): Map<string, string> {
  const options = (parsedOptions ?? []) as readonly MetaOption[];
  const params = options.flatMap((option) => option['(confluent.field_meta)']?.params ?? []);
  return new Map(params.map(({ key, value }) => [String(key), String(value)]));
}

/** Of a message that SQL knows, without the dot before it: `google.type.Date`. */
export function messageName(message: Type): string {
  return message.fullName.replace(/^\./, '');
}
