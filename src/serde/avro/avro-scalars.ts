import { Buffer } from 'node:buffer';
import { fitDecimal, powerOfTen } from '../../data/decimal.ts';
import { formatDouble } from '../../data/java-double.ts';
import type { Long } from '../../data/long.ts';
import type { SqlType } from '../../data/types.ts';
import { SerdeError } from '../format.ts';
import type { AvroEnum, AvroFixed, AvroPrimitive } from './avro-type.ts';

type Scalar = AvroPrimitive | AvroEnum | AvroFixed;
type Constant = (value: unknown) => string;

const MICROS = 1_000;

/**
 * The expression that reads a scalar as a SQL type; undefined for what is no widening. STRING takes any of them, as
 * ksqlDB does, and a fixed-point number whatever has at most its digits.
 */
export function scalarCode(type: Scalar, sql: SqlType, constant: Constant): string | undefined {
  switch (type.kind) {
    case 'boolean':
      return asBoolean(sql);
    case 'int':
      return wholeCode('c.int()', sql, constant);
    case 'long':
      return longCode(type, sql, constant);
    case 'float':
    case 'double':
      if (sql.kind === 'DOUBLE') return `c.${type.kind}()`;
      return sql.kind === 'STRING' ? `${constant(formatDouble)}(c.${type.kind}())` : undefined;
    case 'string':
      return sql.kind === 'STRING' ? 'c.string()' : undefined;
    case 'enum':
      return sql.kind === 'STRING' ? `${constant(symbolReader(type))}(c.int())` : undefined;
    case 'bytes':
    case 'fixed':
      return bytesCode(type, sql, constant);
    case 'null':
      return 'null';
  }
}

function asBoolean({ kind }: SqlType): string | undefined {
  if (kind === 'BOOLEAN') return 'c.boolean()';
  return kind === 'STRING' ? 'String(c.boolean())' : undefined;
}

/** `read` gives a number that fits 32 bits, or any BIGINT. */
function wholeCode(read: 'c.int()' | 'c.long()', sql: SqlType, constant: Constant): string | undefined {
  switch (sql.kind) {
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
      return read === 'c.int()' ? read : undefined;
    case 'BIGINT':
    case 'TIMESTAMP':
      return read;
    case 'DOUBLE':
      return read === 'c.int()' ? read : `Number(${read})`;
    case 'STRING':
      return `String(${read})`;
    case 'DECIMAL': {
      const factor = powerOfTen(sql.scale);
      return `${constant((value: Long) => fitted(BigInt(value) * factor, sql))}(${read})`;
    }
    default:
      return undefined;
  }
}

function longCode({ logical }: AvroPrimitive, sql: SqlType, constant: Constant): string | undefined {
  const isMicros = logical?.name === 'timestamp-micros' || logical?.name === 'time-micros';
  if (isMicros && (sql.kind === 'TIMESTAMP' || sql.kind === 'TIME'))
    return `Math.floor(Number(c.long()) / ${MICROS})`;
  return wholeCode('c.long()', sql, constant);
}

function bytesCode(type: AvroFixed | AvroPrimitive, sql: SqlType, constant: Constant): string | undefined {
  const size = type.kind === 'fixed' ? String(type.size) : '';
  if (sql.kind === 'BYTES') return type.kind === 'fixed' ? `c.fixed(${size})` : 'c.byteString()';
  if (sql.kind !== 'DECIMAL' || type.logical?.name !== 'decimal') return undefined;
  const { scale } = type.logical;
  return `${constant((value: bigint) => rescaled(value, scale, sql))}(c.unscaled(${size}))`;
}

function symbolReader({ symbols }: AvroEnum): (index: number) => string {
  return (index) => {
    const symbol = symbols[index];
    if (symbol === undefined)
      throw new SerdeError(`an Avro enum has ${symbols.length} symbols, the record names number ${index}`);
    return symbol;
  };
}

type Decimal = SqlType & { readonly kind: 'DECIMAL' };

/** Digits that the column has no place for are an error, never lost. */
export function rescaled(unscaled: bigint, scale: number, type: Decimal): bigint {
  if (scale <= type.scale) return fitted(unscaled * powerOfTen(type.scale - scale), type);
  const divisor = powerOfTen(scale - type.scale);
  if (unscaled % divisor !== 0n) throw new SerdeError(`a number has more than ${type.scale} decimals`);
  return fitted(unscaled / divisor, type);
}

function fitted(unscaled: bigint, type: Decimal): bigint {
  try {
    return fitDecimal(unscaled, type);
  } catch (error) {
    throw new SerdeError((error as Error).message);
  }
}

/** Two's complement, big-endian, as few bytes as hold it. */
export function bytesOfUnscaled(value: bigint): Buffer {
  let size = 1;
  while (BigInt.asIntN(size * 8, value) !== value) size++;
  return sizedUnscaled(value, size);
}

export function sizedUnscaled(value: bigint, size: number): Buffer {
  if (BigInt.asIntN(size * 8, value) !== value)
    throw new SerdeError(`a number needs more than the ${size} bytes of its Avro type`);
  const hex = BigInt.asUintN(size * 8, value).toString(16);
  return Buffer.from(hex.padStart(size * 2, '0'), 'hex');
}
