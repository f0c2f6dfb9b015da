import type { EncodedHeaders } from '../../record/batch-builder.ts';
import type { ColumnCode } from '../../sql/compile/generator.ts';
import type { Fragment } from './fragment.ts';

/**
 * The code of a stream's step and of everything below it. Where it stands, `c` is the cursor at the record, and
 * `timestampMs`, `partition` and `offset` are the row's.
 */
export interface RowCode {
  /** What happens to a row with these columns. */
  row(columns: readonly ColumnCode[], fragment: Fragment): string;
  /** What happens to a record without a value, of which there is the key. */
  nullRow(key: readonly ColumnCode[], fragment: Fragment): string;
}

/** What `c` is for whoever takes rows on: the record that causes what they make of them. */
export interface RecordHeaders {
  readonly headersCount: number;
  encodedHeaders(): EncodedHeaders | undefined;
}

/** Headers of the record at the cursor `c`, to be copied into what it causes. */
export const HEADERS = '(c.headersCount === 0 ? undefined : c.encodedHeaders())';
