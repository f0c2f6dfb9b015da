import { castFunction } from '../../data/cast.ts';
import { commonType, isNumeric } from '../../data/common-type.ts';
import { isOrdered } from '../../data/compare.ts';
import {
  type ArithmeticOperator,
  asDecimalType,
  decimalResultType,
  formatDecimal,
  parseDecimal,
} from '../../data/decimal.ts';
import { parseLong } from '../../data/long.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { At, Expr, ExprOf } from '../ast.ts';
import type { Catalog } from '../catalog.ts';
import type { Expression } from '../expression.ts';
import { exprText } from '../expression-text.ts';
import { BIGINT, BOOLEAN, DOUBLE, INTEGER, literal, operator, STRING } from '../operators.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import { analyseCall } from './analyse-call.ts';
import { castTo, coerceAll, isNull, type Typed } from './coerce.ts';
import { resolveType } from './resolve-type.ts';

/** Where an expression stands: what its names mean, and what stands for a whole expression. */
export interface Scope {
  readonly catalog: Catalog;
  /** Throws SqlError when there is no such column. */
  column(e: ExprOf<'name'>): Expression;
  /** Asked first for every expression: grouping expressions and aggregates have their own columns. */
  replace?(e: Expr): Expression | undefined;
  /** How many lambdas are around. */
  readonly lambdaDepth?: number;
}

/** Gives types to an expression and resolves its names; every implicit cast becomes an explicit one. */
export function analyse(e: Expr, scope: Scope): Expression {
  const replaced = scope.replace?.(e);
  if (replaced !== undefined) return replaced;
  switch (e.kind) {
    case 'null':
      return literal(null, STRING);
    case 'boolean':
      return literal(e.value, BOOLEAN);
    case 'string':
      return literal(e.value, STRING);
    case 'number':
      return numberLiteral(e);
    case 'name':
      return scope.column(e);
    case 'unary':
      return unary(e, scope);
    case 'binary':
      return binary(e, scope);
    case 'logical': {
      const args = e.operands.map((operand) => booleanOperand(operand, scope, e.operator));
      return operator(e.operator, args, BOOLEAN);
    }
    case 'isNull':
      return operator(e.negated ? 'IS NOT NULL' : 'IS NULL', [analyse(e.operand, scope)], BOOLEAN);
    case 'between':
      return between(e, scope);
    case 'in':
      return inList(e, scope);
    case 'like':
      return like(e, scope);
    case 'case':
      return caseWhen(e, scope);
    case 'cast':
      return cast(e, scope);
    case 'subscript':
      return subscript(e, scope);
    case 'field':
      return field(e, scope);
    case 'array':
      return array(e, scope);
    case 'map':
      return map(e, scope);
    case 'struct':
      return struct(e, scope);
    case 'call':
      return analyseCall(e, scope);
    case 'lambda':
      throw new SqlError(
        `A lambda can only be an argument of a function that takes one, such as TRANSFORM, FILTER or REDUCE: ${exprText(e)}`,
        e.line,
        e.column,
      );
    case 'atTimeZone':
      return atTimeZone(e, scope);
  }
}

/** A TIMESTAMP has no zone; what a clock in UTC shows becomes what one there shows. */
function atTimeZone(e: ExprOf<'atTimeZone'>, scope: Scope): Expression {
  const { line, column } = e;
  const utc: Expr = { kind: 'string', value: 'UTC', line, column };
  return analyseCall(
    { kind: 'call', name: 'CONVERT_TZ', args: [e.operand, utc, e.zone], star: false, line, column },
    scope,
  );
}

function typed(e: Expr, scope: Scope): Typed {
  return { source: e, expression: analyse(e, scope) };
}

function numberLiteral(e: ExprOf<'number'>): Expression {
  if (e.form === 'double') {
    const value = Number(e.text);
    if (Number.isFinite(value)) return literal(value, DOUBLE);
    throw new SqlError(`Number overflows DOUBLE: ${e.text}`, e.line, e.column);
  }
  if (e.form === 'integer') {
    const value = tryLong(e.text);
    if (typeof value === 'number') return literal(value, value === (value | 0) ? INTEGER : BIGINT);
    if (value !== undefined) return literal(value.toString(), BIGINT);
    throw new SqlError(
      `Invalid numeric literal: ${e.text}. Write ${e.text}.0 for a DECIMAL.`,
      e.line,
      e.column,
    );
  }
  const { unscaled, scale } = parseDecimal(e.text);
  const precision = Math.max(unscaled.toString().length, scale, 1);
  return literal(formatDecimal(unscaled, scale), { kind: 'DECIMAL', precision, scale });
}

