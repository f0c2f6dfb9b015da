import { type DecimalType, formatDecimal, parseDecimal } from '../data/decimal.ts';
import { parseLong } from '../data/long.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import type { LiteralExpression } from './expression.ts';
import { literal } from './operators.ts';

/** The value a literal stands for. */
export function literalValue(e: LiteralExpression): SqlValue {
  const { type, value } = e;
  if (value === null) return null;
  switch (type.kind) {
    case 'BIGINT':
      return typeof value === 'string' ? parseLong(value) : value;
    case 'DECIMAL':
      return parseDecimal(value as string).unscaled;
    case 'DOUBLE':
      return Number(value);
    case 'BYTES':
      return Buffer.from(value as string, 'base64');
    default:
      return value;
  }
}

/** A literal for a scalar value; undefined for values a plan cannot hold as one (collections). */
export function toLiteral(value: SqlValue, type: SqlType): LiteralExpression | undefined {
  if (value === null) return literal(null, type);
  switch (type.kind) {
    case 'BIGINT':
      return literal(typeof value === 'bigint' ? value.toString() : (value as number), type);
    case 'DECIMAL':
      return literal(formatDecimal(value as bigint, (type as DecimalType).scale), type);
    case 'DOUBLE':
      // JSON has no NaN and no infinities.
      return literal(Number.isFinite(value) ? (value as number) : String(value), type);
    case 'BYTES':
      return literal(Buffer.from(value as Uint8Array).toString('base64'), type);
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return undefined;
    default:
      return literal(value as boolean | number | string, type);
  }
}
