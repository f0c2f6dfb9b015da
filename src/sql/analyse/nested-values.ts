import { commonType } from '../../data/common-type.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { Expr, ExprOf } from '../ast.ts';
import type { Expression } from '../expression.ts';
import { exprText } from '../expression-text.ts';
import { INTEGER, literal, operator, STRING } from '../operators.ts';
import { SqlError } from '../sql-error.ts';
import { didYouMean } from '../suggest.ts';
import { castTo, coerceAll, type Typed } from './coerce.ts';

/** Analyses a part. */
type TypedOf = (e: Expr) => Typed;

export function subscript(e: ExprOf<'subscript'>, base: Expression, index: Expression): Expression {
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
      ? `[] takes an element of an ARRAY or a MAP, and ${exprText(e.base)} is ${formatType(base.type)}.`
      : `${exprText(e.base)} is looked up by ${wants}, and ${exprText(e.index)} is ${formatType(index.type)}.`;
  throw new SqlError(message, e.line, e.column);
}

export function field(e: ExprOf<'field'>, base: Expression): Expression {
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

export function array(e: ExprOf<'array'>, typedOf: TypedOf): Expression {
  const { expressions, type } = coerceAll(e.items.map(typedOf), otherElement);
  if (type === undefined) {
    throw new SqlError(
      'This ARRAY holds none but NULLs, so the type of its elements is unknown. Use CAST(... AS type).',
      e.line,
      e.column,
    );
  }
  return operator('ARRAY', expressions, { kind: 'ARRAY', element: type });
}

function otherElement(common: SqlType, { source, expression }: Typed): string {
  return `${exprText(source)} is ${formatType(expression.type)}, and cannot stand beside ${formatType(common)}: elements have one type.`;
}

export function map(e: ExprOf<'map'>, typedOf: TypedOf): Expression {
  const keys = coerceAll(
    e.entries.map((entry) => typedOf(entry.key)),
    otherElement,
  );
  const values = coerceAll(
    e.entries.map((entry) => typedOf(entry.value)),
    otherElement,
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

export function struct(e: ExprOf<'struct'>, typedOf: TypedOf): Expression {
  const seen = new Set<string>();
  const fields = e.fields.map(({ name, value }) => {
    if (seen.has(name))
      throw new SqlError(
        `Two fields of the STRUCT are called ${name}. Rename one.`,
        value.line,
        value.column,
      );
    seen.add(name);
    return { name, value: typedOf(value).expression };
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
