import { decimalFromText } from '../../data/decimal.ts';
import { normalizeLong } from '../../data/long.ts';
import type { Column } from '../../data/schema.ts';
import { parseDate, parseTime, parseTimestamp } from '../../data/time.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';

/**
 * A value as tests write it: STRUCT and MAP an object (a Map where keys are no text), TIMESTAMP a Date, its ISO text or
 * milliseconds, DATE and TIME their ISO text, DECIMAL its text or a number, BYTES a Uint8Array.
 */
export type TestValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly TestValue[]
  | ReadonlyMap<TestValue, TestValue>
  | { readonly [field: string]: TestValue };

/** By column name, upper-cased as in SQL unless a column has it exactly so; columns that are not named are NULL. */
export type TestRow = Readonly<Record<string, TestValue>>;

/** Throws a RangeError for a name or a value that does not fit. */
export function sqlRow(row: TestRow, columns: readonly Column[], source: string): SqlValue[] {
  return sqlFields(row, columns, source);
}

function sqlFields(
  given: TestRow,
  fields: readonly { readonly name: string; readonly type: SqlType }[],
  place: string,
): SqlValue[] {
  const values = new Array<SqlValue>(fields.length).fill(null);
  for (const [name, value] of Object.entries(given)) {
    const exact = fields.findIndex((field) => field.name === name);
    const at = exact >= 0 ? exact : fields.findIndex((field) => field.name === name.toUpperCase());
    if (at < 0) throw new RangeError(`${place} has no ${name}, only ${fields.map((f) => f.name).join(', ')}`);
    const field = fields[at] as { readonly name: string; readonly type: SqlType };
    values[at] = sqlValue(value, field.type, `${place}.${field.name}`);
  }
  return values;
}

function sqlValue(value: TestValue, type: SqlType, place: string): SqlValue {
  if (value === null || value === undefined) return null;
  const converted = CONVERTERS[type.kind](value, type, place);
  if (converted === undefined)
    throw new RangeError(`${place} takes ${formatType(type)}, not ${String(value)} (${typeof value})`);
  return converted;
}

/** `undefined`: no value of the type. */
type Convert = (value: NonNullable<TestValue>, type: SqlType, place: string) => SqlValue | undefined;

const CONVERTERS: Record<SqlType['kind'], Convert> = {
  BOOLEAN: (value) => (typeof value === 'boolean' ? value : undefined),
  INTEGER: (value) => (typeof value === 'number' && value === (value | 0) ? value : undefined),
  BIGINT: (value) => {
    if (typeof value === 'bigint') return normalizeLong(value);
    return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
  },
  DOUBLE: (value) => (typeof value === 'number' ? value : undefined),
  STRING: (value) => (typeof value === 'string' ? value : undefined),
  BYTES: (value) => (value instanceof Uint8Array ? value : undefined),
  TIME: (value) => textOrNumber(value, parseTime),
  DATE: (value) => textOrNumber(value, parseDate),
  TIMESTAMP: (value) => (value instanceof Date ? value.getTime() : textOrNumber(value, parseTimestamp)),
  DECIMAL: (value, type) => {
    if (type.kind !== 'DECIMAL' || !['string', 'number', 'bigint'].includes(typeof value)) return undefined;
    return decimalFromText(String(value), type);
  },
  ARRAY: (value, type, place) => {
    if (type.kind !== 'ARRAY' || !Array.isArray(value)) return undefined;
    return value.map((element, at) => sqlValue(element, type.element, `${place}[${at + 1}]`));
  },
  MAP: (value, type, place) => {
    if (type.kind !== 'MAP' || typeof value !== 'object') return undefined;
    const entries = value instanceof Map ? [...value] : Object.entries(value);
    return new Map(
      entries.map(([key, item]) => [
        sqlValue(key, type.key, `a key of ${place}`),
        sqlValue(item, type.value, `${place}[${String(key)}]`),
      ]),
    );
  },
  STRUCT: (value, type, place) => {
    if (type.kind !== 'STRUCT' || typeof value !== 'object') return undefined;
    return sqlFields(value as TestRow, type.fields, place);
  },
};

function textOrNumber(value: NonNullable<TestValue>, parse: (text: string) => number): number | undefined {
  if (typeof value === 'string') return parse(value);
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
