import type { SqlType, SqlValue } from './types.ts';

/** Both types mean the same; field names count, as in ksqlDB. */
export function sameType(a: SqlType, b: SqlType): boolean {
  if (a === b) return true;
  switch (a.kind) {
    case 'DECIMAL':
      return b.kind === 'DECIMAL' && a.precision === b.precision && a.scale === b.scale;
    case 'ARRAY':
      return b.kind === 'ARRAY' && sameType(a.element, b.element);
    case 'MAP':
      return b.kind === 'MAP' && sameType(a.key, b.key) && sameType(a.value, b.value);
    case 'STRUCT':
      return (
        b.kind === 'STRUCT' &&
        a.fields.length === b.fields.length &&
        a.fields.every(
          (field, i) => field.name === b.fields[i]!.name && sameType(field.type, b.fields[i]!.type),
        )
      );
    default:
      return a.kind === b.kind;
  }
}

/** Equality of two values of one type; null equals null here (SQL's three values are the caller's business). */
export function equalValues(a: SqlValue, b: SqlValue): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof Uint8Array) return b instanceof Uint8Array && compareBytes(a, b) === 0;
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, value] of a as Map<SqlValue, SqlValue>) {
      if (!b.has(key) || !equalValues(value, (b as Map<SqlValue, SqlValue>).get(key) ?? null)) return false;
    }
    return true;
  }
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((item, i) => equalValues(item as SqlValue, b[i] as SqlValue));
}

/** Order of two non-null values of one ordered type: negative, zero, positive. STRING by UTF-16 unit, as Java. */
export function compareValues(a: SqlValue, b: SqlValue): number {
  if (a instanceof Uint8Array) return compareBytes(a, b as Uint8Array);
  return a! < b! ? -1 : a! > b! ? 1 : 0;
}

export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = a[i]! - b[i]!;
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Whether `<` means something for the type. */
export function isOrdered(type: SqlType): boolean {
  switch (type.kind) {
    case 'BOOLEAN':
    case 'ARRAY':
    case 'MAP':
    case 'STRUCT':
      return false;
    default:
      return true;
  }
}

/**
 * A value that can stand for `value` as a Map or Set key: equal values of one type give identical keys. Scalars
 * stand for themselves; the rest becomes text.
 */
export function identityOf(value: SqlValue): null | boolean | number | bigint | string {
  if (value === null || typeof value !== 'object') return value;
  if (value instanceof Uint8Array) return `b${Array.from(value).join(',')}`;
  return structuredText(value);
}

function structuredText(value: SqlValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null || typeof value !== 'object')
    return `${typeof value === 'bigint' ? 'n' : ''}${String(value)}`;
  if (value instanceof Uint8Array) return `b${Array.from(value).join(',')};`;
  if (value instanceof Map) {
    const entries = Array.from(
      value as Map<SqlValue, SqlValue>,
      ([k, v]) => `${structuredText(k)}:${structuredText(v)}`,
    );
    return `{${entries.sort().join(';')}}`;
  }
  return `[${(value as readonly SqlValue[]).map(structuredText).join(';')}]`;
}
