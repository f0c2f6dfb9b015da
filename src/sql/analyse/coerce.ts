import { castFunction } from '../../data/cast.ts';
import { commonType, isNumeric, widensTo } from '../../data/common-type.ts';
import { sameType } from '../../data/compare.ts';
import { decimalTypeOf, parseDecimal } from '../../data/decimal.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { At, Expr } from '../ast.ts';
import type { Expression, LiteralExpression } from '../expression.ts';
import { exprText } from '../expression-text.ts';
import { literalValue, toLiteral } from '../literal-value.ts';
import { literal, operator, STRING } from '../operators.ts';
import { SqlError } from '../sql-error.ts';

/** An expression with the text it came from, for messages. */
export interface Typed {
  readonly source: Expr;
  readonly expression: Expression;
}

export function isNull(e: Expression): boolean {
  return e.kind === 'literal' && e.value === null;
}

/** The cast, done at once where the value is known. `at` is where a literal that does not fit is reported. */
export function castTo(e: Expression, type: SqlType, at: At): Expression {
  if (sameType(e.type, type)) return e;
  if (isNull(e)) return literal(null, type);
  if (e.kind === 'call' && isConstructor(e.function)) {
    const rebuilt = castConstructor(e, type, at);
    if (rebuilt !== undefined) return rebuilt;
  }
  if (e.kind !== 'literal') return operator('CAST', [e], type);
  const cast = castFunction(e.type, type);
  if (cast === undefined) {
    throw new SqlError(`${formatType(e.type)} cannot be cast to ${formatType(type)}.`, at.line, at.column);
  }
  try {
    return toLiteral(cast(literalValue(e)), type) ?? operator('CAST', [e], type);
  } catch {
    throw new SqlError(`'${e.value}' is no ${type.kind}.`, at.line, at.column);
  }
}

function isConstructor(name: string): boolean {
  return name === 'ARRAY' || name === 'MAP' || name === 'STRUCT';
}

/** `ARRAY['1', 2]` as an ARRAY<BIGINT>: its elements are cast, so that literals in it are checked. */
function castConstructor(
  e: Extract<Expression, { kind: 'call' }>,
  type: SqlType,
  at: At,
): Expression | undefined {
  if (e.function === 'ARRAY' && type.kind === 'ARRAY') {
    return operator(
      'ARRAY',
      e.args.map((arg) => castTo(arg, type.element, at)),
      type,
    );
  }
  if (e.function === 'MAP' && type.kind === 'MAP') {
    return operator(
      'MAP',
      e.args.map((arg, i) => castTo(arg, i % 2 === 0 ? type.key : type.value, at)),
      type,
    );
  }
  if (e.function !== 'STRUCT' || type.kind !== 'STRUCT' || e.type.kind !== 'STRUCT') return undefined;
  const { fields } = e.type;
  return operator(
    'STRUCT',
    type.fields.map((field) => {
      const index = fields.findIndex((candidate) => candidate.name === field.name);
      return index < 0 ? literal(null, field.type) : castTo(e.args[index]!, field.type, at);
    }),
    type,
  );
}

/**
 * All expressions as one type. NULLs take part in nothing; string literals become what the others are
 * (`id IN (1, '2')`), other literals become STRING among strings. `describe` makes the message for a misfit.
 */
export function coerceAll(
  items: readonly Typed[],
  describe: (common: SqlType, misfit: Typed) => string,
): { readonly expressions: readonly Expression[]; readonly type: SqlType | undefined } {
  let common: SqlType | undefined = areTexts(items) ? STRING : undefined;
  for (const item of items) {
    const { expression } = item;
    if (isNull(expression) || isStringLiteral(expression)) continue;
    const wider = common === undefined ? expression.type : commonType(common, expression.type);
    if (wider !== undefined) {
      common = wider;
    } else if (common?.kind === 'STRING' && expression.kind === 'literal') {
      // 'a' || among strings a literal 1 is '1'.
    } else if (!canConvert(expression, common!)) {
      throw new SqlError(describe(common!, item), item.source.line, item.source.column);
    }
  }
  if (common === undefined && items.some((item) => isStringLiteral(item.expression))) common = STRING;
  for (const { expression } of items) common = widenedByText(common, expression);
  if (common === undefined) return { expressions: items.map((item) => item.expression), type: undefined };
  const type = common;
  const expressions = items.map((item) => {
    if (isStringLiteral(item.expression) && !acceptsText(type)) {
      throw new SqlError(describe(type, item), item.source.line, item.source.column);
    }
    return castTo(item.expression, type, item.source);
  });
  return { expressions, type };
}

