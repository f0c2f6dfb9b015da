import type { Buffer } from 'node:buffer';
import { textCache } from './text.ts';

/*
 * Readers of single JSON values in a record's bytes. Each takes the position of the value's first byte and returns the
 * position after it, or -1 to give up: whatever is unusual (escapes, invalid JSON, numbers of many digits, other types)
 * is left to JSON.parse, so these accept only JSON that they read as JSON.parse would. Results are in `scanned`.
 *
 * Bytes at and after `end` belong to other records. Strings stop there; other readers may run over it, which the caller
 * notices because the position after the outermost value is then not `end`.
 */

export const scanned = {
  text: null as string | null,
  number: null as number | null,
  boolean: null as boolean | null,
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const DEEPEST = 64;
const LONGEST_HASHED = 32;
const POWERS_OF_TEN = Array.from({ length: 16 }, (_, exponent) => 10 ** exponent);

export function scanString(bytes: Buffer, start: number, end: number): number {
  if (bytes[start] !== QUOTE) {
    scanned.text = null;
    return scanNull(bytes, start);
  }
  const from = start + 1;
  let at = from;
  let hash = 0x811c9dc5;
  let nonAscii = 0;
  for (; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) break;
    if (byte === BACKSLASH || byte < 0x20) return -1;
    nonAscii |= byte;
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  if (at >= end) return -1;
  if (nonAscii >= 0x80) scanned.text = bytes.toString('utf8', from, at);
  else if (at - from > LONGEST_HASHED) scanned.text = bytes.toString('latin1', from, at);
  else scanned.text = textCache.ascii(bytes, from, at, hash);
  return at + 1;
}

/** Whole numbers of at most 15 digits, which every double holds. */
export function scanInteger(bytes: Buffer, start: number): number {
  const negative = bytes[start] === MINUS;
  const from = negative ? start + 1 : start;
  let byte = bytes[from] as number;
  if (!(byte >= ZERO && byte <= NINE)) {
    scanned.number = null;
    return negative ? -1 : scanNull(bytes, start);
  }
  let value = 0;
  let at = from;
  for (; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) value = value * 10 + (byte - ZERO);
  if (at - from > 15 || continuesNumber(byte) || (bytes[from] === ZERO && at - from > 1)) return -1;
  scanned.number = negative ? 0 - value : value;
  return at;
}

export function scanDouble(bytes: Buffer, start: number): number {
  const negative = bytes[start] === MINUS;
  const from = negative ? start + 1 : start;
  let byte = bytes[from] as number;
  if (!(byte >= ZERO && byte <= NINE)) {
    scanned.number = null;
    return negative ? -1 : scanNull(bytes, start);
  }
  let value = 0;
  let at = from;
  for (; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) value = value * 10 + (byte - ZERO);
  let digits = at - from;
  if (bytes[from] === ZERO && digits > 1) return -1;
  let fraction = 0;
  if (byte === POINT) {
    const point = at;
    byte = bytes[++at] as number;
    for (; byte >= ZERO && byte <= NINE; byte = bytes[++at] as number) value = value * 10 + (byte - ZERO);
    fraction = at - point - 1;
    if (fraction === 0) return -1;
    digits += fraction;
  }
  if (continuesNumber(byte)) return -1;
  // Clinger: up to 15 digits both operands are exact, so the one division rounds correctly.
  if (digits <= 15) value /= POWERS_OF_TEN[fraction] as number;
  else value = Number(bytes.toString('latin1', from, at));
  scanned.number = negative ? -value : value;
  return at;
}

export function scanBoolean(bytes: Buffer, start: number): number {
  scanned.boolean = null;
  if (bytes[start] === 0x6e) return scanNull(bytes, start);
  scanned.boolean = bytes[start] === 0x74;
  return scanLiteral(bytes, start);
}

function scanNull(bytes: Buffer, start: number): number {
  return bytes[start] === 0x6e ? scanLiteral(bytes, start) : -1;
}

function scanLiteral(bytes: Buffer, at: number): number {
  switch (bytes[at]) {
    case 0x6e:
      return bytes[at + 1] === 0x75 && bytes[at + 2] === 0x6c && bytes[at + 3] === 0x6c ? at + 4 : -1;
    case 0x74:
      return bytes[at + 1] === 0x72 && bytes[at + 2] === 0x75 && bytes[at + 3] === 0x65 ? at + 4 : -1;
    case 0x66:
      return bytes[at + 1] === 0x61 &&
        bytes[at + 2] === 0x6c &&
        bytes[at + 3] === 0x73 &&
        bytes[at + 4] === 0x65
        ? at + 5
        : -1;
    default:
      return -1;
  }
}

function continuesNumber(byte: number): boolean {
  return byte === POINT || byte === 0x65 || byte === 0x45;
}

export function skipSpace(bytes: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const byte = bytes[at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at;
    at++;
  }
}

/** The position of the closing quote of a name that begins at `from`; plain ASCII only. */
export function scanName(bytes: Buffer, from: number, end: number): number {
  for (let at = from; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH || byte < 0x20 || byte >= 0x80) return -1;
  }
  return -1;
}

/** Passes over a value that nobody reads. */
export function skipValue(bytes: Buffer, start: number, end: number, depth = 0): number {
  switch (bytes[start]) {
    case QUOTE:
      return skipString(bytes, start, end);
    case 0x7b:
    case 0x5b:
      return depth >= DEEPEST ? -1 : skipMembers(bytes, start, end, depth);
    case 0x6e:
    case 0x74:
    case 0x66:
      return scanLiteral(bytes, start);
    default:
      return scanDouble(bytes, start);
  }
}

function skipString(bytes: Buffer, start: number, end: number): number {
  for (let at = start + 1; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) return at + 1;
    if (byte === BACKSLASH || byte < 0x20) return -1;
  }
  return -1;
}

function skipMembers(bytes: Buffer, start: number, end: number, depth: number): number {
  const isObject = bytes[start] === 0x7b;
  const close = isObject ? 0x7d : 0x5d;
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === close) return at + 1;
  for (;;) {
    if (isObject) {
      if (bytes[at] !== QUOTE) return -1;
      at = skipString(bytes, at, end);
      if (at < 0) return -1;
      at = skipSpace(bytes, at);
      if (bytes[at] !== 0x3a) return -1;
      at = skipSpace(bytes, at + 1);
    }
    at = skipValue(bytes, at, end, depth + 1);
    if (at < 0 || at > end) return -1;
    at = skipSpace(bytes, at);
    if (bytes[at] === close) return at + 1;
    if (bytes[at] !== 0x2c) return -1;
    at = skipSpace(bytes, at + 1);
  }
}
