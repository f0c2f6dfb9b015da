import { Buffer } from 'node:buffer';
import { formatDecimal } from '../data/decimal.ts';
import { formatDouble } from '../data/java-double.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import type { NamedType } from './json-tree.ts';

/** JSON text of one value that is not null. */
type Write = (value: SqlValue) => string;

/** The text of a value of `type`, `null` for NULL. */
export function jsonWriter(type: SqlType): Write {
  const write = nonNull(type);
  return (value) => (value === null ? 'null' : write(value));
}

/** Compiles the text of an object whose fields are `row[from]`, `row[from + 1]` ... */
export function objectWriter(
  fields: readonly NamedType[],
): (row: readonly SqlValue[], from: number) => string {
  const writers: Record<string, Write | string> = {};
  const members = fields.map(({ name, type }, index) => {
    // Names are bound as constants; integers, the commonest columns, need no call.
    writers[`n${index}`] = `${index === 0 ? '' : ','}${JSON.stringify(name)}:`;
    if (isPlainNumber(type)) return `n${index} + row[from + ${index}]`;
    writers[`w${index}`] = jsonWriter(type);
    return `n${index} + w${index}(row[from + ${index}])`;
  });
  const source = `'use strict'; return function write(row, from) { return ${["'{'", ...members, "'}'"].join(' + ')}; };`;
  return new Function(...Object.keys(writers), source)(...Object.values(writers)) as ReturnType<
    typeof objectWriter
  >;
}

function isPlainNumber(type: SqlType): boolean {
  return ['INTEGER', 'BIGINT', 'DATE', 'TIME', 'TIMESTAMP', 'BOOLEAN'].includes(type.kind);
}

function nonNull(type: SqlType): Write {
  switch (type.kind) {
    case 'STRING':
      return (value) => JSON.stringify(value);
    case 'DOUBLE':
      // JSON has no such numbers; Jackson, and so ksqlDB, quotes them.
      return (value) =>
        Number.isFinite(value) ? formatDouble(value as number) : `"${formatDouble(value as number)}"`;
    case 'DECIMAL':
      return (value) => formatDecimal(value as bigint, type.scale);
    case 'BYTES':
      return (value) => `"${base64(value as Uint8Array)}"`;
    case 'ARRAY': {
      const element = jsonWriter(type.element);
      return (value) => `[${(value as readonly SqlValue[]).map(element).join(',')}]`;
    }
    case 'MAP':
      return mapWriter(type.key, type.value);
    case 'STRUCT': {
      const write = objectWriter(type.fields);
      return (value) => write(value as readonly SqlValue[], 0);
    }
    default:
      return String;
  }
}

function mapWriter(key: SqlType, value: SqlType): Write {
  const item = jsonWriter(value);
  const entries = (map: SqlValue) => [...(map as ReadonlyMap<SqlValue, SqlValue>)];
  if (key.kind === 'STRING')
    return (map) =>
      `{${entries(map)
        // JSON has no null as a name; ksqlDB writes the word.
        .map(([k, v]) => `${JSON.stringify(k ?? 'null')}:${item(v)}`)
        .join(',')}}`;
  const name = jsonWriter(key);
  return (map) =>
    `[${entries(map)
      .map(([k, v]) => `[${name(k)},${item(v)}]`)
      .join(',')}]`;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
