/** A SQL type. Plain data: plans that hold types are JSON. */
export type SqlType =
  | {
      readonly kind:
        | 'BOOLEAN'
        | 'INTEGER'
        | 'BIGINT'
        | 'DOUBLE'
        | 'STRING'
        | 'BYTES'
        | 'TIME'
        | 'DATE'
        | 'TIMESTAMP';
    }
  | { readonly kind: 'DECIMAL'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'ARRAY'; readonly element: SqlType }
  | { readonly kind: 'MAP'; readonly key: SqlType; readonly value: SqlType }
  | { readonly kind: 'STRUCT'; readonly fields: readonly StructField[] };

export interface StructField {
  readonly name: string;
  readonly type: SqlType;
}

/**
 * A SQL value in memory:
 *
 *   BOOLEAN boolean          STRING string           ARRAY  SqlValue[]
 *   INTEGER number           BYTES  Uint8Array       MAP    Map<SqlValue, SqlValue>, insertion order
 *   BIGINT  number while     DATE   days (number)    STRUCT SqlValue[] in the order of the type's fields
 *           safe, else       TIME   ms of the day    NULL   null
 *           bigint           TIMESTAMP ms
 *   DOUBLE  number           DECIMAL unscaled bigint; the scale is the type's
 */
export type SqlValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly SqlValue[]
  | ReadonlyMap<SqlValue, SqlValue>;
