import { Buffer } from 'node:buffer';
import descriptor from 'protobufjs/ext/descriptor.js';
import {
  camelCase,
  type EnumJson,
  type FieldJson,
  type FileJson,
  GROUP,
  LABELS,
  type MessageJson,
  type RangeJson,
  type ServiceJson,
  TYPES,
} from './descriptor-json.ts';
import { optionsFromDescriptor } from './descriptor-options.ts';
import {
  MAX_ENUM_NUMBER,
  MAX_FIELD_NUMBER,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoOption,
  type ProtoRange,
  type ProtoService,
} from './proto-model.ts';
import { parseProtoFile } from './proto-parser.ts';
import { quoted } from './proto-tokens.ts';

const { FileDescriptorProto } = descriptor;

/** Reads a FileDescriptorProto in base64. Throws an Error when it is none, saying what the text would lack as a file too. */
export function fileFromDescriptor(base64: string): ProtoFile {
  let json: FileJson;
  try {
    const bytes = Buffer.from(base64, 'base64');
    json = FileDescriptorProto.toObject(FileDescriptorProto.decode(bytes)) as unknown as FileJson;
  } catch {
    // It was a word of a text after all, whose fault is told better by who reads texts.
    return parseProtoFile(base64);
  }
  return {
    syntax: syntaxOf(json),
    package: json.package ?? '',
    imports: (json.dependency ?? []).map((path, index) => ({
      path,
      kind: json.publicDependency?.includes(index)
        ? 'public'
        : json.weakDependency?.includes(index)
          ? 'weak'
          : '',
    })),
    options: optionsFromDescriptor('FileOptions', json.options),
    types: typesOf(json.messageType, json.enumType, json.syntax),
    extensions: extensionsOf(json.extension, json.syntax),
    services: (json.service ?? []).map(serviceOf),
  };
}

/** Edition 2023 has the number 1000. */
function syntaxOf({ syntax, edition }: FileJson): string {
  if (edition !== undefined && edition >= 1000) return String(edition + 1023);
  return syntax || 'proto2';
}

function typesOf(
  messages: readonly MessageJson[] = [],
  enums: readonly EnumJson[] = [],
  syntax: string | undefined,
): (ProtoMessage | ProtoEnum)[] {
  return [...messages.map((message) => messageOf(message, syntax)), ...enums.map(enumOf)];
}

function messageOf(json: MessageJson, syntax: string | undefined): ProtoMessage {
  const nested = json.nestedType ?? [];
  const maps = new Map(nested.filter(isMapEntry).map((entry) => [entry.name, entry]));
  const fields = (json.field ?? []).map((field) => ({
    field: fieldOf(field, maps, syntax),
    oneof: field.proto3Optional ? undefined : field.oneofIndex,
  }));
  const oneofs = (json.oneofDecl ?? []).map(({ name, options }, index) => ({
    name,
    options: optionsFromDescriptor('OneofOptions', options),
    fields: fields.filter(({ oneof }) => oneof === index).map(({ field }) => field),
  }));
  return {
    kind: 'message',
    name: json.name,
    options: optionsFromDescriptor('MessageOptions', json.options),
    fields: fields.filter(({ oneof }) => oneof === undefined).map(({ field }) => field),
    // The one behind an optional field of proto3 holds nothing else.
    oneofs: oneofs.filter((oneof) => oneof.fields.length > 0),
    types: typesOf(
      nested.filter((entry) => !isMapEntry(entry)),
      json.enumType,
      syntax,
    ),
    extensions: extensionsOf(json.extension, syntax),
    extensionRanges: rangesOf(json.extensionRange, 1, MAX_FIELD_NUMBER),
    reserved: rangesOf(json.reservedRange, 1, MAX_FIELD_NUMBER),
    reservedNames: json.reservedName ?? [],
  };
}

function isMapEntry({ options }: MessageJson): boolean {
  return options?.mapEntry === true;
}

function fieldOf(
  json: FieldJson,
  maps: ReadonlyMap<string, MessageJson>,
  syntax: string | undefined,
): ProtoField {
  const { name, number, typeName = '', type = 0 } = json;
  const entry = json.label === 3 ? maps.get(typeName.slice(typeName.lastIndexOf('.') + 1)) : undefined;
  const options = [
    ...(json.defaultValue === undefined ? [] : [defaultOption(json.defaultValue, type)]),
    ...(json.jsonName === undefined || json.jsonName === camelCase(name)
      ? []
      : [{ name: 'json_name', value: { kind: 'token' as const, text: quoted(json.jsonName) } }]),
    ...optionsFromDescriptor('FieldOptions', json.options),
  ];
  if (entry) {
    const [key, value] = entry.field ?? [];
    return { name, number, label: '', type: typeOf(value!), mapKey: typeOf(key!), isGroup: false, options };
  }
  const isGroup = type === GROUP;
  const isPlain =
    json.label === 1 &&
    (json.oneofIndex !== undefined || (syntax ?? 'proto2') !== 'proto2') &&
    !json.proto3Optional;
  const label = isPlain ? '' : LABELS[json.label ?? 1]!;
  const group = typeName.slice(typeName.lastIndexOf('.') + 1);
  return { name, number, label, type: isGroup ? group : typeOf(json), isGroup, options };
}

function typeOf({ type = 0, typeName }: FieldJson): string {
  return typeName ? typeName : TYPES[type]!;
}

/** Of bytes a descriptor keeps the escapes. */
function defaultOption(text: string, type: number): ProtoOption {
  const token = TYPES[type] === 'string' ? quoted(text) : TYPES[type] === 'bytes' ? `"${text}"` : text;
  return { name: 'default', value: { kind: 'token', text: token } };
}

function enumOf(json: EnumJson): ProtoEnum {
  return {
    kind: 'enum',
    name: json.name,
    options: optionsFromDescriptor('EnumOptions', json.options),
    values: (json.value ?? []).map(({ name, number, options }) => ({
      name,
      number: number ?? 0,
      options: optionsFromDescriptor('EnumValueOptions', options),
    })),
    reserved: rangesOf(json.reservedRange, 0, MAX_ENUM_NUMBER),
    reservedNames: json.reservedName ?? [],
  };
}

/** The end of a message's range does not belong to it, that of an enum's does. */
function rangesOf(ranges: readonly RangeJson[] = [], beyond: number, max: number): ProtoRange[] {
  return ranges.map(({ start = 0, end = 0 }) => ({ from: start, to: Math.min(end - beyond, max) }));
}

function extensionsOf(fields: readonly FieldJson[] = [], syntax: string | undefined): ProtoExtend[] {
  return [...Map.groupBy(fields, ({ extendee }) => extendee ?? '')].map(([type, list]) => ({
    type,
    fields: list.map((field) => fieldOf(field, new Map(), syntax)),
  }));
}

function serviceOf({ name, options, method = [] }: ServiceJson): ProtoService {
  return {
    name,
    options: optionsFromDescriptor('ServiceOptions', options),
    methods: method.map((one) => ({
      name: one.name,
      input: one.inputType,
      output: one.outputType,
      clientStreams: one.clientStreaming ?? false,
      serverStreams: one.serverStreaming ?? false,
      options: optionsFromDescriptor('MethodOptions', one.options),
    })),
  };
}
