import { sameType } from '../../data/compare.ts';
import { protobufMisfit } from '../../data/protobuf-fit.ts';
import type { Column, Schema } from '../../data/schema.ts';
import { formatColumn, formatType, quoteName } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { At } from '../ast.ts';
import type { FormatSpec } from '../plan.ts';
import type { GivenSchema, StatementSchemas } from '../planned.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import { FORMAT_NAMES, rulesOf } from './format-rules.ts';
import type { WithProperties } from './with-properties.ts';

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

/** Formats from WITH and the defaults, before anybody looks at columns. */
export function declaredFormats(options: WithProperties, defaults: FormatDefaults, at: At): Formats {
  const both = options.text('FORMAT');
  for (const name of ['KEY_FORMAT', 'VALUE_FORMAT']) {
    if (both !== undefined && options.text(name) !== undefined) {
      throw options.error('FORMAT', `is for keys and values, so ${name} cannot stand beside it: drop one`);
    }
  }
  const keyFormat = resolveOne(options, 'KEY', both, defaults.key ?? { name: 'KAFKA' });
  const valueFormat = resolveOne(options, 'VALUE', both, defaults.value);
  if (keyFormat === undefined || valueFormat === undefined) {
    throw new SqlError(
      "The statement does not say how values are written: WITH (VALUE_FORMAT = 'JSON', ...), or SET 'ksql.persistence.default.format.value'.",
      at.line,
      at.column,
    );
  }
  return { keyFormat, valueFormat };
}

/** The same, checked against the columns that they must hold, and with the schemas that were asked for by id. */
export function resolveFormats(
  options: WithProperties,
  schema: Schema,
  defaults: FormatDefaults,
  schemas: StatementSchemas,
  at: At,
): Formats {
  const { keyFormat, valueFormat } = declaredFormats(options, defaults, at);
  const rules = rulesOf(valueFormat.name);
  const wrap = options.flag('WRAP_SINGLE_VALUE');
  if (wrap !== undefined && schema.value.length !== 1) {
    throw options.error(
      'WRAP_SINGLE_VALUE',
      `says how a single value column is written, and here are ${schema.value.length}`,
    );
  }
  if (wrap !== undefined && !(wrap ? rules.wraps : rules.unwraps)) {
    throw options.error(
      'WRAP_SINGLE_VALUE',
      `cannot be ${wrap}: values in ${valueFormat.name} are ${wrap ? 'never' : 'always'} written with the names of their columns`,
    );
  }
  checkColumns('Key', keyFormat.name, schema.key, ' KEY', at);
  checkColumns('Value', valueFormat.name, schema.value, '', at);
  const isChoice = schema.value.length === 1 && rules.wraps && rules.unwraps;
  const wrapSingle = wrap ?? (isChoice ? defaults.wrapSingle : undefined);
  const value = wrapSingle === undefined ? valueFormat : { ...valueFormat, wrapSingle };
  return {
    keyFormat: withSchema('key', keyFormat, schema.key, schemas.key, at),
    valueFormat: withSchema('value', value, schema.value, schemas.value, at),
  };
}

/** A schema that WITH names by its id is what records are written with, so the columns must be in it. */
function withSchema(
  part: 'key' | 'value',
  format: FormatSpec,
  columns: readonly Column[],
  given: GivenSchema | undefined,
  at: At,
): FormatSpec {
  if (format.schemaId === undefined || given === undefined) return format;
  const misfits = given.hasFields ? misplaced(columns, given.columns) : otherType(columns, given.columns);
  if (misfits.length > 0) {
    const list = (all: readonly Column[]) => all.map(formatColumn).join(', ');
    throw new SqlError(
      `These ${part} columns are not those of schema ${format.schemaId}: ${list(misfits)}. It has ${list(given.columns)}: name and type them alike, in its order.`,
      at.line,
      at.column,
    );
  }
  return { ...format, schema: given.schema };
}

/** Columns that do not follow one another as in the schema. */
function misplaced(columns: readonly Column[], known: readonly Column[]): Column[] {
  let from = 0;
  return columns.filter(({ name, type }) => {
    const at = known.findIndex(
      (candidate, index) => index >= from && candidate.name === name && sameType(candidate.type, type),
    );
    if (at >= 0) from = at + 1;
    return at < 0;
  });
}

function otherType(columns: readonly Column[], [known]: readonly Column[]): Column[] {
  return columns.filter(({ type }) => !known || columns.length > 1 || !sameType(type, known.type));
}

function resolveOne(
  options: WithProperties,
  part: 'KEY' | 'VALUE',
  both: string | undefined,
  fallback: FormatSpec | undefined,
): FormatSpec | undefined {
  const property = both === undefined ? `${part}_FORMAT` : 'FORMAT';
  const given = options.text(property)?.toUpperCase();
  if (given !== undefined && !FORMAT_NAMES.includes(given))
    throw options.error(
      property,
      `names no format: ${given}.${didYouMean(given, FORMAT_NAMES) || ` There are ${FORMAT_NAMES.join(', ')}.`}`,
    );
  const name = given ?? fallback?.name;
  if (name === undefined) return undefined;
  // What describes a schema is of that one topic; how texts are delimited goes on to what is made of it.
  const inherited = fallback?.name === name ? fallback.delimiter : undefined;
  const delimiter = delimiterOf(options, part, name) ?? inherited;
  return {
    name,
    ...(delimiter !== undefined && { delimiter }),
    ...schemaProperties(options, part, name),
  };
}

