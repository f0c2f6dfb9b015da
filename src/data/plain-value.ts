import { castFunction } from './cast.ts';
import { type DecimalType, decimalFromText, formatDecimal } from './decimal.ts';
import { normalizeLong } from './long.ts';
import { formatDate, formatTime } from './time.ts';
import { formatType } from './type-text.ts';
import type { SqlType, SqlValue } from './types.ts';

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

export function toPlain(type: SqlType): (value: SqlValue) => PlainValue {
  if (isPlain(type)) return (value) => value as PlainValue;
  const plain = nonNullToPlain(type);
  return (value) => (value === null ? null : plain(value));
}

/** Whether values of the type are the same inside and outside. */
export function isPlain({ kind }: SqlType): boolean {
  return ['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'STRING', 'BYTES'].includes(kind);
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

/** The way back; throws a TypeError for a value that is none of the type. Undefined is null. Never gives the same object. */
export function fromPlain(type: SqlType): (value: PlainValue | undefined) => SqlValue {
  const inside = nonNullFromPlain(type);
  return (value) => (value === null || value === undefined ? null : inside(value));
}

type NonNull = NonNullable<PlainValue>;

function nonNullFromPlain(type: SqlType): (value: NonNull) => SqlValue {
  const refuse = (value: NonNull): never => {
    throw new TypeError(`${shown(value)} is no ${formatType(type)}`);
  };
  switch (type.kind) {
    case 'BOOLEAN':
      return (value) => (typeof value === 'boolean' ? value : refuse(value));
    case 'STRING':
      return (value) => (typeof value === 'string' ? value : refuse(value));
    case 'INTEGER':
      return (value) => (typeof value === 'number' && value === (value | 0) ? value : refuse(value));
    case 'BIGINT':
      return (value) => {
        if (typeof value === 'bigint') return normalizeLong(value);
        return Number.isSafeInteger(value) ? (value as number) : refuse(value);
      };
    case 'DOUBLE':
      return (value) => (typeof value === 'number' ? value : refuse(value));
    case 'BYTES':
      return (value) => (value instanceof Uint8Array ? value : refuse(value));
    case 'DECIMAL':
      return (value) => decimalFromPlain(value, type, refuse);
    case 'TIMESTAMP':
    case 'DATE':
    case 'TIME': {
      const fromText = castFunction({ kind: 'STRING' }, type)!;
      return (value) => {
        if (typeof value === 'string') return fromText(value);
        if (value instanceof Date && type.kind === 'TIMESTAMP') return value.getTime();
        return refuse(value);
      };
    }
    case 'ARRAY': {
      const element = fromPlain(type.element);
      return (value) => (Array.isArray(value) ? value.map((item) => element(item)) : refuse(value));
    }
    case 'MAP': {
      const key = fromPlain(type.key);
      const item = fromPlain(type.value);
      return (value) => {
        const entries =
          value instanceof Map ? value : isObject(value) ? Object.entries(value) : refuse(value);
        return new Map(Array.from(entries, ([k, v]) => [key(k), item(v)]));
      };
    }
    case 'STRUCT': {
      const fields = type.fields.map((field) => ({ name: field.name, inside: fromPlain(field.type) }));
      const names = fields.map(({ name }) => name);
      return (value) => {
        if (!isObject(value)) return refuse(value);
        const row = new Array<SqlValue>(fields.length).fill(null);
        for (const [name, field] of Object.entries(value)) {
          // As in SQL: a name that is not quoted is in upper case.
          const at = names.includes(name) ? names.indexOf(name) : names.indexOf(name.toUpperCase());
          if (at < 0) throw new TypeError(`there is no field ${name}, only ${names.join(', ')}`);
          row[at] = fields[at]!.inside(field);
        }
        return row;
      };
    }
  }
}

function decimalFromPlain(value: NonNull, type: DecimalType, refuse: (value: NonNull) => never): bigint {
  if (typeof value === 'string' || typeof value === 'bigint') return decimalFromText(String(value), type);
  return typeof value === 'number' && Number.isFinite(value)
    ? decimalFromText(String(value), type)
    : refuse(value);
}

function isObject(value: NonNull): value is { readonly [field: string]: PlainValue } {
  return (
    typeof value === 'object' && !Array.isArray(value) && !(value instanceof Map) && !(value instanceof Date)
  );
}

function shown(value: NonNull): string {
  return typeof value === 'object'
    ? `an ${value.constructor?.name ?? 'object'}`
    : `${typeof value} ${String(value)}`;
}
