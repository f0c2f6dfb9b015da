import type { SqlType, SqlValue } from './types.ts';

export interface Column {
  readonly name: string;
  readonly type: SqlType;
  /** Of a source: filled from the record's headers, from all of them or from the one of a key. Behind the other columns. */
  readonly fromHeaders?: { readonly key?: string };
}

/** Columns of a stream or table, or of a step between operators. */
export interface Schema {
  readonly key: readonly Column[];
  readonly value: readonly Column[];
}

/**
 * One row of a schema: key columns first, then value columns, by position. A source row may carry pseudo
 * columns (ROWTIME ...) after them; the plan's source step says which.
 */
export type Row = readonly SqlValue[];
