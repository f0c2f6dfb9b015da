export const PRIMITIVES = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const;
export type Primitive = (typeof PRIMITIVES)[number];

/** Everything a schema says beyond its type: logical types, `java-class`, anything. */
export type Attributes = Readonly<Record<string, unknown>>;

interface Named {
  /** With its namespace. */
  readonly fullName: string;
  readonly aliases: readonly string[];
  readonly doc?: string | undefined;
  readonly attributes: Attributes;
}

export interface AvroField {
  readonly name: string;
  readonly type: AvroType;
  readonly doc?: string | undefined;
  /** `{value: null}` is a default too. */
  readonly fallback?: { readonly value: unknown } | undefined;
  readonly order: 'ascending' | 'descending' | 'ignore';
  readonly aliases: readonly string[];
  readonly attributes: Attributes;
}

export interface AvroRecord extends Named {
  readonly kind: 'record';
  readonly isError: boolean;
  /** Filled after the record is known by its name: it may contain itself. */
  readonly fields: readonly AvroField[];
}

export interface AvroEnum extends Named {
  readonly kind: 'enum';
  readonly symbols: readonly string[];
  readonly fallback?: string | undefined;
}

export interface AvroFixed extends Named {
  readonly kind: 'fixed';
  readonly size: number;
}

export type AvroType =
  | { readonly kind: Primitive; readonly attributes: Attributes }
  | { readonly kind: 'array'; readonly items: AvroType; readonly attributes: Attributes }
  | { readonly kind: 'map'; readonly values: AvroType; readonly attributes: Attributes }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord
  | AvroEnum
  | AvroFixed;

export type AvroNamed = AvroRecord | AvroEnum | AvroFixed;

export function isNamed(type: AvroType): type is AvroNamed {
  return type.kind === 'record' || type.kind === 'enum' || type.kind === 'fixed';
}

export function shortName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1);
}

export function namespaceOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')));
}
