/** What string functions do to BYTES: the same rules, one byte for one character. */

/** 1-based; negative counts from the end; beyond either end is empty. */
export function substringOf(
  bytes: Uint8Array,
  position: number,
  length = Number.POSITIVE_INFINITY,
): Uint8Array {
  const start = position > 0 ? position - 1 : position === 0 ? 0 : Math.max(bytes.length + position, 0);
  return bytes.slice(start, Math.max(start, start + length));
}

/** Null for a target that cannot be: no padding to grow with, or a negative length. */
export function padTo(
  bytes: Uint8Array,
  length: number,
  padding: Uint8Array,
  side: 'left' | 'right',
): Uint8Array | null {
  if (length < 0 || padding.length === 0) return null;
  const missing = length - bytes.length;
  if (missing <= 0) return bytes.slice(0, length);
  const filling = Buffer.alloc(missing, padding);
  return Buffer.concat(side === 'left' ? [filling, bytes] : [bytes, filling]);
}

/** The parts between delimiters; an empty delimiter gives the single bytes, and nothing stays one empty part. */
export function splitAt(bytes: Uint8Array, delimiter: Uint8Array): Uint8Array[] {
  const whole = Buffer.from(bytes);
  if (delimiter.length === 0)
    return whole.length === 0 ? [whole] : Array.from(whole, (byte) => Buffer.of(byte));
  const parts: Uint8Array[] = [];
  let start = 0;
  for (let at = whole.indexOf(delimiter); at >= 0; at = whole.indexOf(delimiter, start)) {
    parts.push(whole.subarray(start, at));
    start = at + delimiter.length;
  }
  parts.push(whole.subarray(start));
  return parts;
}

/** CONCAT_WS of bytes. */
export function joined(separator: Uint8Array | null, ...parts: (Uint8Array | null)[]): Uint8Array | null {
  if (separator === null) return null;
  const present = parts.filter((part) => part !== null);
  return Buffer.concat(present.flatMap((part, i) => (i === 0 ? [part] : [separator, part])));
}
