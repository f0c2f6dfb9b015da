import { formatDecimal } from '../../data/decimal.ts';
import { formatDate, formatTime } from '../../data/time.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import type { ResultRow, RowStream } from './row-stream.ts';

/** A SQL value as TypeScript code likes it: STRUCT an object, TIMESTAMP a Date, DECIMAL its exact text. */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Date
  | Uint8Array
  | readonly PlainValue[]
  | ReadonlyMap<PlainValue, PlainValue>
  | { readonly [field: string]: PlainValue };

export type PlainRow = Readonly<Record<string, PlainValue>>;

/** The rows of a result as objects by column name. */
export function toObjects({ columns }: RowStream): (row: ResultRow) => PlainRow {
  const fields = columns.map(({ name, type }) => ({ name, plain: toPlain(type) }));
  return ({ values }) =>
    Object.fromEntries(fields.map(({ name, plain }, i) => [name, plain(values[i] ?? null)]));
}

function toPlain(type: SqlType): (value: SqlValue) => PlainValue {
  const plain = nonNullToPlain(type);
  return (value) => (value === null ? null : plain(value));
}

function nonNullToPlain(type: SqlType): (value: SqlValue) => PlainValue {
  switch (type.kind) {
    case 'DECIMAL':
      return (value) => formatDecimal(value as bigint, type.scale);
    case 'TIMESTAMP':
      return (value) => new Date(value as number);
    case 'DATE':
      return (value) => formatDate(value as number);
    case 'TIME':
      return (value) => formatTime(value as number);
    case 'ARRAY': {
      const element = toPlain(type.element);
      return (value) => (value as readonly SqlValue[]).map(element);
    }
    case 'MAP': {
      const key = toPlain(type.key);
      const item = toPlain(type.value);
      return (value) =>
        new Map(Array.from(value as ReadonlyMap<SqlValue, SqlValue>, ([k, v]) => [key(k), item(v)]));
    }
    case 'STRUCT': {
      const fields = type.fields.map((field) => ({ name: field.name, plain: toPlain(field.type) }));
      return (value) =>
        Object.fromEntries(
          fields.map(({ name, plain }, i) => [name, plain((value as readonly SqlValue[])[i] ?? null)]),
        );
    }
    default:
      return (value) => value as PlainValue;
  }
}
