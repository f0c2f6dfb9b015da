import { Buffer } from 'node:buffer';
import descriptor from 'protobufjs/ext/descriptor.js';
import {
  camelCase,
  ENUM,
  type EnumJson,
  type FieldJson,
  type FileJson,
  GROUP,
  LABELS,
  MESSAGE,
  type MessageJson,
  type RangeJson,
  type ServiceJson,
  TYPES,
} from './descriptor-json.ts';
import { optionsToDescriptor } from './descriptor-options.ts';
import {
  isScalar,
  type ProtoEnum,
  type ProtoExtend,
  type ProtoField,
  type ProtoMessage,
  type ProtoRange,
  type ProtoService,
} from './proto-model.ts';
import type { ProtoScope } from './proto-scope.ts';
import { unquoted } from './proto-tokens.ts';

const { FileDescriptorProto } = descriptor;

/** Writes a FileDescriptorProto in base64. Custom options are left out: their types are not known here. */
export function fileToDescriptor(scope: ProtoScope): string {
  const { file } = scope;
  const indexes = (kind: 'public' | 'weak') =>
    file.imports.flatMap((one, index) => (one.kind === kind ? [index] : []));
  const isEdition = !file.syntax.startsWith('proto');
  const json: FileJson = {
    name: 'default',
    ...(file.package !== '' && { package: file.package }),
    dependency: file.imports.map(({ path }) => path),
    publicDependency: indexes('public'),
    weakDependency: indexes('weak'),
    ...typesToJson(file.types, file.package, scope, 'messageType'),
    service: file.services.map((service) => serviceToJson(service, file.package, scope)),
    extension: file.extensions.flatMap((extend) => extendToJson(extend, file.package, scope)),
    ...optionsToDescriptor('FileOptions', file.options),
    ...(isEdition
      ? { syntax: 'editions', edition: Number(file.syntax) - 1023 }
      : file.syntax === 'proto3' && { syntax: 'proto3' }),
  };
  const message = FileDescriptorProto.create(json as object);
  return Buffer.from(FileDescriptorProto.encode(message).finish()).toString('base64');
}

function typesToJson<Name extends 'messageType' | 'nestedType'>(
  types: readonly (ProtoMessage | ProtoEnum)[],
  outer: string,
  scope: ProtoScope,
  name: Name,
) {
  const messages = types.filter((type) => type.kind === 'message');
  const enums = types.filter((type) => type.kind === 'enum');
  return {
    [name]: messages.map((message) => messageToJson(message, full(outer, message.name), scope)),
    enumType: enums.map(enumToJson),
  };
}

function messageToJson(message: ProtoMessage, fullName: string, scope: ProtoScope): MessageJson {
  const maps: MessageJson[] = [];
  const convert = (field: ProtoField, oneofIndex?: number): FieldJson => {
    if (field.mapKey !== undefined) maps.push(mapEntry(field, fullName, scope));
    return { ...fieldToJson(field, fullName, scope), ...(oneofIndex !== undefined && { oneofIndex }) };
  };
  const inOneofs = message.oneofs.flatMap(({ fields }, index) =>
    fields.map((field) => convert(field, index)),
  );
  const optional =
    scope.file.syntax === 'proto3' ? message.fields.filter(({ label }) => label === 'optional') : [];
  const plain = message.fields.map((field): FieldJson => {
    const index = optional.indexOf(field);
    if (index < 0) return convert(field);
    return { ...convert(field, message.oneofs.length + index), proto3Optional: true };
  });
  const { nestedType, enumType } = typesToJson(message.types, fullName, scope, 'nestedType') as {
    nestedType: MessageJson[];
    enumType: EnumJson[];
  };
  return {
    name: message.name,
    field: [...plain, ...inOneofs],
    nestedType: [...nestedType, ...maps],
    enumType,
    extensionRange: rangesToJson(message.extensionRanges, 1),
    extension: message.extensions.flatMap((extend) => extendToJson(extend, fullName, scope)),
    ...optionsToDescriptor('MessageOptions', message.options),
    oneofDecl: [
      ...message.oneofs.map(({ name, options }) => ({
        name,
        ...optionsToDescriptor('OneofOptions', options),
      })),
      ...optional.map(({ name }) => ({ name: `_${name}` })),
    ],
    reservedRange: rangesToJson(message.reserved, 1),
    reservedName: [...message.reservedNames],
  };
}

