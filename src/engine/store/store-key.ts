import type { Column, Row } from '../../data/schema.ts';
import { ByteWriter } from '../../serde/byte-writer.ts';
import { SerdeError } from '../../serde/format.ts';
import { jsonWriter, type WriteJson } from '../../serde/json-writer.ts';

/** A key as a Map finds it: equal keys are the same value. */
export type StoreKey = string | number | bigint | boolean;

/** Null when a key column is null: such rows have no place in a store. */
export type StoreKeyOf = (row: Row) => StoreKey | null;

/**
 * The single column's own value where Map compares it as SQL does, else a canonical text. BIGINT qualifies because a
 * safe integer is never a bigint (see data/types.ts).
 */
export function storeKeyOf(columns: readonly Column[]): StoreKeyOf {
  if (columns.length === 0) throw new SerdeError('a store needs a key column');
  if (isOneMapKey(columns)) return (row) => row[0] as StoreKey | null;
  const writers = columns.map(({ type }) => jsonWriter(type));
  const out = new ByteWriter();
  return (row) => {
    out.reset();
    for (let index = 0; index < writers.length; index++) {
      const value = row[index];
      if (value === null || value === undefined) return null;
      (writers[index] as WriteJson)(value, out);
      // JSON texts side by side stay apart: none is the beginning of another followed by a comma.
      out.byte(0x2c);
    }
    return out.bytes.toString('latin1', 0, out.length);
  };
}

/** Whether there is one column, whose own value is the store key. */
export function isOneMapKey(columns: readonly Column[]): boolean {
  const [only] = columns;
  return columns.length === 1 && only !== undefined && isMapKey(only);
}

function isMapKey({ type }: Column): boolean {
  return ['STRING', 'INTEGER', 'BIGINT', 'BOOLEAN', 'DECIMAL', 'DATE', 'TIME', 'TIMESTAMP'].includes(
    type.kind,
  );
}