function tryLong(text: string) {
  try {
    return parseLong(text);
  } catch {
    return undefined;
  }
}

function unary(e: ExprOf<'unary'>, scope: Scope): Expression {
  if (e.operator === 'NOT') return operator('NOT', [booleanOperand(e.operand, scope, 'NOT')], BOOLEAN);
  // The sign belongs to the literal: -9223372036854775808 is a BIGINT, its digits alone are not.
  if (e.operand.kind === 'number' && e.operator === '-')
    return numberLiteral({ ...e.operand, text: `-${e.operand.text}` });
  const operand = analyse(e.operand, scope);
  if (!isNumeric(operand.type)) {
    throw new SqlError(
      `${e.operator} needs a number but ${exprText(e.operand)} is ${formatType(operand.type)}.`,
      e.line,
      e.column,
    );
  }
  return e.operator === '+' ? operand : operator('NEGATE', [operand], operand.type);
}

function booleanOperand(e: Expr, scope: Scope, what: string): Expression {
  const operand = analyse(e, scope);
  if (isNull(operand)) return literal(null, BOOLEAN);
  if (operand.type.kind === 'BOOLEAN') return operand;
  throw new SqlError(
    `${what} needs a BOOLEAN but ${exprText(e)} is ${formatType(operand.type)}. Compare it with something.`,
    e.line,
    e.column,
  );
}

function binary(e: ExprOf<'binary'>, scope: Scope): Expression {
  const left = typed(e.left, scope);
  const right = typed(e.right, scope);
  switch (e.operator) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return arithmetic(e, e.operator, left, right);
    case '||':
      return concat(e, left, right);
    default:
      return compare(e, e.operator, left, right);
  }
}