/** `ARRAY['a', 1]`: a text in front of nothing but literals makes texts of them. */
function areTexts(items: readonly Typed[]): boolean {
  const present = items.map(({ expression }) => expression).filter((e) => !isNull(e));
  return present.length > 0 && isStringLiteral(present[0]!) && present.every((e) => e.kind === 'literal');
}

/** `ARRAY[1, '2.5']`: a text that is a number with a fraction or an exponent counts as the DECIMAL it would be. */
function widenedByText(common: SqlType | undefined, e: Expression): SqlType | undefined {
  if (common === undefined || !isNumeric(common) || common.kind === 'DOUBLE' || !isStringLiteral(e))
    return common;
  const text = (e as LiteralExpression).value as string;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) || /^[+-]?\d+$/.test(text)) return common;
  return commonType(common, decimalTypeOf(parseDecimal(text))) ?? common;
}

function isStringLiteral(e: Expression): boolean {
  return e.kind === 'literal' && e.type.kind === 'STRING' && e.value !== null;
}

function acceptsText(type: SqlType): boolean {
  return isNumeric(type) || ['STRING', 'BOOLEAN', 'TIMESTAMP', 'DATE', 'TIME', 'BYTES'].includes(type.kind);
}

/** A constructor whose literals may still turn into the wanted type: ARRAY['3'] among ARRAY<BIGINT>. */
function canConvert(e: Expression, type: SqlType): boolean {
  if (e.kind !== 'call' || !isConstructor(e.function) || e.type.kind !== type.kind) return false;
  return e.args.every(
    (arg) => arg.kind === 'literal' || (arg.kind === 'call' && isConstructor(arg.function)),
  );
}

/** For a value stored in a column: what SQL widens by itself, and literals of another kind. */
export function assignTo(item: Typed, type: SqlType, what: string): Expression {
  const { expression, source } = item;
  const fits =
    isNull(expression) ||
    widensTo(expression.type, type) ||
    (expression.kind === 'literal' &&
      acceptsText(type) &&
      !narrows(expression.type, type) &&
      castFunction(expression.type, type) !== undefined) ||
    canConvert(expression, type) ||
    // Digits of a literal are the user's wish: 1.5 may go into a DECIMAL(10, 1), 1 into anything numeric.
    (isNumeric(expression.type) && type.kind === 'DECIMAL') ||
    (expression.type.kind === 'STRING' && ['TIMESTAMP', 'DATE', 'TIME', 'BYTES'].includes(type.kind)) ||
    structFits(expression.type, type);
  if (!fits) {
    throw new SqlError(
      `${what} needs ${formatType(type)}, but ${exprText(source)} is ${formatType(expression.type)}.`,
      source.line,
      source.column,
    );
  }
  return castTo(expression, type, source);
}

/** 1.5 is no INTEGER, nor is 2147483648. Whether a number fits a DECIMAL is seen when it is stored. */
function narrows(from: SqlType, to: SqlType): boolean {
  return isNumeric(from) && isNumeric(to) && to.kind !== 'DECIMAL' && !widensTo(from, to);
}

/** A struct may leave fields out and its fields may widen. */
function structFits(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'ARRAY' && to.kind === 'ARRAY') return elementFits(from.element, to.element);
  if (from.kind === 'MAP' && to.kind === 'MAP') {
    return elementFits(from.key, to.key) && elementFits(from.value, to.value);
  }
  if (from.kind !== 'STRUCT' || to.kind !== 'STRUCT') return false;
  return from.fields.every((field) => {
    const wanted = to.fields.find((candidate) => candidate.name === field.name);
    return wanted !== undefined && elementFits(field.type, wanted.type);
  });
}

function elementFits(from: SqlType, to: SqlType): boolean {
  return (
    widensTo(from, to) ||
    structFits(from, to) ||
    (isNumeric(from) && to.kind === 'DECIMAL') ||
    // A literal NULL inside a constructor is typed STRING until its place is known.
    (from.kind === 'STRING' && castFunction(from, to) !== undefined)
  );
}
