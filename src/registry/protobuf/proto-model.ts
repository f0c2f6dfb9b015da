/** A .proto file as it is written: names are not resolved, the order is kept, comments and layout are gone. */
export interface ProtoFile {
  /** `proto2`, `proto3` or the year of an edition. */
  readonly syntax: string;
  readonly package: string;
  readonly imports: readonly ProtoImport[];
  readonly options: readonly ProtoOption[];
  readonly types: readonly (ProtoMessage | ProtoEnum)[];
  readonly extensions: readonly ProtoExtend[];
  readonly services: readonly ProtoService[];
}

export interface ProtoImport {
  readonly path: string;
  readonly kind: '' | 'public' | 'weak';
}

export interface ProtoOption {
  /** As written: `java_package`, `(my.option).part`. */
  readonly name: string;
  readonly value: ProtoValue;
}

/** `text` is a token as it stands in a file: `5`, `-inf`, `SPEED`, `"quoted"`. */
export type ProtoValue =
  | { readonly kind: 'token'; readonly text: string }
  | { readonly kind: 'message'; readonly fields: readonly ProtoOption[] }
  | { readonly kind: 'list'; readonly items: readonly ProtoValue[] };

export interface ProtoMessage {
  readonly kind: 'message';
  readonly name: string;
  readonly options: readonly ProtoOption[];
  readonly fields: readonly ProtoField[];
  readonly oneofs: readonly ProtoOneof[];
  readonly types: readonly (ProtoMessage | ProtoEnum)[];
  readonly extensions: readonly ProtoExtend[];
  readonly extensionRanges: readonly ProtoRange[];
  readonly reserved: readonly ProtoRange[];
  readonly reservedNames: readonly string[];
}

export interface ProtoField {
  readonly name: string;
  readonly number: number;
  readonly label: '' | 'optional' | 'required' | 'repeated';
  /** A scalar or a name; of a map the type of its values. */
  readonly type: string;
  readonly mapKey?: string | undefined;
  /** A group is a message and a field at once. */
  readonly isGroup: boolean;
  readonly options: readonly ProtoOption[];
}

export interface ProtoOneof {
  readonly name: string;
  readonly options: readonly ProtoOption[];
  readonly fields: readonly ProtoField[];
}

export interface ProtoEnum {
  readonly kind: 'enum';
  readonly name: string;
  readonly options: readonly ProtoOption[];
  readonly values: readonly ProtoEnumValue[];
  readonly reserved: readonly ProtoRange[];
  readonly reservedNames: readonly string[];
}

export interface ProtoEnumValue {
  readonly name: string;
  readonly number: number;
  readonly options: readonly ProtoOption[];
}

/** Both ends belong to it. */
export interface ProtoRange {
  readonly from: number;
  readonly to: number;
}

export interface ProtoExtend {
  readonly type: string;
  readonly fields: readonly ProtoField[];
}

export interface ProtoService {
  readonly name: string;
  readonly options: readonly ProtoOption[];
  readonly methods: readonly ProtoMethod[];
}

export interface ProtoMethod {
  readonly name: string;
  readonly input: string;
  readonly output: string;
  readonly clientStreams: boolean;
  readonly serverStreams: boolean;
  readonly options: readonly ProtoOption[];
}

export const MAX_FIELD_NUMBER = 536_870_911;
export const MAX_ENUM_NUMBER = 2_147_483_647;

const SCALARS = [
  ...['double', 'float', 'int32', 'int64', 'uint32', 'uint64', 'sint32', 'sint64'],
  ...['fixed32', 'fixed64', 'sfixed32', 'sfixed64', 'bool', 'string', 'bytes'],
] as const;

export type ProtoScalar = (typeof SCALARS)[number];

export function isScalar(type: string): type is ProtoScalar {
  return (SCALARS as readonly string[]).includes(type);
}

/** All fields of a message, those in a oneof too. */
export function fieldsOf({ fields, oneofs }: ProtoMessage): ProtoField[] {
  return [...fields, ...oneofs.flatMap((oneof) => oneof.fields)];
}
