import { isNumeric } from '../../data/common-type.ts';
import {
  type ArithmeticOperator,
  asDecimalType,
  decimalResultType,
  decimalTypeOf,
  formatDecimal,
  parseDecimal,
} from '../../data/decimal.ts';
import { parseLong } from '../../data/long.ts';
import { formatType } from '../../data/type-text.ts';
import type { ExprOf } from '../ast.ts';
import type { Expression } from '../expression.ts';
import { exprText } from '../expression-text.ts';
import { BIGINT, BYTES, DOUBLE, INTEGER, literal, operator, STRING } from '../operators.ts';
import { SqlError } from '../sql-error.ts';
import { castTo, isNull, type Typed } from './coerce.ts';

export function numberLiteral(e: ExprOf<'number'>): Expression {
  if (e.form === 'double') {
    const value = Number(e.text);
    if (Number.isFinite(value)) return literal(value, DOUBLE);
    throw new SqlError(`${e.text} is beyond the numbers of DOUBLE.`, e.line, e.column);
  }
  if (e.form === 'integer') {
    const value = tryLong(e.text);
    if (typeof value === 'number') return literal(value, value === (value | 0) ? INTEGER : BIGINT);
    if (value !== undefined) return literal(value.toString(), BIGINT);
    throw new SqlError(
      `${e.text} is beyond the numbers of BIGINT. Write ${e.text}.0 for a DECIMAL.`,
      e.line,
      e.column,
    );
  }
  const value = parseDecimal(e.text);
  return literal(formatDecimal(value.unscaled, value.scale), decimalTypeOf(value));
}

function tryLong(text: string) {
  try {
    return parseLong(text);
  } catch {
    return undefined;
  }
}

export function arithmetic(
  e: ExprOf<'binary'>,
  sign: ArithmeticOperator,
  left: Typed,
  right: Typed,
): Expression {
  for (const { source } of [left, right]) {
    if (source.kind !== 'null') continue;
    throw new SqlError(
      `${exprText(e)} cannot be computed: there is no arithmetic of ${typeName(left)} and ${typeName(right)}.`,
      e.line,
      e.column,
    );
  }
  const [a, b] = alignNulls(left.expression, right.expression);
  if (sign === '+' && a.type.kind === 'STRING' && b.type.kind === 'STRING')
    return operator('+', [a, b], STRING);
  if (!isNumeric(a.type) || !isNumeric(b.type)) {
    throw new SqlError(
      `${exprText(e)} cannot be computed: there is no arithmetic of ${formatType(a.type)} and ${formatType(b.type)}.`,
      e.line,
      e.column,
    );
  }
  if (a.type.kind === 'DOUBLE' || b.type.kind === 'DOUBLE') {
    return operator(sign, [castTo(a, DOUBLE, e.left), castTo(b, DOUBLE, e.right)], DOUBLE);
  }
  if (a.type.kind === 'DECIMAL' || b.type.kind === 'DECIMAL') {
    return operator(sign, [a, b], decimalResultType(sign, asDecimalType(a.type)!, asDecimalType(b.type)!));
  }
  const type = a.type.kind === 'BIGINT' || b.type.kind === 'BIGINT' ? BIGINT : INTEGER;
  return operator(sign, [castTo(a, type, e.left), castTo(b, type, e.right)], type);
}

function typeName({ source, expression }: Typed): string {
  return source.kind === 'null' ? 'null' : formatType(expression.type);
}

function alignNulls(a: Expression, b: Expression): [Expression, Expression] {
  if (isNull(a)) return [literal(null, b.type), b];
  return isNull(b) ? [a, literal(null, a.type)] : [a, b];
}

/** Two STRINGs or two BYTES; a null counts as either. */
export function concat(e: ExprOf<'binary'>, left: Typed, right: Typed): Expression {
  const args = alignNulls(left.expression, right.expression);
  const type = args.every((arg) => arg.type.kind === 'BYTES') ? BYTES : STRING;
  for (const [i, { source }] of [left, right].entries()) {
    const arg = args[i]!;
    if (arg.type.kind === type.kind) continue;
    throw new SqlError(
      `${e.operator} joins STRINGs or BYTES but ${exprText(source)} is ${formatType(arg.type)}. Use CAST(${exprText(source)} AS STRING).`,
      source.line,
      source.column,
    );
  }
  return operator('||', args, type);
}