function arithmetic(e: ExprOf<'binary'>, sign: ArithmeticOperator, left: Typed, right: Typed): Expression {
  for (const { source } of [left, right]) {
    if (source.kind !== 'null') continue;
    throw new SqlError(
      `${exprText(e)} cannot be computed: there is no arithmetic of ${typeName(left)} and ${typeName(right)}.`,
      e.line,
      e.column,
    );
  }
  const [a, b] = alignNulls(left.expression, right.expression);
  if (sign === '+' && a.type.kind === 'STRING' && b.type.kind === 'STRING') return concat(e, left, right);
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

function concat(e: ExprOf<'binary'>, left: Typed, right: Typed): Expression {
  for (const { expression, source } of [left, right]) {
    if (expression.type.kind === 'STRING') continue;
    throw new SqlError(
      `${e.operator} joins STRINGs but ${exprText(source)} is ${formatType(expression.type)}. Use CAST(${exprText(source)} AS STRING).`,
      source.line,
      source.column,
    );
  }
  return operator('||', [left.expression, right.expression], STRING);
}

type ComparisonSign = '=' | '<>' | '<' | '<=' | '>' | '>=' | 'IS DISTINCT FROM' | 'IS NOT DISTINCT FROM';

function compare(at: At, sign: ComparisonSign, left: Typed, right: Typed): Expression {
  const pair = alignTimes(left, right);
  const refuse = (a: SqlType, b: SqlType) =>
    new SqlError(
      `Cannot compare ${exprText(left.source)} (${formatType(a)}) to ${exprText(right.source)} (${formatType(b)}) with ${sign}.`,
      at.line,
      at.column,
    );
  if (!sign.startsWith('IS') && pair.some((item) => isNull(item.expression))) {
    throw new SqlError(
      `Nothing compares with NULL: ${exprText(left.source)} ${sign} ${exprText(right.source)}. Use IS NULL or IS NOT NULL.`,
      at.line,
      at.column,
    );
  }
  const { type: a } = pair[0].expression;
  const { type: b } = pair[1].expression;
  // ksqlDB reads text beside dates and times, and in lists, but never beside a number.
  if ((a.kind === 'STRING') !== (b.kind === 'STRING') && !pair.some((item) => isNull(item.expression)))
    throw refuse(a, b);
  const { expressions, type } = coerceAll(pair, () => refuse(a, b).message.replace(/^line \d+:\d+: /, ''));
  if (type !== undefined && !isOrdered(type) && sign.length <= 2 && sign !== '=' && sign !== '<>')
    throw refuse(a, b);
  return operator(sign, expressions, BOOLEAN);
}

/** BIGINT columns of the system that hold milliseconds. */
const TIME_COLUMNS: readonly string[] = ['ROWTIME', 'WINDOWSTART', 'WINDOWEND'];

/** A STRING beside a time column, or a text beside ROWTIME or a window's bound, is read as an ISO date and time. */
function alignTimes(left: Typed, right: Typed): [Typed, Typed] {
  const times = ['TIMESTAMP', 'DATE', 'TIME'];
  const convert = (item: Typed, type: SqlType): Typed => ({
    ...item,
    expression: castTo(item.expression, type, item.source),
  });
  const a = left.expression.type;
  const b = right.expression.type;
  const asMs = (item: Typed): Typed => ({ ...item, expression: rowtimeOf(item) });
  if (isRowtime(left) && right.source.kind === 'string') return [left, asMs(right)];
  if (isRowtime(right) && left.source.kind === 'string') return [asMs(left), right];
  if (a.kind === 'STRING' && times.includes(b.kind)) return [convert(left, b), right];
  if (b.kind === 'STRING' && times.includes(a.kind)) return [left, convert(right, a)];
  if (a.kind === 'DATE' && b.kind === 'TIMESTAMP') return [convert(left, b), right];
  if (b.kind === 'DATE' && a.kind === 'TIMESTAMP') return [left, convert(right, a)];
  return [left, right];
}

function isRowtime({ source, expression }: Typed): boolean {
  return source.kind === 'name' && TIME_COLUMNS.includes(source.name) && expression.type.kind === 'BIGINT';
}

function rowtimeOf({ source, expression }: Typed): Expression {
  return { ...castTo(expression, { kind: 'TIMESTAMP' }, source), type: BIGINT } as Expression;
}

function between(e: ExprOf<'between'>, scope: Scope): Expression {
  const operand = typed(e.operand, scope);
  const within = operator(
    'AND',
    [compare(e, '>=', operand, typed(e.low, scope)), compare(e, '<=', operand, typed(e.high, scope))],
    BOOLEAN,
  );
  return e.negated ? operator('NOT', [within], BOOLEAN) : within;
}

function inList(e: ExprOf<'in'>, scope: Scope): Expression {
  const items = [e.operand, ...e.list].map((item) => typed(item, scope));
  const { expressions } = coerceAll(
    items,
    (common, misfit) =>
      `operator does not exist: ${formatType(common)} = ${formatType(misfit.expression.type)} (${exprText(misfit.source)})\nHint: You might need to add explicit type casts.`,
  );
  const found = operator('IN', expressions, BOOLEAN);
  return e.negated ? operator('NOT', [found], BOOLEAN) : found;
}

function like(e: ExprOf<'like'>, scope: Scope): Expression {
  const args = [e.operand, e.pattern].map((part) => {
    const expression = analyse(part, scope);
    if (expression.type.kind === 'STRING') return expression;
    throw new SqlError(
      `LIKE needs STRINGs but ${exprText(part)} is ${formatType(expression.type)}.`,
      part.line,
      part.column,
    );
  });
  if (e.escape !== undefined) args.push(literal(e.escape, STRING));
  const matches = operator('LIKE', args, BOOLEAN);
  return e.negated ? operator('NOT', [matches], BOOLEAN) : matches;
}

function caseWhen(e: ExprOf<'case'>, scope: Scope): Expression {
  const operand = e.operand && typed(e.operand, scope);
  const conditions = e.whens.map(({ condition }) =>
    operand === undefined
      ? booleanOperand(condition, scope, 'WHEN')
      : compare(condition, '=', operand, typed(condition, scope)),
  );
  const results = e.whens.map(({ result }) => typed(result, scope));
  const nothing: Expr = { kind: 'null', line: e.line, column: e.column };
  results.push(typed(e.otherwise ?? nothing, scope));
  const { expressions, type } = coerceAll(
    results,
    (common, misfit) =>
      `Invalid Case expression. Type for all 'THEN' clauses should be the same. Found ${formatType(common)} and ${formatType(misfit.expression.type)} (${exprText(misfit.source)})`,
  );
  if (type === undefined) {
    throw new SqlError(
      'Every branch of this CASE is NULL, so its type is unknown. CAST one of them.',
      e.line,
      e.column,
    );
  }
  const args = conditions.flatMap((condition, i) => [condition, expressions[i]!]);
  return operator('CASE', [...args, expressions.at(-1)!], type);
}

function cast(e: ExprOf<'cast'>, scope: Scope): Expression {
  const type = resolveType(e.type, scope.catalog);
  const operand = analyse(e.operand, scope);
  if (!isNull(operand) && castFunction(operand.type, type) === undefined) {
    throw new SqlError(
      `${formatType(operand.type)} cannot be cast to ${formatType(type)}.`,
      e.line,
      e.column,
    );
  }
  // Kept as a call: unlike a bare NULL it has a type that others must fit.
  return isNull(operand) ? operator('CAST', [literal(null, type)], type) : castTo(operand, type, e);
}

function subscript(e: ExprOf<'subscript'>, scope: Scope): Expression {
  const base = analyse(e.base, scope);
  const index = analyse(e.index, scope);
  if (base.type.kind === 'ARRAY' && ['INTEGER', 'BIGINT'].includes(index.type.kind)) {
    return operator('[]', [base, castTo(index, INTEGER, e.index)], base.type.element);
  }
  if (base.type.kind === 'MAP' && commonType(base.type.key, index.type) !== undefined) {
    return operator('[]', [base, castTo(index, base.type.key, e.index)], base.type.value);
  }
  const wants =
    base.type.kind === 'ARRAY' ? 'INTEGER' : base.type.kind === 'MAP' ? formatType(base.type.key) : undefined;
  const message =
    wants === undefined
      ? `Subscript expression (${exprText(e)}) needs an ARRAY or a MAP but ${exprText(e.base)} is ${formatType(base.type)}.`
      : `Subscript expression (${exprText(e)}) needs an index of type ${wants} but got ${formatType(index.type)}.`;
  throw new SqlError(message, e.line, e.column);
}

function field(e: ExprOf<'field'>, scope: Scope): Expression {
  const base = analyse(e.base, scope);
  if (base.type.kind !== 'STRUCT') {
    throw new SqlError(
      `-> needs a STRUCT but ${exprText(e.base)} is ${formatType(base.type)}.`,
      e.line,
      e.column,
    );
  }
  const found = base.type.fields.find((candidate) => candidate.name === e.name);
  if (found !== undefined) return operator('->', [base, literal(e.name, STRING)], found.type);
  const names = base.type.fields.map((candidate) => candidate.name);
  throw new SqlError(
    `${exprText(e.base)} has no field ${e.name}: it has ${names.join(', ') || 'no fields'}.${didYouMean(e.name, names)}`,
    e.line,
    e.column,
  );
}

function array(e: ExprOf<'array'>, scope: Scope): Expression {
  const { expressions, type } = coerceAll(
    e.items.map((item) => typed(item, scope)),
    (common, misfit) => `invalid input syntax for type ${common.kind}: ${exprText(misfit.source)}`,
  );
  if (type === undefined) {
    throw new SqlError(
      'This ARRAY holds none but NULLs, so the type of its elements is unknown. Use CAST(... AS type).',
      e.line,
      e.column,
    );
  }
  return operator('ARRAY', expressions, { kind: 'ARRAY', element: type });
}

function map(e: ExprOf<'map'>, scope: Scope): Expression {
  const misfit = (common: SqlType, item: Typed) =>
    `invalid input syntax for type ${common.kind}: ${exprText(item.source)}`;
  const keys = coerceAll(
    e.entries.map((entry) => typed(entry.key, scope)),
    misfit,
  );
  const values = coerceAll(
    e.entries.map((entry) => typed(entry.value, scope)),
    misfit,
  );
  if (keys.type === undefined || values.type === undefined) {
    throw new SqlError(
      'The type of this MAP is unknown: it holds none but NULLs. Use CAST(... AS type).',
      e.line,
      e.column,
    );
  }
  const args = keys.expressions.flatMap((key, i) => [key, values.expressions[i]!]);
  return operator('MAP', args, { kind: 'MAP', key: keys.type, value: values.type });
}

function struct(e: ExprOf<'struct'>, scope: Scope): Expression {
  const seen = new Set<string>();
  const fields = e.fields.map(({ name, value }) => {
    if (seen.has(name))
      throw new SqlError(
        `Two fields of the STRUCT are called ${name}. Rename one.`,
        value.line,
        value.column,
      );
    seen.add(name);
    return { name, value: analyse(value, scope) };
  });
  const type: SqlType = {
    kind: 'STRUCT',
    fields: fields.map(({ name, value }) => ({ name, type: value.type })),
  };
  return operator(
    'STRUCT',
    fields.map(({ value }) => value),
    type,
  );
}
