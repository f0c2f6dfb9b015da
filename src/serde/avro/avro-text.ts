import type { Column } from '../../data/schema.ts';
import type { SqlType, StructField } from '../../data/types.ts';
import { SerdeError } from '../format.ts';

/*
 * The schema in which ksqlDB writes columns: Kafka Connect's, every field nullable, records named after where they stand:
 *
 *   KsqlDataSourceSchema                     the row
 *   KsqlDataSourceSchema_ADDRESS             a STRUCT column, or an entry of a MAP column
 *   KsqlDataSourceSchema_TAGS_MapValue       a STRUCT inside of a MAP column
 */
const DEFAULT_NAME = 'io.confluent.ksql.avro_schemas.KsqlDataSourceSchema';
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

type Json = string | readonly Json[] | { readonly [name: string]: Json | number | null };

/** `columns` as a record, or the one column's own type when it is not wrapped. */
export function avroText(columns: readonly Column[], wrapped: boolean, fullName = DEFAULT_NAME): string {
  const [only] = columns;
  const schema = !wrapped && only ? typeJson(only.type, fullName) : recordJson(columns, fullName);
  return JSON.stringify(schema);
}

function recordJson(fields: readonly StructField[], fullName: string): Json {
  const dot = fullName.lastIndexOf('.');
  return {
    type: 'record',
    name: fullName.slice(dot + 1),
    ...(dot > 0 && { namespace: fullName.slice(0, dot) }),
    fields: fields.map((field) => fieldJson(field.name, field.type, `${fullName}_${field.name}`)),
    'connect.name': fullName,
  };
}

function fieldJson(name: string, type: SqlType, fullName: string): Json {
  if (!NAME.test(name))
    throw new SerdeError(
      `${JSON.stringify(name)} is no name for a field in Avro, where names have letters, digits and underscores, and no digit first.`,
    );
  return { name, type: nullable(type, fullName), default: null };
}

function nullable(type: SqlType, fullName: string): Json {
  return ['null', typeJson(type, fullName)];
}

function typeJson(type: SqlType, fullName: string): Json {
  switch (type.kind) {
    case 'BOOLEAN':
      return 'boolean';
    case 'INTEGER':
      return 'int';
    case 'BIGINT':
      return 'long';
    case 'DOUBLE':
      return 'double';
    case 'STRING':
      return 'string';
    case 'BYTES':
      return 'bytes';
    case 'DATE':
      return logical('int', 'Date', 'date');
    case 'TIME':
      return logical('int', 'Time', 'time-millis');
    case 'TIMESTAMP':
      return logical('long', 'Timestamp', 'timestamp-millis');
    case 'DECIMAL':
      return {
        type: 'bytes',
        scale: type.scale,
        precision: type.precision,
        'connect.version': 1,
        'connect.parameters': {
          scale: String(type.scale),
          'connect.decimal.precision': String(type.precision),
        },
        'connect.name': 'org.apache.kafka.connect.data.Decimal',
        logicalType: 'decimal',
      };
    case 'ARRAY':
      return { type: 'array', items: nullable(type.element, fullName) };
    case 'MAP':
      return { type: 'array', items: entryJson(type.key, type.value, fullName) };
    case 'STRUCT':
      return recordJson(type.fields, fullName);
  }
}

/** Kafka Connect has nullable keys in its maps, which Avro's own maps cannot hold. */
function entryJson(key: SqlType, value: SqlType, fullName: string): Json {
  const dot = fullName.lastIndexOf('.');
  return {
    type: 'record',
    name: fullName.slice(dot + 1),
    ...(dot > 0 && { namespace: fullName.slice(0, dot) }),
    fields: [fieldJson('key', key, `${fullName}_MapKey`), fieldJson('value', value, `${fullName}_MapValue`)],
    'connect.internal.type': 'MapEntry',
  };
}

function logical(type: string, connectName: string, logicalType: string): Json {
  return {
    type,
    'connect.version': 1,
    'connect.name': `org.apache.kafka.connect.data.${connectName}`,
    logicalType,
  };
}
