import type { SqlType } from '../data/types.ts';

/**
 * A resolved, typed expression over one row, as kept in plans: plain JSON, columns by position, every implicit cast
 * made explicit. Operators and functions are both calls, resolved against `functions/`.
 */
export type Expression =
  | LiteralExpression
  | ColumnExpression
  | CallExpression
  | LambdaExpression
  | ParameterExpression;

export interface LiteralExpression {
  readonly kind: 'literal';
  readonly type: SqlType;
  /** BIGINT beyond 2^53, DECIMAL and BYTES as text. */
  readonly value: null | boolean | number | string;
}

export interface ColumnExpression {
  readonly kind: 'column';
  readonly index: number;
  readonly name: string;
  readonly type: SqlType;
}

export interface CallExpression {
  readonly kind: 'call';
  readonly function: string;
  readonly args: readonly Expression[];
  readonly type: SqlType;
}

/** An argument that is a function: `(k, v) => body`. */
export interface LambdaExpression {
  readonly kind: 'lambda';
  readonly parameters: readonly { readonly name: string; readonly type: SqlType }[];
  readonly body: Expression;
  /** Of its result. */
  readonly type: SqlType;
}

/** A parameter of the lambda around it that is `depth` lambdas below the outermost. */
export interface ParameterExpression {
  readonly kind: 'parameter';
  readonly depth: number;
  readonly index: number;
  readonly name: string;
  readonly type: SqlType;
}

/** Whether any part of the expression, lambdas included, is a column for which `matches` holds. */
export function readsColumn(e: Expression, matches: (index: number) => boolean): boolean {
  switch (e.kind) {
    case 'column':
      return matches(e.index);
    case 'call':
      return e.args.some((arg) => readsColumn(arg, matches));
    case 'lambda':
      return readsColumn(e.body, matches);
    default:
      return false;
  }
}
