import { type PlainValue, toPlain } from '../../data/plain-value.ts';
import type { Column } from '../../data/schema.ts';
import type { ResultRow } from './row-stream.ts';

export type PlainRow = Readonly<Record<string, PlainValue>>;

/** The rows of a result as objects by column name. */
export function toObjects({
  columns,
}: {
  readonly columns: readonly Column[];
}): (row: ResultRow) => PlainRow {
  const fields = columns.map(({ name, type }) => ({ name, plain: toPlain(type) }));
  return ({ values }) =>
    Object.fromEntries(fields.map(({ name, plain }, i) => [name, plain(values[i] ?? null)]));
}
