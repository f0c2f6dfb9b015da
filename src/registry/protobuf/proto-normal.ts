import {
  isScalar,
  type ProtoEnum,
  type ProtoField,
  type ProtoFile,
  type ProtoMessage,
  type ProtoOption,
} from './proto-model.ts';
import type { ProtoScope } from './proto-scope.ts';

/** The same file for any two that mean the same: fields by number, everything else by name, types by their full names. */
export function normalProtoFile(file: ProtoFile, scope: ProtoScope): ProtoFile {
  return {
    syntax: file.syntax,
    package: file.package,
    imports: by(file.imports, ({ path }) => path),
    options: byName(file.options),
    types: types(file.types, file.package, scope),
    extensions: by(file.extensions, ({ type }) => type).map(({ type, fields }) => ({
      type: full(type, file.package, scope),
      fields: normalFields(fields, file.package, scope),
    })),
    services: byName(file.services).map(({ name, options, methods }) => ({
      name,
      options: byName(options),
      methods: byName(methods).map((method) => ({
        ...method,
        input: full(method.input, file.package, scope),
        output: full(method.output, file.package, scope),
        options: byName(method.options),
      })),
    })),
  };
}

function types(
  list: readonly (ProtoMessage | ProtoEnum)[],
  outer: string,
  scope: ProtoScope,
): (ProtoMessage | ProtoEnum)[] {
  return by(list, ({ kind, name }) => `${kind === 'enum' ? 1 : 0} ${name}`).map((type) =>
    type.kind === 'enum'
      ? enumeration(type)
      : message(type, outer === '' ? type.name : `${outer}.${type.name}`, scope),
  );
}

function enumeration({ values, ...rest }: ProtoEnum): ProtoEnum {
  return {
    ...rest,
    options: byName(rest.options),
    values: by(values, ({ number }) => number).map((value) => ({ ...value, options: byName(value.options) })),
    reserved: by(rest.reserved, ({ from }) => from),
    reservedNames: rest.reservedNames.toSorted(),
  };
}

function message(one: ProtoMessage, fullName: string, scope: ProtoScope): ProtoMessage {
  return {
    kind: 'message',
    name: one.name,
    options: byName(one.options),
    fields: normalFields(one.fields, fullName, scope),
    oneofs: byName(one.oneofs).map(({ name, options, fields }) => ({
      name,
      options: byName(options),
      fields: normalFields(fields, fullName, scope),
    })),
    types: types(one.types, fullName, scope),
    extensions: one.extensions.map(({ type, fields }) => ({
      type: full(type, fullName, scope),
      fields: normalFields(fields, fullName, scope),
    })),
    extensionRanges: by(one.extensionRanges, ({ from }) => from),
    reserved: by(one.reserved, ({ from }) => from),
    reservedNames: one.reservedNames.toSorted(),
  };
}

function normalFields(fields: readonly ProtoField[], outer: string, scope: ProtoScope): ProtoField[] {
  return by(fields, ({ number }) => number).map((field) => ({
    ...field,
    type: field.isGroup ? field.type : full(field.type, outer, scope),
    options: byName(field.options),
  }));
}

function full(type: string, outer: string, scope: ProtoScope): string {
  if (isScalar(type)) return type;
  const found = scope.resolve(type, outer);
  return found === undefined ? type : `.${found}`;
}

function byName<Item extends { readonly name: string } | ProtoOption>(items: readonly Item[]): Item[] {
  return by(items, ({ name }) => name);
}

function by<Item>(items: readonly Item[], key: (item: Item) => string | number): Item[] {
  return items.toSorted((one, other) => {
    const [left, right] = [key(one), key(other)];
    return left < right ? -1 : left > right ? 1 : 0;
  });
}
