import type { Column, Schema } from './schema.ts';
import type { SqlType } from './types.ts';

/** `ARRAY<INTEGER>`, ``STRUCT<`F0` STRING>``: the form ksqlDB prints and its clients parse. */
export function formatType(type: SqlType): string {
  switch (type.kind) {
    case 'DECIMAL':
      return `DECIMAL(${type.precision}, ${type.scale})`;
    case 'ARRAY':
      return `ARRAY<${formatType(type.element)}>`;
    case 'MAP':
      return `MAP<${formatType(type.key)}, ${formatType(type.value)}>`;
    case 'STRUCT':
      return `STRUCT<${type.fields.map((field) => formatColumn(field)).join(', ')}>`;
    default:
      return type.kind;
  }
}

/** `` `NAME` TYPE`` */
export function formatColumn({ name, type, fromHeaders }: Column): string {
  const text = `${quoteName(name)} ${formatType(type)}`;
  if (fromHeaders === undefined) return text;
  const { key } = fromHeaders;
  return key === undefined ? `${text} HEADERS` : `${text} HEADER('${key.replaceAll("'", "''")}')`;
}

/** `` `K` INTEGER KEY, `V` STRING`` */
export function formatSchema(schema: Schema): string {
  return [
    ...schema.key.map((column) => `${formatColumn(column)} KEY`),
    ...schema.value.map((column) => formatColumn(column)),
  ].join(', ');
}

export function quoteName(name: string): string {
  return `\`${name.replaceAll('`', '``')}\``;
}