function delimiterOf(options: WithProperties, part: 'KEY' | 'VALUE', format: string): string | undefined {
  const delimiter = options.text(`${part}_DELIMITER`);
  if (delimiter === undefined) return undefined;
  if (format !== 'DELIMITED') throw options.error(`${part}_DELIMITER`, 'is only for the DELIMITED format');
  const named: Record<string, string> = { SPACE: ' ', TAB: '\t' };
  const char = named[delimiter.toUpperCase()] ?? delimiter;
  if (char.length !== 1) throw options.error(`${part}_DELIMITER`, 'must be one character, SPACE or TAB');
  return char;
}

function schemaProperties(
  options: WithProperties,
  part: 'KEY' | 'VALUE',
  format: string,
): Pick<FormatSpec, 'schemaId' | 'fullName' | 'nullable'> {
  const rules = rulesOf(format);
  const schemaId = options.count(`${part}_SCHEMA_ID`);
  if (schemaId !== undefined && !rules.hasSchemas) {
    throw options.error(
      `${part}_SCHEMA_ID`,
      `needs a format whose schemas are in a registry (AVRO, JSON_SR, PROTOBUF), and the ${part.toLowerCase()} format is ${format}`,
    );
  }
  const nullableName = `${part}_PROTOBUF_NULLABLE_REPRESENTATION`;
  const nullable = options.text(nullableName)?.toUpperCase();
  if (nullable !== undefined && !rules.hasNullableForms)
    throw options.error(nullableName, `is for PROTOBUF and PROTOBUF_NOSR, and the format is ${format}`);
  if (nullable !== undefined && nullable !== 'OPTIONAL' && nullable !== 'WRAPPER')
    throw options.error(nullableName, `must be OPTIONAL or WRAPPER, got ${nullable}`);
  const fullName = fullNameOf(options, part, format);
  return {
    ...(schemaId !== undefined && { schemaId }),
    ...(fullName !== undefined && { fullName }),
    ...(nullable !== undefined && { nullable }),
  };
}

function fullNameOf(options: WithProperties, part: 'KEY' | 'VALUE', format: string): string | undefined {
  const names = [`${part}_SCHEMA_FULL_NAME`, ...(part === 'VALUE' ? ['VALUE_AVRO_SCHEMA_FULL_NAME'] : [])];
  for (const name of names) {
    const fullName = options.text(name)?.trim();
    if (fullName === undefined) continue;
    if (!rulesOf(format).hasFullName)
      throw options.error(
        name,
        `is for formats whose schemas have names (AVRO, PROTOBUF), and the format is ${format}`,
      );
    if (fullName === '') throw options.error(name, 'is empty: give a name, or leave it out');
    return fullName;
  }
  return undefined;
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
      `The ${part.toLowerCase()} format ${format} cannot write these columns: ${list}. ${reason}`,
      at.line,
      at.column,
    );
  if (columns.length === 0) return;
  if (format === 'NONE') throw refuse('NONE is for no columns at all.');
  if (format === 'KAFKA' && columns.length > 1) {
    throw refuse('It writes one column, bare.');
  }
  for (const { name, type } of columns) {
    const misfit = rulesOf(format).isMessage && protobufMisfit(name, type);
    if (misfit) throw refuse(misfit);
    const wrong = unsupported(format, type);
    if (wrong !== undefined) throw refuse(`It has no form for ${wrong}, which ${quoteName(name)} holds.`);
  }
}

/** What keys are turned into bytes by where no topic says: the source's format, if it can hold them. */
export function inMemoryKeyFormat({ name, delimiter }: FormatSpec, key: readonly Column[]): FormatSpec {
  const { isMessage } = rulesOf(name);
  const fits = key.every(
    (column) =>
      unsupported(name, column.type) === undefined &&
      !(isMessage && protobufMisfit(column.name, column.type)),
  );
  const isFull = name === 'KAFKA' && key.length > 1;
  if (!fits || isFull || name === 'NONE') return { name: 'JSON' };
  return { name, ...(delimiter !== undefined && { delimiter }) };
}

/** The type inside `type` that the format cannot hold. */
function unsupported(format: string, type: SqlType): string | undefined {
  if (format === 'KAFKA') return KAFKA_TYPES.includes(type.kind) ? undefined : type.kind;
  if (format === 'DELIMITED') return ['ARRAY', 'MAP', 'STRUCT'].includes(type.kind) ? type.kind : undefined;
  return format === 'NONE' ? undefined : nonStringMapKey(type);
}

/** JSON objects have text as keys, so maps in JSON need STRING keys; ksqlDB asks the same of AVRO and PROTOBUF. */
function nonStringMapKey(type: SqlType): string | undefined {
  switch (type.kind) {
    case 'MAP':
      return type.key.kind === 'STRING'
        ? nonStringMapKey(type.value)
        : `${formatType(type)} (its keys must be STRING)`;
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
      `Key column ${column.name} is ${formatType(column.type)}. A MAP has no order, so equal keys could be written as different bytes: use another type.`,
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
