import { Buffer } from 'node:buffer';
import type { Long } from '../../data/long.ts';
import type { ByteWriter } from '../byte-writer.ts';

/* Appends values of the Protocol Buffers wire format (see wire-reader.ts) to a ByteWriter. */

const TWO_28 = 2 ** 28;
const TWO_32 = 2 ** 32;
const scratch = Buffer.alloc(8);

/** 32 bits without a sign. */
export function writeUint32(value: number, out: ByteWriter): void {
  let rest = value;
  while (rest > 0x7f) {
    out.byte((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  out.byte(rest);
}

/** Negative numbers take ten bytes, as in 64 bits. */
export function writeInt32(value: number, out: ByteWriter): void {
  if (value >= 0) writeUint32(value, out);
  else writeInt64(value, out);
}

export function writeSint32(value: number, out: ByteWriter): void {
  writeUint32(((value << 1) ^ (value >> 31)) >>> 0, out);
}

export function writeInt64(value: Long, out: ByteWriter): void {
  if (typeof value === 'number' && value >= 0) {
    let rest = value;
    while (rest >= TWO_28) {
      out.byte((rest % 0x80) | 0x80);
      rest = Math.floor(rest / 0x80);
    }
    writeUint32(rest, out);
    return;
  }
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    out.byte(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  out.byte(Number(rest));
}

export function writeSint64(value: Long, out: ByteWriter): void {
  const signed = BigInt(value);
  writeInt64(BigInt.asUintN(64, (signed << 1n) ^ (signed >> 63n)), out);
}

export function writeFixed32(value: number, out: ByteWriter): void {
  for (let shift = 0; shift < 32; shift += 8) out.byte((value >>> shift) & 0xff);
}

export function writeFixed64(value: Long, out: ByteWriter): void {
  if (typeof value === 'number') {
    const high = Math.floor(value / TWO_32);
    writeFixed32(value - high * TWO_32, out);
    writeFixed32(high, out);
    return;
  }
  scratch.writeBigInt64LE(value);
  out.raw(scratch);
}

export function writeFloat(value: number, out: ByteWriter): void {
  scratch.writeFloatLE(value);
  out.raw(scratch.subarray(0, 4));
}

export function writeDouble(value: number, out: ByteWriter): void {
  scratch.writeDoubleLE(value);
  out.raw(scratch);
}

export function writeBool(value: boolean, out: ByteWriter): void {
  out.byte(value ? 1 : 0);
}

export function writeString(value: string, out: ByteWriter): void {
  const start = beginLength(out);
  out.text(value);
  endLength(start, out);
}

export function writeBytes(value: Uint8Array, out: ByteWriter): void {
  writeUint32(value.length, out);
  out.raw(value);
}

/** Room for the length of what follows: one byte, which most lengths take. Give what comes back to `endLength`. */
export function beginLength(out: ByteWriter): number {
  out.byte(0);
  return out.length;
}

/** Writes the length of all that was appended since `beginLength`, and moves it when the length takes more than a byte. */
export function endLength(start: number, out: ByteWriter): void {
  const length = out.length - start;
  if (length < 0x80) {
    out.bytes[start - 1] = length;
    return;
  }
  const end = out.length;
  writeUint32(length, out);
  const prefix = Buffer.from(out.bytes.subarray(end, out.length));
  out.bytes.copyWithin(start - 1 + prefix.length, start, end);
  out.bytes.set(prefix, start - 1);
  out.length = start - 1 + prefix.length + length;
}