function mapEntry(field: ProtoField, fullName: string, scope: ProtoScope): MessageJson {
  const part = (name: string, number: number, type: string): FieldJson =>
    fieldToJson({ name, number, label: '', type, isGroup: false, options: [] }, fullName, scope);
  return {
    name: entryName(field.name),
    field: [part('key', 1, field.mapKey!), part('value', 2, field.type)],
    options: { mapEntry: true },
  };
}

function fieldToJson(field: ProtoField, outer: string, scope: ProtoScope): FieldJson {
  const { name, number, label, mapKey, isGroup, options } = field;
  const named = (option: string) => options.find((one) => one.name === option)?.value;
  const fallback = named('default');
  const jsonName = named('json_name');
  const rest = options.filter((one) => one.name !== 'default' && one.name !== 'json_name');
  return {
    name,
    number,
    label: mapKey === undefined ? Math.max(1, LABELS.indexOf(label)) : 3,
    ...(mapKey === undefined
      ? typeToJson(field.type, isGroup, outer, scope)
      : { type: MESSAGE, typeName: `.${full(outer, entryName(name))}` }),
    jsonName: jsonName?.kind === 'token' ? unquoted(jsonName.text) : camelCase(name),
    ...(fallback?.kind === 'token' && {
      defaultValue: field.type === 'bytes' ? fallback.text.slice(1, -1) : unquoted(fallback.text),
    }),
    ...optionsToDescriptor('FieldOptions', rest),
  };
}

function typeToJson(type: string, isGroup: boolean, outer: string, scope: ProtoScope) {
  if (isScalar(type)) return { type: TYPES.indexOf(type) };
  const name = scope.resolve(type, outer) ?? type;
  return { type: isGroup ? GROUP : scope.isEnum(name) ? ENUM : MESSAGE, typeName: `.${name}` };
}

function enumToJson(one: ProtoEnum): EnumJson {
  return {
    name: one.name,
    value: one.values.map(({ name, number, options }) => ({
      name,
      number,
      ...optionsToDescriptor('EnumValueOptions', options),
    })),
    ...optionsToDescriptor('EnumOptions', one.options),
    reservedRange: rangesToJson(one.reserved, 0),
    reservedName: [...one.reservedNames],
  };
}

function rangesToJson(ranges: readonly ProtoRange[], beyond: number): RangeJson[] {
  return ranges.map(({ from, to }) => ({ start: from, end: to + beyond }));
}

function extendToJson({ type, fields }: ProtoExtend, outer: string, scope: ProtoScope): FieldJson[] {
  const extendee = `.${scope.resolve(type, outer) ?? type}`;
  return fields.map((field) => ({ ...fieldToJson(field, outer, scope), extendee }));
}

function serviceToJson(
  { name, options, methods }: ProtoService,
  outer: string,
  scope: ProtoScope,
): ServiceJson {
  const fullName = (type: string) => `.${scope.resolve(type, outer) ?? type}`;
  return {
    name,
    method: methods.map((method) => ({
      name: method.name,
      inputType: fullName(method.input),
      outputType: fullName(method.output),
      clientStreaming: method.clientStreams,
      serverStreaming: method.serverStreams,
      ...optionsToDescriptor('MethodOptions', method.options),
    })),
    ...optionsToDescriptor('ServiceOptions', options),
  };
}

function entryName(field: string): string {
  return `${field.replaceAll(/(?:^|_)+([a-zA-Z0-9]?)/g, (_all, letter: string) => letter.toUpperCase())}Entry`;
}

function full(outer: string, name: string): string {
  return outer === '' ? name : `${outer}.${name}`;
}
