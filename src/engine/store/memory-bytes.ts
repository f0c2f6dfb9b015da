import type { SqlType, SqlValue } from '../../data/types.ts';
import type { StoreKey } from './store-key.ts';

/*
 * What V8 takes on 64 bits without pointer compression, roughly: 8 bytes a field or element, 24 an object, 16 a string or a
 * number that is no small integer. `docs/operations.md` has what was measured.
 */
export const FIELD_BYTES = 8;
export const OBJECT_BYTES = 24;
export const NUMBER_BYTES = 16;
const TEXT_BYTES = 16;
const ARRAY_BYTES = 48;
/** An entry of a Map with its share of buckets and of free room. */
export const MAP_ENTRY_BYTES = 40;

export function bytesOfKey(key: StoreKey): number {
  return typeof key === 'string' ? TEXT_BYTES + key.length : NUMBER_BYTES;
}

/** Beside the field or element that holds it. */
export function bytesOfValue(value: SqlValue | undefined): number {
  if (typeof value === 'string') return TEXT_BYTES + value.length;
  if (typeof value === 'bigint') return NUMBER_BYTES + FIELD_BYTES;
  if (typeof value === 'number') return value === (value | 0) ? 0 : NUMBER_BYTES;
  if (typeof value !== 'object' || value === null) return 0;
  if (value instanceof Uint8Array) return 2 * ARRAY_BYTES + value.length;
  if (value instanceof Map) {
    let bytes = ARRAY_BYTES;
    for (const [key, item] of value) bytes += MAP_ENTRY_BYTES + bytesOfValue(key) + bytesOfValue(item);
    return bytes;
  }
  return bytesOfValues(value as readonly SqlValue[]);
}

export function bytesOfValues(values: readonly SqlValue[]): number {
  let bytes = ARRAY_BYTES + FIELD_BYTES * values.length;
  for (const value of values) bytes += bytesOfValue(value);
  return bytes;
}

/** Whether all values of the type take about the same. */
export function isOfFixedSize({ kind }: SqlType): boolean {
  return !['STRING', 'BYTES', 'ARRAY', 'MAP', 'STRUCT'].includes(kind);
}
