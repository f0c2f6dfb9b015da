import type { Column, Schema } from '../../data/schema.ts';
import type { SqlType } from '../../data/types.ts';
import type { Source } from '../../sql/catalog.ts';
import type { Field, FieldSchema, SourceSummary } from './entities.ts';

export function fieldsOf(schema: Schema): Field[] {
  return [
    ...schema.key.map((column): Field => ({ ...fieldOf(column), type: 'KEY' })),
    ...schema.value.map(valueField),
  ];
}

function valueField(column: Column): Field {
  const { fromHeaders } = column;
  if (fromHeaders === undefined) return fieldOf(column);
  const { key } = fromHeaders;
  return { ...fieldOf(column), type: 'HEADER', ...(key !== undefined && { headerKey: key }) };
}

export function fieldOf({ name, type }: Column): Field {
  return { name, schema: fieldSchema(type) };
}

/** A type as ksqlDB's clients read it. */
export function fieldSchema(type: SqlType): FieldSchema {
  switch (type.kind) {
    case 'ARRAY':
      return { type: 'ARRAY', fields: null, memberSchema: fieldSchema(type.element) };
    case 'MAP':
      return { type: 'MAP', fields: null, memberSchema: fieldSchema(type.value) };
    case 'STRUCT':
      return { type: 'STRUCT', fields: type.fields.map(fieldOf), memberSchema: null };
    case 'DECIMAL': {
      const parameters = { precision: type.precision, scale: type.scale };
      return { type: 'DECIMAL', fields: null, memberSchema: null, parameters };
    }
    default:
      return { type: type.kind, fields: null, memberSchema: null };
  }
}

export function summaryOf(source: Source): SourceSummary {
  return {
    type: source.relation,
    name: source.name,
    topic: source.topic,
    keyFormat: source.keyFormat.name,
    valueFormat: source.valueFormat.name,
    isWindowed: source.window !== undefined,
  };
}
