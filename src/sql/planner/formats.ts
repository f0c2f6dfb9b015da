import type { Column, Schema } from '../../data/schema.ts';
import { formatColumn, formatType, quoteName } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { At } from '../ast.ts';
import type { FormatSpec } from '../plan.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import type { WithProperties } from './with-properties.ts';

const SUPPORTED = ['KAFKA', 'JSON', 'DELIMITED', 'NONE'];
const REGISTRY = ['AVRO', 'PROTOBUF', 'JSON_SR', 'PROTOBUF_NOSR'];

export interface Formats {
  readonly keyFormat: FormatSpec;
  readonly valueFormat: FormatSpec;
}

/** What is used where WITH says nothing: the server's defaults, or the formats of the query's source. */
export interface FormatDefaults {
  readonly key: FormatSpec | undefined;
  readonly value: FormatSpec | undefined;
  readonly wrapSingle: boolean | undefined;
}

/** Formats from WITH and the defaults, checked against the columns they must hold. */
export function resolveFormats(
  options: WithProperties,
  schema: Schema,
  defaults: FormatDefaults,
  at: At,
): Formats {
  const both = options.text('FORMAT');
  for (const name of ['KEY_FORMAT', 'VALUE_FORMAT']) {
    if (both !== undefined && options.text(name) !== undefined) {
      throw options.error(
        'FORMAT',
        `is one too many. Cannot supply both '${name}' and 'FORMAT' properties, as 'FORMAT' sets both key and value formats.`,
      );
    }
  }
  const key = resolveOne(options, 'KEY', both, defaults.key ?? { name: 'KAFKA' });
  const value = resolveOne(options, 'VALUE', both, defaults.value);
  if (value === undefined || key === undefined) {
    throw new SqlError(
      "Statement is missing the 'VALUE_FORMAT' property from the WITH clause. Either provide one or set a default via the 'ksql.persistence.default.format.value' config.",
      at.line,
      at.column,
    );
  }
  const wrap = options.flag('WRAP_SINGLE_VALUE');
  if (wrap !== undefined && schema.value.length !== 1) {
    throw options.error(
      'WRAP_SINGLE_VALUE',
      "is only valid for single-field value schemas: 'WRAP_SINGLE_VALUE' is only valid for single-field value schemas",
    );
  }
  if (wrap === true && value.name !== 'JSON') {
    throw options.error(
      'WRAP_SINGLE_VALUE',
      `has no meaning here: Format '${value.name}' does not support 'WRAP_SINGLE_VALUE' set to '${wrap}'.`,
    );
  }
  checkColumns('Key', key.name, schema.key, ' KEY', at);
  checkColumns('Value', value.name, schema.value, '', at);
  const wrapSingle =
    wrap ?? (schema.value.length === 1 && value.name === 'JSON' ? defaults.wrapSingle : undefined);
  return { keyFormat: key, valueFormat: wrapSingle === undefined ? value : { ...value, wrapSingle } };
}

function resolveOne(
  options: WithProperties,
  part: 'KEY' | 'VALUE',
  both: string | undefined,
  fallback: FormatSpec | undefined,
): FormatSpec | undefined {
  const property = both === undefined ? `${part}_FORMAT` : 'FORMAT';
  const given = options.text(property)?.toUpperCase();
  if (given !== undefined && !SUPPORTED.includes(given)) {
    if (REGISTRY.includes(given))
      throw options.error(property, `${given} is not supported yet. Use JSON, DELIMITED or KAFKA.`);
    throw options.error(
      property,
      `is not a format. Unknown format: ${given}.${didYouMean(given, SUPPORTED)}`,
    );
  }
  const base = given === undefined || given === fallback?.name ? fallback : { name: given };
  const delimiter = options.text(`${part}_DELIMITER`);
  if (delimiter === undefined || base === undefined) return base && withoutWrap(base);
  if (base.name !== 'DELIMITED') throw options.error(`${part}_DELIMITER`, 'is only for the DELIMITED format');
  const named: Record<string, string> = { SPACE: ' ', TAB: '\t' };
  const char = named[delimiter.toUpperCase()] ?? delimiter;
  if (char.length !== 1) throw options.error(`${part}_DELIMITER`, 'must be one character, SPACE or TAB');
  return { name: base.name, delimiter: char };
}

