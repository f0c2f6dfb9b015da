import { Buffer } from 'node:buffer';
import { bigDecimalText, type DecimalType } from '../data/decimal.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import { SerdeError } from './format.ts';
import { isUnion } from './json-union.ts';
import {
  decimalOfText,
  doubleOfText,
  integerOfText,
  longOfText,
  truncatedInteger,
  truncatedLong,
} from './scalars.ts';

/** A number with the digits it was written with; JSON.parse alone would round it to a double. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type JsonValue = null | boolean | number | string | JsonNumber | JsonValue[] | JsonObject;

export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** Thrown where a plain number is not exact enough: the record is then parsed again, keeping the digits. */
export const NEEDS_DIGITS = new SerdeError('number parsed without its digits');

export type Convert = (value: JsonValue) => SqlValue;

/** ksqlDB's lenient reading of one JSON value as a SQL type. */
export function converter(type: SqlType): Convert {
  const convert = nonNull(type);
  return (value) => (value === null ? null : convert(value));
}

function nonNull(type: SqlType): Convert {
  switch (type.kind) {
    case 'BOOLEAN':
      return (value) => (typeof value === 'boolean' ? value : mismatch(type, value));
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
      return (value) => integer(type, value);
    case 'BIGINT':
    case 'TIMESTAMP':
      return (value) => long(type, value);
    case 'DOUBLE':
      return (value) => double(type, value);
    case 'DECIMAL':
      return (value) => decimal(type, value);
    case 'STRING':
      return string;
    case 'BYTES':
      return (value) => bytes(type, value);
    case 'ARRAY': {
      const element = converter(type.element);
      return (value) => (Array.isArray(value) ? value.map(element) : mismatch(type, value));
    }
    case 'MAP':
      return mapConverter(type.key, type.value, type);
    case 'STRUCT': {
      if (isUnion(type)) return unionConverter(type);
      const read = fieldsReader(type.fields);
      return (value) => {
        if (!isObject(value)) return mismatch(type, value);
        const row = new Array<SqlValue>(type.fields.length).fill(null);
        read(value, row, 0);
        return row;
      };
    }
  }
}

/** Into the first field that holds values of this kind; of several structs into the one that knows most of the names. */
function unionConverter(type: Extract<SqlType, { kind: 'STRUCT' }>): Convert {
  const branches = type.fields.map((field) => ({ fits: fitOf(field.type), convert: converter(field.type) }));
  return (value) => {
    const fits = branches.map((branch) => branch.fits(value));
    const chosen = fits.indexOf(Math.max(...fits));
    if (fits[chosen] === 0) return mismatch(type, value);
    return branches.map(({ convert }, index) => (index === chosen ? convert(value) : null));
  };
}

/** 0: not at all. */
function fitOf(type: SqlType): (value: JsonValue) => number {
  const holds = (test: (value: JsonValue) => boolean) => (value: JsonValue) => (test(value) ? Infinity : 0);
  switch (type.kind) {
    case 'BOOLEAN':
      return holds((value) => typeof value === 'boolean');
    case 'STRING':
    case 'BYTES':
      return holds((value) => typeof value === 'string');
    case 'DOUBLE':
    case 'DECIMAL':
      return holds((value) => typeof value === 'number' || value instanceof JsonNumber);
    case 'ARRAY':
      return holds((value) => Array.isArray(value));
    case 'MAP':
      return holds((value) => isObject(value) || Array.isArray(value));
    case 'STRUCT': {
      const names = new Set(type.fields.map(({ name }) => name.toUpperCase()));
      return (value) =>
        isObject(value) ? 1 + Object.keys(value).filter((name) => names.has(name.toUpperCase())).length : 0;
    }
    default:
      return holds((value) =>
        value instanceof JsonNumber ? /^-?\d+$/.test(value.text) : Number.isInteger(value),
      );
  }
}

export interface NamedType {
  readonly name: string;
  readonly type: SqlType;
}

/**
 * Puts fields of an object at their positions. A field is found by its exact name first, else by the first name that
 * is equal in upper case; the wanted names are kept as data and never become property accesses on prototypes.
 */
