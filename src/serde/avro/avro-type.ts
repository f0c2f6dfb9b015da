/** An Avro schema with its names resolved: a graph, since a record may lead back to itself. */
export type AvroType =
  | AvroPrimitive
  | AvroEnum
  | AvroFixed
  | AvroRecord
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | AvroUnion;

export interface AvroPrimitive {
  readonly kind: PrimitiveKind;
  readonly logical?: LogicalType;
}

export const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;

export type PrimitiveKind = (typeof PRIMITIVES)[number];

/** `precision` and `scale` are those of `decimal`; 0 for others. */
export interface LogicalType {
  readonly name: string;
  readonly precision: number;
  readonly scale: number;
}

/** Names are full names. */
interface Named {
  readonly name: string;
  readonly aliases: readonly string[];
}

export interface AvroEnum extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  readonly default?: string;
}

export interface AvroFixed extends Named {
  readonly kind: 'fixed';
  readonly size: number;
  readonly logical?: LogicalType;
}

export interface AvroRecord extends Named {
  readonly kind: 'record';
  /** Filled once the record's own name is known to them. */
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly aliases: readonly string[];
  readonly type: AvroType;
  /** As JSON; absent where a writer must give a value. */
  readonly default?: unknown;
}

export interface AvroUnion {
  readonly kind: 'union';
  readonly branches: readonly AvroType[];
}

/** The name that tells branches of a union apart. */
export function branchName(type: AvroType): string {
  return 'name' in type ? type.name : type.kind;
}

/** A full name without its namespace. */
export function simpleName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

/** Kafka Connect writes maps whose keys may be other than text as arrays of these. */
export function isMapEntry(type: AvroType): type is AvroRecord {
  return (
    type.kind === 'record' &&
    type.fields.length === 2 &&
    type.fields[0]?.name === 'key' &&
    type.fields[1]?.name === 'value'
  );
}

/** By its exact name, else by the first that is the same but for the case. */
export function fieldNamed({ fields }: AvroRecord, name: string): AvroField | undefined {
  const upper = name.toUpperCase();
  return (
    fields.find((field) => field.name === name) ?? fields.find((field) => field.name.toUpperCase() === upper)
  );
}
