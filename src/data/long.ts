/**
 * BIGINT arithmetic: exact 64-bit, wrapping as Java's long does. A value is a number while it is a safe integer
 * and a bigint beyond, never the other way round, so `===` and Map keys work on it.
 */
export type Long = number | bigint;

export function normalizeLong(value: bigint): Long {
  const wrapped = BigInt.asIntN(64, value);
  return wrapped >= MIN_SAFE && wrapped <= MAX_SAFE ? Number(wrapped) : wrapped;
}

const MIN_SAFE = BigInt(Number.MIN_SAFE_INTEGER);
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const MIN_LONG = -(2n ** 63n);
const MAX_LONG = 2n ** 63n - 1n;

export function addLong(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const sum = a + b;
    if (Number.isSafeInteger(sum)) return sum;
  }
  return normalizeLong(BigInt(a) + BigInt(b));
}

export function subtractLong(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const difference = a - b;
    if (Number.isSafeInteger(difference)) return difference;
  }
  return normalizeLong(BigInt(a) - BigInt(b));
}

export function multiplyLong(a: Long, b: Long): Long {
  if (typeof a === 'number' && typeof b === 'number') {
    const product = a * b;
    // Adding 0 turns -0 into 0: a BIGINT has no negative zero.
    if (Number.isSafeInteger(product)) return product + 0;
  }
  return normalizeLong(BigInt(a) * BigInt(b));
}

export function divideLong(a: Long, b: Long): Long {
  if (b === 0) throw new RangeError('division by zero');
  if (typeof a === 'number' && typeof b === 'number') return Math.trunc(a / b) + 0;
  return normalizeLong(BigInt(a) / BigInt(b));
}

export function remainderLong(a: Long, b: Long): Long {
  if (b === 0) throw new RangeError('division by zero');
  if (typeof a === 'number' && typeof b === 'number') return (a % b) + 0;
  return normalizeLong(BigInt(a) % BigInt(b));
}

export function negateLong(a: Long): Long {
  return typeof a === 'number' ? 0 - a : normalizeLong(-a);
}

/** Java's (int) of a long: the low 32 bits. */
export function longToInteger(a: Long): number {
  return typeof a === 'bigint' ? Number(BigInt.asIntN(32, a)) : a | 0;
}

/** Java's (long) of a double: truncated, held within the range, NaN is 0. */
export function doubleToLong(a: number): Long {
  if (Number.isNaN(a)) return 0;
  if (Math.abs(a) <= Number.MAX_SAFE_INTEGER) return Math.trunc(a) + 0;
  if (a >= 2 ** 63) return MAX_LONG;
  if (a <= -(2 ** 63)) return MIN_LONG;
  return normalizeLong(BigInt(Math.trunc(a)));
}

/** Java's (int) of a double. */
export function doubleToInteger(a: number): number {
  if (Number.isNaN(a)) return 0;
  return Math.max(-(2 ** 31), Math.min(2 ** 31 - 1, Math.trunc(a))) + 0;
}

/** As Java's Long.parseLong: sign and digits only. Throws RangeError. */
export function parseLong(text: string): Long {
  if (!/^[+-]?\d+$/.test(text)) throw new RangeError(`'${text}' is not a whole number`);
  const value = BigInt(text.startsWith('+') ? text.slice(1) : text);
  if (value < MIN_LONG || value > MAX_LONG) throw new RangeError(`'${text}' is beyond BIGINT`);
  return normalizeLong(value);
}

/** As Java's Integer.parseInt. Throws RangeError. */
export function parseInteger(text: string): number {
  const value = parseLong(text);
  if (typeof value === 'bigint' || value !== (value | 0)) throw new RangeError(`'${text}' is beyond INTEGER`);
  return value;
}
