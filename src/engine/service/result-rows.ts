import type { TransientQuery } from '../../sql/planned.ts';
import type { OutputChange } from '../running-query.ts';
import type { ResultRow } from './row-stream.ts';

/** What a reader sees of a change; undefined: nothing. */
export type ToRow = (change: OutputChange) => ResultRow | undefined;

/**
 * Selected columns follow the root's key columns in every row; a deletion keeps only those that are keys. ksqlDB does not
 * show a stream's records without a value, nor its scalable queries those without a key.
 */
export function toRowOf({ columns, plan: { root }, isScalable }: TransientQuery): ToRow {
  const keyLength = root.schema.key.length;
  const isTable = root.relation === 'TABLE';
  const skipsKeyless = isScalable === true && keyLength > 0;
  return (change) => {
    if (skipsKeyless && change.key.every((value) => value === null)) return undefined;
    if (change.row) return { values: change.row.slice(keyLength), tombstone: false };
    if (!isTable) return undefined;
    const values = columns.map(({ keyIndex }) =>
      keyIndex === undefined ? null : (change.key[keyIndex] ?? null),
    );
    return { values, tombstone: true };
  };
}
