import type { SqlType } from './types.ts';

const FIELD_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Why a column, or a field inside of it, cannot be a field of a message; undefined when it can. */
export function protobufMisfit(name: string, type: SqlType): string | undefined {
  if (!FIELD_NAME.test(name))
    return `a field cannot be named '${name}': use letters, digits and _, and no digit first`;
  switch (type.kind) {
    case 'ARRAY': {
      const { element } = type;
      if (element.kind === 'ARRAY' || element.kind === 'MAP')
        return `${name} is an ARRAY of ${element.kind}s, which a message cannot have: put each into a STRUCT`;
      return protobufMisfit(name, element);
    }
    case 'MAP':
      return protobufMisfit('key', type.key) ?? protobufMisfit('value', type.value);
    case 'STRUCT':
      return type.fields
        .map((field) => protobufMisfit(field.name, field.type))
        .find((reason) => reason !== undefined);
    default:
      return undefined;
  }
}
