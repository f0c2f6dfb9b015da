import type { SqlType } from '../data/types.ts';

/**
 * A resolved, typed expression over one row, as kept in plans: plain JSON, columns by position, every implicit cast
 * made explicit. Operators and functions are both calls, resolved against `functions/`.
 */
export type Expression = LiteralExpression | ColumnExpression | CallExpression;

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
