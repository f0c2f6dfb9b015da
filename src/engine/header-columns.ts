import type { Column } from '../data/schema.ts';
import type { SqlValue } from '../data/types.ts';
import type { RecordCursor } from '../record/record-cursor.ts';

/** Columns that are in a record's value; those of its headers come behind them. */
export function withoutHeaders<Item extends Column>(columns: readonly Item[]): readonly Item[] {
  return columns.filter(({ fromHeaders }) => fromHeaders === undefined);
}

/** How a column gets its value from the headers of the record at the cursor: all of them, or the last one of a key. */
export function headerReader({ fromHeaders }: Column): (cursor: RecordCursor) => SqlValue {
  const wanted = fromHeaders?.key;
  if (wanted === undefined) return (cursor) => cursor.headers().map(({ key, value }) => [key, copied(value)]);
  return (cursor) => copied(cursor.headers().findLast(({ key }) => key === wanted)?.value ?? null);
}

/** What is kept of a record must not hold on to its batch. */
function copied(value: Uint8Array | null): Uint8Array | null {
  return value === null ? null : Uint8Array.from(value);
}
