import { Buffer } from 'node:buffer';
import { sameType } from './compare.ts';
import {
  asDecimalType,
  type DecimalType,
  decimalFromDouble,
  decimalFromText,
  decimalToDouble,
  fitDecimal,
  powerOfTen,
  rescale,
} from './decimal.ts';
import { parseDouble } from './java-double.ts';
import {
  doubleToInteger,
  doubleToLong,
  type Long,
  longToInteger,
  normalizeLong,
  parseInteger,
  parseLong,
} from './long.ts';
import { MS_PER_DAY, parseDate, parseTime, parseTimestamp } from './time.ts';
import type { SqlType, SqlValue } from './types.ts';
import { valueToText } from './value-text.ts';

export type Cast = (value: SqlValue) => SqlValue;

/**
 * How CAST turns a value of one type into another, or undefined when SQL has no such cast. The returned function
 * gets no nulls and throws RangeError where a value has no counterpart (`CAST('x' AS INT)`).
 */
export function castFunction(from: SqlType, to: SqlType): Cast | undefined {
  if (sameType(from, to)) return (value) => value;
  switch (to.kind) {
    case 'STRING':
      return from.kind === 'BYTES' ? undefined : valueToText(from);
    case 'BOOLEAN':
      return from.kind === 'STRING' ? (value) => parseBoolean(value as string) : undefined;
    case 'INTEGER':
      return toInteger(from);
    case 'BIGINT':
      return toBigint(from);
    case 'DOUBLE':
      return toDouble(from);
    case 'DECIMAL':
      return toDecimal(from, to);
    case 'TIMESTAMP':
      if (from.kind === 'STRING') return (value) => parseTimestamp(value as string);
      return from.kind === 'DATE' ? (value) => (value as number) * MS_PER_DAY : undefined;
    case 'DATE':
      if (from.kind === 'STRING') return (value) => parseDate(value as string);
      return from.kind === 'TIMESTAMP' ? (value) => Math.floor((value as number) / MS_PER_DAY) : undefined;
    case 'TIME':
      if (from.kind === 'STRING') return (value) => parseTime(value as string);
      return from.kind === 'TIMESTAMP' ? (value) => modulo(value as number, MS_PER_DAY) : undefined;
    case 'BYTES':
      return from.kind === 'STRING' ? (value) => bytesFromBase64(value as string) : undefined;
    case 'ARRAY':
      return from.kind === 'ARRAY' ? toArray(from.element, to.element) : undefined;
    case 'MAP':
      return from.kind === 'MAP' ? toMap(from, to) : undefined;
    case 'STRUCT':
      return from.kind === 'STRUCT' ? toStruct(from, to) : undefined;
    default:
      return undefined;
  }
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor;
}

/** As Java's decoder: padding may be left out, everything else is as RFC 4648 has it. */
function bytesFromBase64(text: string): Uint8Array {
  const trimmed = text.trim();
  const digits = trimmed.replace(/={1,2}$/, '');
  const isWhole = digits === trimmed ? digits.length % 4 !== 1 : trimmed.length % 4 === 0;
  if (!isWhole || !/^[A-Za-z0-9+/]*$/.test(digits)) throw new RangeError(`'${text}' is not base64`);
  return Buffer.from(digits, 'base64');
}

/** ksqlDB takes any beginning of true/yes and false/no, in either case. */
function parseBoolean(text: string): boolean {
  const lower = text.trim().toLowerCase();
  if (lower !== '') {
    if ('true'.startsWith(lower) || 'yes'.startsWith(lower)) return true;
    if ('false'.startsWith(lower) || 'no'.startsWith(lower)) return false;
  }
  throw new RangeError(`'${text}' is not a BOOLEAN`);
}

function toInteger(from: SqlType): Cast | undefined {
  switch (from.kind) {
    case 'BIGINT':
      return (value) => longToInteger(value as Long);
    case 'DOUBLE':
      return (value) => doubleToInteger(value as number);
    case 'DECIMAL':
      return (value) => Number(BigInt.asIntN(32, (value as bigint) / powerOfTen(from.scale)));
    case 'STRING':
      return (value) => parseInteger((value as string).trim());
    default:
      return undefined;
  }
}

function toBigint(from: SqlType): Cast | undefined {
  switch (from.kind) {
    case 'INTEGER':
      return (value) => value;
    case 'DOUBLE':
      return (value) => doubleToLong(value as number);
    case 'DECIMAL':
      return (value) => normalizeLong((value as bigint) / powerOfTen(from.scale));
    case 'STRING':
      return (value) => parseLong((value as string).trim());
    default:
      return undefined;
  }
}

function toDouble(from: SqlType): Cast | undefined {
  switch (from.kind) {
    case 'INTEGER':
      return (value) => value;
    case 'BIGINT':
      return (value) => Number(value);
    case 'DECIMAL':
      return (value) => decimalToDouble(value as bigint, from.scale);
    case 'STRING':
      return (value) => parseDouble(value as string);
    default:
      return undefined;
  }
}

function toDecimal(from: SqlType, to: DecimalType): Cast | undefined {
  if (from.kind === 'DOUBLE') return (value) => decimalFromDouble(value as number, to);
  if (from.kind === 'STRING') return (value) => decimalFromText(value as string, to);
  const scale = asDecimalType(from)?.scale;
  if (scale === undefined) return undefined;
  return (value) => fitDecimal(rescale(BigInt(value as Long), scale, to.scale), to);
}

function nullable(cast: Cast): Cast {
  return (value) => (value === null ? null : cast(value));
}

function toArray(from: SqlType, to: SqlType): Cast | undefined {
  const element = castFunction(from, to);
  if (element === undefined) return undefined;
  const item = nullable(element);
  return (value) => (value as readonly SqlValue[]).map(item);
}

function toMap(
  from: Extract<SqlType, { kind: 'MAP' }>,
  to: Extract<SqlType, { kind: 'MAP' }>,
): Cast | undefined {
  const key = castFunction(from.key, to.key);
  const item = castFunction(from.value, to.value);
  if (key === undefined || item === undefined) return undefined;
  const castKey = nullable(key);
  const castItem = nullable(item);
  return (value) =>
    new Map(Array.from(value as ReadonlyMap<SqlValue, SqlValue>, ([k, v]) => [castKey(k), castItem(v)]));
}

/** Fields are matched by name; one that the source does not have becomes null. */
function toStruct(
  from: Extract<SqlType, { kind: 'STRUCT' }>,
  to: Extract<SqlType, { kind: 'STRUCT' }>,
): Cast | undefined {
  const casts: (Cast | undefined)[] = to.fields.map((field) => {
    const index = from.fields.findIndex((candidate) => candidate.name === field.name);
    if (index < 0) return () => null;
    const cast = castFunction(from.fields[index]!.type, field.type);
    if (cast === undefined) return undefined;
    const castField = nullable(cast);
    return (value) => castField((value as readonly SqlValue[])[index]!);
  });
  if (casts.some((cast) => cast === undefined)) return undefined;
  return (value) => casts.map((cast) => cast!(value));
}
