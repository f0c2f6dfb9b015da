import { type DecimalType, fitDecimal, powerOfTen } from '../../data/decimal.ts';
import { civilFromDay, dayFromCivil, daysInMonth, MS_PER_DAY } from '../../data/time.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { SerdeError } from '../format.ts';

/** A message that stands for one SQL value: read and written as a row of these fields. */
export interface KnownMessage {
  readonly fields: readonly { readonly name: string; readonly type: SqlType }[];
  readonly fromRow: (row: readonly SqlValue[]) => SqlValue;
  readonly toRow: (value: SqlValue) => readonly SqlValue[];
}

const INTEGER: SqlType = { kind: 'INTEGER' };
const BIGINT: SqlType = { kind: 'BIGINT' };
const NANOS_PER_MS = 1_000_000;
/** Digits beyond these fit no column; big integers of hostile length cost more than linear time. */
const LONGEST_DECIMAL_BYTES = 500;

const TIMESTAMP: KnownMessage = {
  fields: [
    { name: 'seconds', type: BIGINT },
    { name: 'nanos', type: INTEGER },
  ],
  fromRow: ([seconds, nanos]) => {
    const ms = Number(seconds) * 1000 + Math.floor((nanos as number) / NANOS_PER_MS);
    if (!Number.isSafeInteger(ms)) throw new SerdeError('a google.protobuf.Timestamp beyond all dates');
    return ms;
  },
  toRow: (value) => {
    const ms = Number(value);
    const seconds = Math.floor(ms / 1000);
    return [seconds, (ms - seconds * 1000) * NANOS_PER_MS];
  },
};

const DATE: KnownMessage = {
  fields: ['year', 'month', 'day'].map((name) => ({ name, type: INTEGER })),
  fromRow: (row) => {
    const [year, month, day] = row as [number, number, number];
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month) || Math.abs(year) > 999_999)
      throw new SerdeError(`a google.type.Date of year ${year}, month ${month}, day ${day} names no day`);
    return dayFromCivil(year, month, day);
  },
  toRow: (value) => {
    const { year, month, dayOfMonth } = civilFromDay(value as number);
    return [year, month, dayOfMonth];
  },
};

const TIME: KnownMessage = {
  fields: ['hours', 'minutes', 'seconds', 'nanos'].map((name) => ({ name, type: INTEGER })),
  fromRow: (row) => {
    const [hours, minutes, seconds, nanos] = row as [number, number, number, number];
    const ms = ((hours * 60 + minutes) * 60 + seconds) * 1000 + Math.floor(nanos / NANOS_PER_MS);
    if (ms < 0 || ms >= MS_PER_DAY) throw new SerdeError(`a google.type.TimeOfDay of ${ms} ms is in no day`);
    return ms;
  },
  toRow: (value) => {
    const ms = value as number;
    const seconds = Math.floor(ms / 1000);
    return [
      Math.floor(seconds / 3600),
      Math.floor(seconds / 60) % 60,
      seconds % 60,
      (ms % 1000) * NANOS_PER_MS,
    ];
  },
};

/** confluent.type.Decimal: the unscaled value in two's complement, most significant byte first. */
function decimal(type: DecimalType): KnownMessage {
  return {
    fields: [
      { name: 'value', type: { kind: 'BYTES' } },
      { name: 'precision', type: BIGINT },
      { name: 'scale', type: INTEGER },
    ],
    fromRow: ([value, , scale]) => {
      const unscaled = signedInteger(value as Uint8Array);
      return toScale(unscaled, scale as number, type);
    },
    toRow: (value) => [signedBytes(value as bigint), type.precision, type.scale],
  };
}

function toScale(unscaled: bigint, scale: number, type: DecimalType): bigint {
  try {
    if (Math.abs(scale) > LONGEST_DECIMAL_BYTES) throw new RangeError(`a decimal of scale ${scale}`);
    if (scale <= type.scale) return fitDecimal(unscaled * powerOfTen(type.scale - scale), type);
    const divisor = powerOfTen(scale - type.scale);
    if (unscaled % divisor !== 0n) throw new RangeError(`a decimal has more than ${type.scale} decimals`);
    return fitDecimal(unscaled / divisor, type);
  } catch (error) {
    if (error instanceof RangeError) throw new SerdeError(error.message);
    throw error;
  }
}

function signedInteger(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  if (bytes.length > LONGEST_DECIMAL_BYTES) throw new SerdeError('a decimal too long');
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString('hex')}`));
}

/** As few bytes as hold the value with its sign, as Java's BigInteger.toByteArray. */
function signedBytes(value: bigint): Uint8Array {
  let length = 1;
  while (BigInt.asIntN(length * 8, value) !== value) length++;
  return Buffer.from(
    BigInt.asUintN(length * 8, value)
      .toString(16)
      .padStart(length * 2, '0'),
    'hex',
  );
}

/** How a message of that name is a value of `type`; undefined when it is none but a STRUCT. */
export function knownMessage(name: string, type: SqlType): KnownMessage | undefined {
  if (type.kind === 'DECIMAL') return name === 'confluent.type.Decimal' ? decimal(type) : undefined;
  if (type.kind === 'TIMESTAMP' || type.kind === 'BIGINT')
    if (name === 'google.protobuf.Timestamp') return TIMESTAMP;
  if (type.kind === 'DATE' && name === 'google.type.Date') return DATE;
  if (type.kind === 'TIME' && name === 'google.type.TimeOfDay') return TIME;
  if (!/^google\.protobuf\.(Double|Float|U?Int(64|32)|Bool|String|Bytes)Value$/.test(name)) return undefined;
  if (type.kind === 'STRUCT') return undefined;
  return {
    fields: [{ name: 'value', type }],
    fromRow: ([value]) => value as SqlValue,
    toRow: (value) => [value],
  };
}
