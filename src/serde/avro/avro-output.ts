import { Buffer } from 'node:buffer';
import type { Long } from '../../data/long.ts';
import type { ByteWriter } from '../byte-writer.ts';

// Avro's primitives, appended to a ByteWriter (layout: see avro-cursor.ts). Compiled writers call these.

/** Of a length that takes one byte. */
const SHORT = 64;

const scratch = Buffer.allocUnsafe(8);

/** Any whole number of at most 53 bits; a zigzag of int is the same as one of long. */
export function writeInt(value: number, out: ByteWriter): void {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  while (rest >= 0x80) {
    out.byte((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  out.byte(rest);
}

const MOST_EXACT = 2 ** 52;

export function writeLong(value: Long, out: ByteWriter): void {
  if (typeof value === 'number' && value < MOST_EXACT && value >= -MOST_EXACT) {
    writeInt(value, out);
    return;
  }
  const long = BigInt(value);
  let rest = BigInt.asUintN(64, (long << 1n) ^ (long >> 63n));
  while (rest >= 0x80n) {
    out.byte(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.byte(Number(rest));
}

export function writeFloat(value: number, out: ByteWriter): void {
  scratch.writeFloatLE(value);
  for (let at = 0; at < 4; at++) out.byte(scratch[at] as number);
}

export function writeDouble(value: number, out: ByteWriter): void {
  scratch.writeDoubleLE(value);
  out.raw(scratch);
}

export function writeText(text: string, out: ByteWriter): void {
  if (text.length < SHORT) {
    // Its bytes are mostly as many as its characters: the length is put in when they are there.
    const start = out.length;
    out.byte(0);
    out.text(text);
    const length = out.length - start - 1;
    if (length < SHORT) {
      out.bytes[start] = length * 2;
      return;
    }
    out.length = start;
  }
  writeInt(Buffer.byteLength(text), out);
  out.text(text);
}

/** A text that stands in another record, as ASCII. */
export function writeSlice(source: Uint8Array, from: number, to: number, out: ByteWriter): void {
  writeInt(to - from, out);
  out.slice(source, from, to);
}

export function writeBytes(bytes: Uint8Array, out: ByteWriter): void {
  writeInt(bytes.length, out);
  out.raw(bytes);
}
