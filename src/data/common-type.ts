import { sameType } from './compare.ts';
import { asDecimalType, type DecimalType } from './decimal.ts';
import type { SqlType } from './types.ts';

/** INT < BIGINT < DECIMAL < DOUBLE; undefined for types that are no numbers. */
export function numericRank(type: SqlType): number | undefined {
  switch (type.kind) {
    case 'INTEGER':
      return 0;
    case 'BIGINT':
      return 1;
    case 'DECIMAL':
      return 2;
    case 'DOUBLE':
      return 3;
    default:
      return undefined;
  }
}

export function isNumeric(type: SqlType): boolean {
  return numericRank(type) !== undefined;
}

/** The smallest type that holds the values of both without loss of meaning, or undefined. */
export function commonType(a: SqlType, b: SqlType): SqlType | undefined {
  if (sameType(a, b)) return a;
  const rankA = numericRank(a);
  const rankB = numericRank(b);
  if (rankA !== undefined && rankB !== undefined) {
    const higher = rankA >= rankB ? a : b;
    return higher.kind === 'DECIMAL' ? widerDecimal(asDecimalType(a)!, asDecimalType(b)!) : higher;
  }
  if (a.kind === 'ARRAY' && b.kind === 'ARRAY') {
    const element = commonType(a.element, b.element);
    return element && { kind: 'ARRAY', element };
  }
  if (a.kind === 'MAP' && b.kind === 'MAP') {
    const key = commonType(a.key, b.key);
    const value = commonType(a.value, b.value);
    return key && value && { kind: 'MAP', key, value };
  }
  if (a.kind === 'STRUCT' && b.kind === 'STRUCT') return commonStruct(a, b);
  return undefined;
}

function commonStruct(
  a: Extract<SqlType, { kind: 'STRUCT' }>,
  b: Extract<SqlType, { kind: 'STRUCT' }>,
): SqlType | undefined {
  const fields = a.fields.map((field) => {
    const other = b.fields.find((candidate) => candidate.name === field.name);
    const type = other === undefined ? field.type : commonType(field.type, other.type);
    return type && { name: field.name, type };
  });
  for (const field of b.fields) {
    if (!a.fields.some((candidate) => candidate.name === field.name)) fields.push(field);
  }
  return fields.every((field) => field !== undefined) ? { kind: 'STRUCT', fields } : undefined;
}

function widerDecimal(a: DecimalType, b: DecimalType): DecimalType {
  const scale = Math.max(a.scale, b.scale);
  const whole = Math.max(a.precision - a.scale, b.precision - b.scale);
  return { kind: 'DECIMAL', precision: whole + scale, scale };
}

/** Whether a value of `from` may be used as `to` without a CAST being written. */
export function widensTo(from: SqlType, to: SqlType): boolean {
  const common = commonType(from, to);
  return common !== undefined && sameType(common, to);
}
