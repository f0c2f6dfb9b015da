import type { Column } from '../../data/schema.ts';
import type { SqlType, StructField } from '../../data/types.ts';
import { isUnion } from '../json-union.ts';

/*
 * The JSON Schema in which ksqlDB writes columns: Kafka Connect's. JSON Schema alone does not tell an INTEGER from a
 * BIGINT, nor in which order fields come: `connect.type` and `connect.index` do. Everything may be null.
 */
type Json = string | number | readonly Json[] | { readonly [name: string]: Json };

export function jsonSchemaText(columns: readonly Column[], wrapped: boolean): string {
  const [only] = columns;
  return JSON.stringify(!wrapped && only ? nullable(only.type) : objectJson(columns));
}

function objectJson(fields: readonly StructField[]): { readonly [name: string]: Json } {
  const properties = fields.map(({ name, type }, index): [string, Json] => [
    name,
    { 'connect.index': index, ...nullable(type) },
  ]);
  return { type: 'object', properties: Object.fromEntries(properties) };
}

function nullable(type: SqlType): { readonly oneOf: readonly Json[] } {
  const types = type.kind === 'STRUCT' && isUnion(type) ? type.fields.map((field) => field.type) : [type];
  return { oneOf: [{ type: 'null' }, ...types.map(typeJson)] };
}

function typeJson(type: SqlType): Json {
  switch (type.kind) {
    case 'BOOLEAN':
      return { type: 'boolean' };
    case 'INTEGER':
      return { type: 'integer', 'connect.type': 'int32' };
    case 'BIGINT':
      return { type: 'integer', 'connect.type': 'int64' };
    case 'DOUBLE':
      return { type: 'number', 'connect.type': 'float64' };
    case 'STRING':
      return { type: 'string' };
    case 'BYTES':
      return { type: 'string', 'connect.type': 'bytes' };
    case 'DATE':
    case 'TIME':
      return logical(type.kind === 'DATE' ? 'Date' : 'Time', 'integer', 'int32');
    case 'TIMESTAMP':
      return logical('Timestamp', 'integer', 'int64');
    case 'DECIMAL':
      return {
        ...logical('Decimal', 'number', 'bytes'),
        'connect.parameters': {
          scale: String(type.scale),
          'connect.decimal.precision': String(type.precision),
        },
      };
    case 'ARRAY':
      return { type: 'array', items: nullable(type.element) };
    case 'MAP':
      return {
        type: 'object',
        'connect.type': 'map',
        additionalProperties: nullable(type.value),
      };
    case 'STRUCT':
      return objectJson(type.fields);
  }
}

function logical(name: string, type: string, connectType: string): { readonly [name: string]: Json } {
  return {
    type,
    title: `org.apache.kafka.connect.data.${name}`,
    'connect.version': 1,
    'connect.type': connectType,
  };
}
