import { fromPlain, type PlainValue } from '../../data/plain-value.ts';
import type { Column } from '../../data/schema.ts';
import type { SqlValue } from '../../data/types.ts';

/** By column name, upper-cased as in SQL unless a column has it exactly so; columns that are not named are NULL. */
export type TestRow = Readonly<Record<string, PlainValue | undefined>>;

/** Throws a TypeError that names the column whose value does not fit, or a name that is no column. */
export function sqlRow(given: TestRow, columns: readonly Column[], source: string): SqlValue[] {
  const row = new Array<SqlValue>(columns.length).fill(null);
  for (const [name, value] of Object.entries(given)) {
    const exact = columns.findIndex((column) => column.name === name);
    const at = exact >= 0 ? exact : columns.findIndex((column) => column.name === name.toUpperCase());
    const column = columns[at];
    if (!column)
      throw new TypeError(`${source} has no ${name}, only ${columns.map((known) => known.name).join(', ')}`);
    try {
      row[at] = fromPlain(column.type)(value);
    } catch (error) {
      throw new TypeError(`${source}.${column.name}: ${(error as Error).message}`, { cause: error });
    }
  }
  return row;
}
