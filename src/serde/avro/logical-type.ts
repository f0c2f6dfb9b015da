import { MOST_DECIMAL_DIGITS } from '../../data/decimal.ts';
import type { LogicalType } from './avro-type.ts';

/** What Kafka Connect takes where a decimal does not say its precision. */
const DEFAULT_PRECISION = 64;

/** A logical type that makes no sense, as decimals of endless digits do, is as if it was not there, as the specification says. */
export function logicalTypeOf(schema: Readonly<Record<string, unknown>>): LogicalType | undefined {
  const { type, logicalType, precision, scale } = schema;
  if (typeof logicalType !== 'string') return undefined;
  if (logicalType !== 'decimal') return { name: logicalType, precision: 0, scale: 0 };
  const digits = precision ?? DEFAULT_PRECISION;
  const decimals = scale ?? 0;
  const isSound =
    (type === 'bytes' || type === 'fixed') &&
    typeof digits === 'number' &&
    typeof decimals === 'number' &&
    Number.isSafeInteger(digits) &&
    Number.isSafeInteger(decimals) &&
    decimals >= 0 &&
    decimals <= digits &&
    digits >= 1 &&
    digits <= MOST_DECIMAL_DIGITS;
  return isSound ? { name: 'decimal', precision: digits, scale: decimals } : undefined;
}