export function fieldsReader(
  fields: readonly NamedType[],
  used: readonly number[] = fields.map((_, index) => index),
): (object: JsonObject, target: SqlValue[], at: number) => void {
  const wanted = used.map((index) => {
    const { name, type } = fields[index] as NamedType;
    return { index, name, convert: converter(type) };
  });
  return (object, target, at) => {
    for (const { index, name, convert } of wanted) {
      const value = field(object, name);
      try {
        target[at + index] = value === undefined ? null : convert(value);
      } catch (error) {
        throw error instanceof SerdeError && error !== NEEDS_DIGITS ? within(name, error) : error;
      }
    }
  };
}

function within(name: string, error: SerdeError): SerdeError {
  return new SerdeError(`${name}${error.message.includes(': ') ? '.' : ': '}${error.message}`);
}

function field(object: JsonObject, name: string): JsonValue | undefined {
  if (Object.hasOwn(object, name)) return object[name];
  for (const key in object) if (key.toUpperCase() === name && Object.hasOwn(object, key)) return object[key];
  return undefined;
}

function mapConverter(keyType: SqlType, valueType: SqlType, type: SqlType): Convert {
  const item = converter(valueType);
  const key = converter(keyType);
  return (value) => {
    // Kafka Connect's JSON writes maps whose keys are no strings as pairs, its JSON Schema as {key, value}; changelogs
    // have pairs too.
    if (Array.isArray(value)) return new Map(value.map((pair) => readPair(pair, key, item)));
    if (!isObject(value)) return mismatch(type, value);
    return new Map(Object.entries(value).map(([name, element]) => [key(name), item(element)]));
  };
}

function readPair(pair: JsonValue, key: Convert, item: Convert): [SqlValue, SqlValue] {
  if (isObject(pair)) return [key(pair.key ?? null), item(pair.value ?? null)];
  if (!Array.isArray(pair) || pair.length !== 2) throw new SerdeError('a map entry is no pair');
  return [key(pair[0] as JsonValue), item(pair[1] as JsonValue)];
}

function integer(type: SqlType, value: JsonValue): number {
  if (typeof value === 'number') return truncatedInteger(value);
  if (value instanceof JsonNumber) return truncatedInteger(Number(value.text));
  return typeof value === 'string' ? integerOfText(value) : mismatch(type, value);
}

function long(type: SqlType, value: JsonValue): SqlValue {
  if (typeof value === 'number') {
    const whole = Math.trunc(value) + 0;
    if (!Number.isSafeInteger(whole)) throw NEEDS_DIGITS;
    return whole;
  }
  if (value instanceof JsonNumber) return truncatedLong(value.text);
  return typeof value === 'string' ? longOfText(value) : mismatch(type, value);
}

function double(type: SqlType, value: JsonValue): number {
  if (typeof value === 'number') return value;
  if (value instanceof JsonNumber) return Number(value.text);
  return typeof value === 'string' ? doubleOfText(value) : mismatch(type, value);
}

function decimal(type: DecimalType, value: JsonValue): bigint {
  if (typeof value === 'number') throw NEEDS_DIGITS;
  if (value instanceof JsonNumber) return decimalOfText(value.text, type);
  return typeof value === 'string' ? decimalOfText(value, type) : mismatch(type, value);
}

function bytes(type: SqlType, value: JsonValue): Uint8Array {
  if (typeof value !== 'string' || !/^[A-Za-z0-9+/]*={0,2}$/.test(value)) return mismatch(type, value);
  return Buffer.from(value, 'base64');
}

/** STRING takes anything: the text of a number, an object's JSON, an array as `[a, b]`. */
function string(value: JsonValue): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') throw NEEDS_DIGITS;
  if (value instanceof JsonNumber) return bigDecimalText(value.text);
  if (Array.isArray(value)) return `[${value.map(string).join(', ')}]`;
  return value !== null && typeof value === 'object' ? jsonText(value) : String(value);
}

function jsonText(value: JsonValue): string {
  if (typeof value === 'number') throw NEEDS_DIGITS;
  if (value instanceof JsonNumber) return bigDecimalText(value.text);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (!isObject(value)) return JSON.stringify(value);
  const members = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)}:${jsonText(item)}`);
  return `{${members.join(',')}}`;
}

export function isObject(value: JsonValue): value is JsonObject {
  return (
    value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof JsonNumber)
  );
}

// The value itself stays out of the message: it goes to logs.
function mismatch(type: SqlType, value: JsonValue): never {
  const found = Array.isArray(value) ? 'array' : value instanceof JsonNumber ? 'number' : typeof value;
  throw new SerdeError(`expected ${type.kind}, found a JSON ${found}`);
}
