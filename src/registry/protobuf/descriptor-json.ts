/** descriptor.proto as protobufjs gives it: only what is read or written here. */
/** FieldDescriptorProto.Type, from 1 on. */
export const TYPES = [
  ...['', 'double', 'float', 'int64', 'uint64', 'int32', 'fixed64', 'fixed32', 'bool', 'string', 'group'],
  ...['message', 'bytes', 'uint32', 'enum', 'sfixed32', 'sfixed64', 'sint32', 'sint64'],
];
export const GROUP = 10;
export const MESSAGE = 11;
export const ENUM = 14;
export const LABELS = ['', 'optional', 'required', 'repeated'] as const;

export interface FieldJson {
  name: string;
  number: number;
  label?: number;
  type?: number;
  typeName?: string;
  extendee?: string;
  defaultValue?: string;
  oneofIndex?: number;
  jsonName?: string;
  options?: Record<string, unknown>;
  proto3Optional?: boolean;
}
export interface RangeJson {
  start?: number;
  end?: number;
}
export interface EnumJson {
  name: string;
  value?: { name: string; number?: number; options?: Record<string, unknown> }[];
  options?: Record<string, unknown>;
  reservedRange?: RangeJson[];
  reservedName?: string[];
}
export interface MessageJson {
  name: string;
  field?: FieldJson[];
  nestedType?: MessageJson[];
  enumType?: EnumJson[];
  extensionRange?: RangeJson[];
  extension?: FieldJson[];
  options?: Record<string, unknown>;
  oneofDecl?: { name: string; options?: Record<string, unknown> }[];
  reservedRange?: RangeJson[];
  reservedName?: string[];
}
export interface ServiceJson {
  name: string;
  method?: {
    name: string;
    inputType: string;
    outputType: string;
    options?: Record<string, unknown>;
    clientStreaming?: boolean;
    serverStreaming?: boolean;
  }[];
  options?: Record<string, unknown>;
}
export interface FileJson {
  name?: string;
  package?: string;
  dependency?: string[];
  publicDependency?: number[];
  weakDependency?: number[];
  messageType?: MessageJson[];
  enumType?: EnumJson[];
  service?: ServiceJson[];
  extension?: FieldJson[];
  options?: Record<string, unknown>;
  syntax?: string;
  edition?: number;
}

/** The name a field has in JSON unless it says otherwise. */
export function camelCase(name: string): string {
  return name.replaceAll(/_+([a-zA-Z0-9]?)/g, (_all, letter: string) => letter.toUpperCase());
}
