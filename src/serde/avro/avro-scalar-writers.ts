import type { Long } from '../../data/long.ts';
import type { SqlType } from '../../data/types.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { SerdeError } from '../format.ts';
import { writeBytes, writeDouble, writeFloat, writeInt, writeLong, writeText } from './avro-output.ts';
import { bytesOfUnscaled, rescaled, sizedUnscaled } from './avro-scalars.ts';
import type { AvroEnum, AvroFixed, AvroPrimitive } from './avro-type.ts';

/** Appends one value that is not null. */
export type ScalarWriter = (value: never, out: ByteWriter) => void;

const WHOLE: readonly SqlType['kind'][] = ['INTEGER', 'BIGINT', 'DATE', 'TIME', 'TIMESTAMP'];
const MICROS = 1_000n;

/** The writer of a SQL type in an Avro scalar that holds all its values; undefined where it does not. */
export function scalarWriter(
  type: AvroPrimitive | AvroEnum | AvroFixed,
  sql: SqlType,
): ScalarWriter | undefined {
  switch (type.kind) {
    case 'boolean':
      return sql.kind === 'BOOLEAN' ? (value: boolean, out) => out.byte(value ? 1 : 0) : undefined;
    case 'int':
      return ['INTEGER', 'DATE', 'TIME'].includes(sql.kind) ? writeInt : undefined;
    case 'long':
      return longWriter(type, sql);
    case 'float':
      return sql.kind === 'DOUBLE' ? writeFloat : undefined;
    case 'double':
      if (sql.kind === 'DOUBLE') return writeDouble;
      return sql.kind === 'INTEGER' ? writeDouble : undefined;
    case 'string':
      return sql.kind === 'STRING' ? writeText : undefined;
    case 'enum':
      return sql.kind === 'STRING' ? symbolWriter(type) : undefined;
    case 'bytes':
      return bytesWriter(type, sql);
    case 'fixed':
      return fixedWriter(type, sql);
    case 'null':
      return undefined;
  }
}

function longWriter({ logical }: AvroPrimitive, { kind }: SqlType): ScalarWriter | undefined {
  if (!WHOLE.includes(kind)) return undefined;
  const isMicros = logical?.name === 'timestamp-micros' || logical?.name === 'time-micros';
  if (!isMicros || kind === 'BIGINT' || kind === 'INTEGER') return writeLong;
  return (value: Long, out) => writeLong(BigInt(value) * MICROS, out);
}

function symbolWriter({ symbols, fullName }: AvroEnum): ScalarWriter {
  const numbers = new Map(symbols.map((symbol, index) => [symbol, index]));
  return (value: string, out) => {
    const number = numbers.get(value);
    // The text stays out of the message, which goes to logs.
    if (number === undefined)
      throw new SerdeError(`a text is none of the symbols of the Avro enum ${fullName}`);
    writeInt(number, out);
  };
}

function bytesWriter({ logical }: AvroPrimitive, sql: SqlType): ScalarWriter | undefined {
  if (sql.kind === 'BYTES') return writeBytes;
  if (sql.kind !== 'DECIMAL' || logical?.name !== 'decimal') return undefined;
  const { precision, scale } = logical;
  const { scale: given } = sql;
  if (scale === given && precision >= sql.precision)
    return (value: bigint, out) => writeBytes(bytesOfUnscaled(value), out);
  const type = { kind: 'DECIMAL', precision, scale } as const;
  return (value: bigint, out) => writeBytes(bytesOfUnscaled(rescaled(value, given, type)), out);
}

function fixedWriter({ size, logical, fullName }: AvroFixed, sql: SqlType): ScalarWriter | undefined {
  if (sql.kind === 'BYTES')
    return (value: Uint8Array, out) => {
      if (value.length !== size)
        throw new SerdeError(`the Avro type ${fullName} has ${size} bytes, a value has ${value.length}`);
      out.raw(value);
    };
  if (sql.kind !== 'DECIMAL' || logical?.name !== 'decimal') return undefined;
  const type = { kind: 'DECIMAL', precision: logical.precision, scale: logical.scale } as const;
  return (value: bigint, out) => out.raw(sizedUnscaled(rescaled(value, sql.scale, type), size));
}
