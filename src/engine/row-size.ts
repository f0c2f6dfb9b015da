import type { SqlValue } from '../data/types.ts';

const VALUE_BYTES = 16;

/** About what a row costs in memory; a budget needs no better. */
export function approximateRowBytes(values: readonly SqlValue[]): number {
  let bytes = VALUE_BYTES * (values.length + 2);
  for (const value of values) {
    if (typeof value === 'string') bytes += value.length;
    else if (value instanceof Uint8Array) bytes += value.length;
    else if (value instanceof Map)
      for (const entry of value as Map<SqlValue, SqlValue>) bytes += approximateRowBytes(entry);
    else if (Array.isArray(value)) bytes += approximateRowBytes(value);
  }
  return bytes;
}
