import { Buffer } from 'node:buffer';
import { formatDecimal } from './decimal.ts';
import { formatDouble } from './java-double.ts';
import type { Column, Row } from './schema.ts';
import { formatDate, formatTime, formatTimestamp } from './time.ts';
import type { SqlType, SqlValue } from './types.ts';
import { valueToText } from './value-text.ts';

type ToJson = (value: SqlValue) => string;

/** Rows as JSON arrays. */
export function rowToJson(columns: readonly Column[]): (row: Row) => string {
  const texts = columns.map(({ type }) => valueToJson(type));
  return (row) => {
    let json = '[';
    for (let i = 0; i < texts.length; i++) {
      if (i > 0) json += ',';
      json += texts[i]!(row[i] ?? null);
    }
    return `${json}]`;
  };
}

/**
 * JSON as ksqlDB answers it and as TO_JSON_STRING gives it: BIGINT and DECIMAL are numbers with all their digits (JSON
 * has no limit, JavaScript has), BYTES base64, TIMESTAMP, DATE and TIME ISO text; `isSorted`: fields and keys in the order of
 * their names. Records are written otherwise, see serde/json-writer.ts.
 */
export function valueToJson(type: SqlType, isSorted = false): ToJson {
  const text = nonNullToJson(type, isSorted);
  return (value) => (value === null ? 'null' : text(value));
}

function nonNullToJson(type: SqlType, isSorted: boolean): ToJson {
  switch (type.kind) {
    case 'STRING':
      return (value) => JSON.stringify(value);
    case 'DOUBLE':
      // JSON has no NaN or Infinity; Jackson, and so ksqlDB, writes them as texts.
      return (value) =>
        Number.isFinite(value) ? formatDouble(value as number) : `"${formatDouble(value as number)}"`;
    case 'DECIMAL':
      return (value) => formatDecimal(value as bigint, type.scale);
    case 'BYTES':
      return (value) => `"${Buffer.from(value as Uint8Array).toString('base64')}"`;
    case 'TIMESTAMP':
      return (value) => `"${formatTimestamp(value as number)}"`;
    case 'DATE':
      return (value) => `"${formatDate(value as number)}"`;
    case 'TIME':
      return (value) => `"${formatTime(value as number)}"`;
    case 'ARRAY': {
      const element = valueToJson(type.element, isSorted);
      return (value) => `[${(value as readonly SqlValue[]).map(element).join(',')}]`;
    }
    case 'MAP': {
      const key = valueToText(type.key);
      const item = valueToJson(type.value, isSorted);
      return (value) => {
        const entries = Array.from(
          value as ReadonlyMap<SqlValue, SqlValue>,
          ([k, v]) => [key(k), item(v)] as const,
        );
        if (isSorted) entries.sort(byName);
        return `{${entries.map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(',')}}`;
      };
    }
    case 'STRUCT': {
      const fields = type.fields.map(
        (field, i) => [field.name, i, valueToJson(field.type, isSorted)] as const,
      );
      if (isSorted) fields.sort(byName);
      const parts = fields.map(([name, i, text]) => ({ name: JSON.stringify(name), i, text }));
      return (value) =>
        `{${parts.map(({ name, i, text }) => `${name}:${text((value as Row)[i] ?? null)}`).join(',')}}`;
    }
    default:
      return (value) => String(value);
  }
}

function byName([a]: readonly [string, ...unknown[]], [b]: readonly [string, ...unknown[]]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
