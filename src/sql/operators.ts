import type { SqlType } from '../data/types.ts';
import type { CallExpression, Expression, LiteralExpression } from './expression.ts';

/**
 * Operators are calls whose names no function can have. All take arguments of the types written here:
 *
 *   + - * / %            two numbers of the result's type (DECIMAL: of any scales); NEGATE one
 *   +                    two STRINGs too
 *   ||                   two STRINGs or two BYTES
 *   = <> < <= > >=       two values of one type; IS DISTINCT FROM, IS NOT DISTINCT FROM too
 *   AND OR               two or more BOOLEANs; NOT one
 *   IS NULL, IS NOT NULL one value
 *   IN                   a value, then the list, all of one type
 *   LIKE                 STRING, pattern STRING [, escape STRING literal]
 *   CASE                 condition, result, condition, result, ..., otherwise
 *   CAST                 one value, to the call's type
 *   ->                   STRUCT, field name as a STRING literal
 *   []                   ARRAY and INTEGER (1 is the first, -1 the last), or MAP and key
 *   ARRAY STRUCT         the elements, the fields in order;  MAP: key, value, key, value, ...
 */
export const OPERATORS = [
  '+',
  '-',
  '*',
  '/',
  '%',
  'NEGATE',
  '||',
  '=',
  '<>',
  '<',
  '<=',
  '>',
  '>=',
  'IS DISTINCT FROM',
  'IS NOT DISTINCT FROM',
  'AND',
  'OR',
  'NOT',
  'IS NULL',
  'IS NOT NULL',
  'IN',
  'LIKE',
  'CASE',
  'CAST',
  '->',
  '[]',
  'ARRAY',
  'STRUCT',
  'MAP',
] as const;

export type Operator = (typeof OPERATORS)[number];

const NAMES: ReadonlySet<string> = new Set(OPERATORS);

export function isOperator(name: string): name is Operator {
  return NAMES.has(name);
}

export const BOOLEAN: SqlType = { kind: 'BOOLEAN' };
export const INTEGER: SqlType = { kind: 'INTEGER' };
export const BIGINT: SqlType = { kind: 'BIGINT' };
export const DOUBLE: SqlType = { kind: 'DOUBLE' };
export const BYTES: SqlType = { kind: 'BYTES' };
export const STRING: SqlType = { kind: 'STRING' };

export function operator(name: Operator, args: readonly Expression[], type: SqlType): CallExpression {
  return { kind: 'call', function: name, args, type };
}

export function literal(value: LiteralExpression['value'], type: SqlType): LiteralExpression {
  return { kind: 'literal', value, type };
}
