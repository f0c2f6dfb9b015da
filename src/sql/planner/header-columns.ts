import { sameType } from '../../data/compare.ts';
import type { Column } from '../../data/schema.ts';
import { formatType } from '../../data/type-text.ts';
import type { SqlType } from '../../data/types.ts';
import type { ColumnDefinition } from '../ast.ts';
import { SqlError } from '../sql-error.ts';

const BYTES: SqlType = { kind: 'BYTES' };
const ALL_HEADERS: SqlType = {
  kind: 'ARRAY',
  element: {
    kind: 'STRUCT',
    fields: [
      { name: 'KEY', type: { kind: 'STRING' } },
      { name: 'VALUE', type: BYTES },
    ],
  },
};

export function isHeader({ role }: ColumnDefinition): boolean {
  return role === 'HEADERS' || role === 'HEADER';
}

/** `h ... HEADERS` or `h ... HEADER('key')`; a source has one of the first kind, or several keys of the second. */
export function headerColumn(
  { headerKey, line, column }: ColumnDefinition,
  resolved: Column,
  earlier: readonly Column[],
): Column {
  const what = headerKey === undefined ? 'HEADERS' : `HEADER('${headerKey}')`;
  const wanted = headerKey === undefined ? ALL_HEADERS : BYTES;
  if (!sameType(resolved.type, wanted)) {
    throw new SqlError(
      `A column of ${what} is ${formatType(wanted)}, not ${formatType(resolved.type)}.`,
      line,
      column,
    );
  }
  if (earlier.some(({ fromHeaders }) => fromHeaders?.key === headerKey)) {
    throw new SqlError(
      headerKey === undefined
        ? 'There is a HEADERS column already, and it has all headers.'
        : `There is a column of HEADER('${headerKey}') already.`,
      line,
      column,
    );
  }
  if (earlier.length > 0 && [headerKey, earlier[0]?.fromHeaders?.key].includes(undefined)) {
    throw new SqlError('Take all headers as HEADERS, or some by HEADER(key), not both.', line, column);
  }
  return { ...resolved, fromHeaders: headerKey === undefined ? {} : { key: headerKey } };
}
