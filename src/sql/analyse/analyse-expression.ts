import { castFunction } from '../../data/cast.ts';
import { isNumeric } from '../../data/common-type.ts';
import { formatType } from '../../data/type-text.ts';
import type { Expr, ExprOf } from '../ast.ts';
import type { Catalog } from '../catalog.ts';
import type { Expression } from '../expression.ts';
import { exprText } from '../expression-text.ts';
import { BOOLEAN, literal, operator, STRING } from '../operators.ts';
import { SqlError } from '../sql-error.ts';
import { analyseCall } from './analyse-call.ts';
import { arithmetic, concat, numberLiteral } from './arithmetic.ts';
import { castTo, coerceAll, isNull, type Typed } from './coerce.ts';
import { compare } from './comparison.ts';
import { array, field, map, struct, subscript } from './nested-values.ts';
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
      return subscript(e, analyse(e.base, scope), analyse(e.index, scope));
    case 'field':
      return field(e, analyse(e.base, scope));
    case 'array':
      return array(e, (part) => typed(part, scope));
    case 'map':
      return map(e, (part) => typed(part, scope));
    case 'struct':
      return struct(e, (part) => typed(part, scope));
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
      `IN compares values of one type: ${exprText(misfit.source)} is ${formatType(misfit.expression.type)} among ${formatType(common)}. CAST it.`,
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
      `All results of a CASE have one type: ${exprText(misfit.source)} is ${formatType(misfit.expression.type)} among ${formatType(common)}. CAST it.`,
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