/** Wrapping is decided anew for each schema. */
function withoutWrap(format: FormatSpec): FormatSpec {
  return format.delimiter === undefined
    ? { name: format.name }
    : { name: format.name, delimiter: format.delimiter };
}

const KAFKA_TYPES = ['INTEGER', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES'];

export function checkColumns(
  part: 'Key' | 'Value',
  format: string,
  columns: readonly Column[],
  suffix: string,
  at: At,
): void {
  const list = columns.map((column) => `${formatColumn(column)}${suffix}`).join(', ');
  const refuse = (reason: string) =>
    new SqlError(
      `${part} format does not support schema.\nformat: ${format}\nschema: Persistence{columns=[${list}], features=[]}\nreason: ${reason}`,
      at.line,
      at.column,
    );
  if (columns.length === 0) return;
  if (format === 'NONE')
    throw refuse(`The 'NONE' format can only be used when no columns are defined. Got: [${list}]`);
  if (format === 'KAFKA' && columns.length > 1) {
    throw refuse(`The 'KAFKA' format only supports a single field. Got: [${list}]`);
  }
  for (const { name, type } of columns) {
    const wrong = unsupported(format, type);
    if (wrong !== undefined)
      throw refuse(`The '${format}' format does not support type '${wrong}', column: ${quoteName(name)}`);
  }
}

/** What keys are turned into bytes by where no topic says: the source's format, if it can hold them. */
export function inMemoryKeyFormat(source: FormatSpec, key: readonly Column[]): FormatSpec {
  const fits = key.every(({ type }) => unsupported(source.name, type) === undefined);
  const isFull = source.name === 'KAFKA' && key.length > 1;
  return fits && !isFull && source.name !== 'NONE' ? source : { name: 'JSON' };
}

/** The type inside `type` that the format cannot hold. */
function unsupported(format: string, type: SqlType): string | undefined {
  if (format === 'KAFKA') return KAFKA_TYPES.includes(type.kind) ? undefined : type.kind;
  if (format === 'DELIMITED') return ['ARRAY', 'MAP', 'STRUCT'].includes(type.kind) ? type.kind : undefined;
  return format === 'JSON' ? nonStringMapKey(type) : undefined;
}

/** JSON objects have text as keys, so maps in JSON need STRING keys. */
function nonStringMapKey(type: SqlType): string | undefined {
  switch (type.kind) {
    case 'MAP':
      return type.key.kind === 'STRING'
        ? nonStringMapKey(type.value)
        : `${formatType(type)}' (keys must be STRING) '`;
    case 'ARRAY':
      return nonStringMapKey(type.element);
    case 'STRUCT':
      return type.fields.map((field) => nonStringMapKey(field.type)).find((wrong) => wrong !== undefined);
    default:
      return undefined;
  }
}

/** ksqlDB refuses maps anywhere in keys: equal maps may have different bytes. */
export function checkKeyHasNoMap(columns: readonly Column[], at: At): void {
  for (const column of columns) {
    if (!holdsMap(column.type)) continue;
    throw new SqlError(
      `Map keys, including types that contain maps, are not supported as they may lead to unexpected behavior due to inconsistent serialization. Key column name: \`${column.name}\`. Column type: ${formatType(column.type)}.`,
      at.line,
      at.column,
    );
  }
}

function holdsMap(type: SqlType): boolean {
  switch (type.kind) {
    case 'MAP':
      return true;
    case 'ARRAY':
      return holdsMap(type.element);
    case 'STRUCT':
      return type.fields.some((field) => holdsMap(field.type));
    default:
      return false;
  }
}
