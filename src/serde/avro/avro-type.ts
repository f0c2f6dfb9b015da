/** An Avro schema with its names resolved: a graph, since a record may lead back to itself. */
export type AvroType =
  | AvroPrimitive
  | AvroEnum
  | AvroFixed
  | AvroRecord
  | { readonly kind: 'array'; readonly items: AvroType; readonly attributes: Attributes }
  | { readonly kind: 'map'; readonly values: AvroType; readonly attributes: Attributes }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] };

export const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;

export type PrimitiveKind = (typeof PRIMITIVES)[number];

/** Everything a schema says beyond its type: logical types, `java-class`, anything. */
export type Attributes = Readonly<Record<string, unknown>>;

export interface AvroPrimitive {
  readonly kind: PrimitiveKind;
  readonly logical?: LogicalType | undefined;
  readonly attributes: Attributes;
}

/** `precision` and `scale` are those of `decimal`; 0 for others. */
export interface LogicalType {
  readonly name: string;
  readonly precision: number;
  readonly scale: number;
}

interface Named {
  /** With its namespace. */
  readonly fullName: string;
  /** Full names too. */
  readonly aliases: readonly string[];
  readonly doc?: string | undefined;
  readonly attributes: Attributes;
}

export interface AvroEnum extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  readonly fallback?: string | undefined;
}

export interface AvroFixed extends Named {
  readonly kind: 'fixed';
  readonly size: number;
  readonly logical?: LogicalType | undefined;
}

export interface AvroRecord extends Named {
  readonly kind: 'record';
  readonly isError: boolean;
  /** Filled once the record's own name is known to them. */
  readonly fields: readonly AvroField[];
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc?: string | undefined;
  /** Its default, as JSON; absent where a writer must give a value, while `{value: null}` is one. */
  readonly fallback?: { readonly value: unknown } | undefined;
  readonly order: 'ascending' | 'descending' | 'ignore';
  readonly aliases: readonly string[];
  readonly attributes: Attributes;
}

export type AvroNamed = AvroRecord | AvroEnum | AvroFixed;

export const STRING: AvroPrimitive = { kind: 'string', attributes: {} };

export function isNamed(type: AvroType): type is AvroNamed {
  return type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed';
}

/** The name that tells branches of a union apart. */
export function branchName(type: AvroType): string {
  return isNamed(type) ? type.fullName : type.kind;
}

/** A full name without its namespace. */
export function simpleName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

export function namespaceOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')));
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

/** For messages. */
export function kindAndName(type: AvroType): string {
  return isNamed(type) ? `${type.kind} ${type.fullName}` : type.kind;
}
