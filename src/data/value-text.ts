import { formatDecimal } from './decimal.ts';
import { formatDouble } from './java-double.ts';
import { formatDate, formatTime, formatTimestamp } from './time.ts';
import type { SqlType, SqlValue } from './types.ts';

/** Value to STRING as CAST does it: Java's text of numbers and collections; nulls inside print as `null`. */
export function valueToText(type: SqlType): (value: SqlValue) => string {
  const text = nonNullText(type);
  return (value) => (value === null ? 'null' : text(value));
}

function nonNullText(type: SqlType): (value: SqlValue) => string {
  switch (type.kind) {
    case 'DOUBLE':
      return (value) => formatDouble(value as number);
    case 'DECIMAL':
      return (value) => formatDecimal(value as bigint, type.scale);
    case 'TIMESTAMP':
      return (value) => formatTimestamp(value as number);
    case 'DATE':
      return (value) => formatDate(value as number);
    case 'TIME':
      return (value) => formatTime(value as number);
    case 'BYTES':
      return (value) => Buffer.from(value as Uint8Array).toString('base64');
    case 'ARRAY': {
      const element = valueToText(type.element);
      return (value) => `[${(value as readonly SqlValue[]).map(element).join(', ')}]`;
    }
    case 'MAP': {
      const key = valueToText(type.key);
      const item = valueToText(type.value);
      return (value) =>
        `{${Array.from(value as ReadonlyMap<SqlValue, SqlValue>, ([k, v]) => `${key(k)}=${item(v)}`).join(', ')}}`;
    }
    case 'STRUCT': {
      const fields = type.fields.map((field) => ({ name: field.name, text: valueToText(field.type) }));
      return (value) =>
        `Struct{${fields
          .map(({ name, text }, i) => ({ name, text, item: (value as readonly SqlValue[])[i]! }))
          .filter(({ item }) => item !== null)
          .map(({ name, text, item }) => `${name}=${text(item)}`)
          .join(',')}}`;
    }
    default:
      return (value) => String(value);
  }
}
