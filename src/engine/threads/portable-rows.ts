import type { SqlType, SqlValue } from '../../data/types.ts';

/**
 * Prepares the rows of some types for another thread. A BYTES value is often a view of a large buffer, all of which a
 * structured clone would copy.
 */
export function portableRow(
  types: readonly SqlType[],
): (<Row extends readonly SqlValue[]>(row: Row) => Row) | undefined {
  if (!types.some(holdsBytes)) return undefined;
  return <Row extends readonly SqlValue[]>(row: Row) => row.map(portable) as unknown as Row;
}

function holdsBytes(type: SqlType): boolean {
  switch (type.kind) {
    case 'BYTES':
      return true;
    case 'ARRAY':
      return holdsBytes(type.element);
    case 'MAP':
      return holdsBytes(type.key) || holdsBytes(type.value);
    case 'STRUCT':
      return type.fields.some((field) => holdsBytes(field.type));
    default:
      return false;
  }
}

function portable(value: SqlValue): SqlValue {
  if (value instanceof Uint8Array) return new Uint8Array(value);
  if (Array.isArray(value)) return value.map(portable);
  if (value instanceof Map)
    return new Map(Array.from(value, ([key, item]) => [portable(key), portable(item)]));
  return value;
}
