import { CorruptRecordError } from './corrupt-record-error.ts';
import { saturated } from './int64.ts';

/*
 * Zigzag varints (Protocol Buffers): value n becomes 2n (n >= 0) or -2n - 1 (n < 0), then 7 bits a byte, lowest
 * first, high bit set on all but the last.
 *
 *   300 -> 600 = 0b100_1011000 -> [1|1011000] [0|0000100]
 *
 * varint: 32 bits, at most 5 bytes. varlong: 64 bits, at most 10 bytes.
 */

const SEVEN_BITS = 2 ** 7;
const LONGEST_VARINT = 5;
const LONGEST_VARLONG = 10;

/** Reads varints one after another; `position` is always the next unread byte. Never reads at or beyond `end`. */
export class VarintReader {
  buffer: Uint8Array;
  position: number;
  end: number;

  constructor(buffer: Uint8Array, position = 0, end = buffer.length) {
    this.buffer = buffer;
    this.position = position;
    this.end = end;
  }

  varint(): number {
    const { buffer, end } = this;
    let at = this.position;
    // One byte holds nearly all lengths and deltas.
    if (at < end) {
      const only = buffer[at]!;
      if (only < 0x80) {
        this.position = at + 1;
        return (only >>> 1) ^ -(only & 1);
      }
    }
    let zigzag = 0;
    for (let shift = 0; shift < 7 * LONGEST_VARINT; shift += 7) {
      if (at >= end) throw truncated();
      const byte = buffer[at++]!;
      zigzag |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        // The fifth byte has room for 4 bits only.
        if (shift === 28 && byte > 0x0f) throw tooLong('varint');
        this.position = at;
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
    }
    throw tooLong('varint');
  }

  /** Saturates at +-(2^53 - 1), like all timestamps; {@link bigVarlong} is exact. */
  varlong(): number {
    const { buffer, end } = this;
    const start = this.position;
    let at = start;
    let zigzag = 0;
    let factor = 1;
    while (at - start < 7) {
      if (at >= end) throw truncated();
      const byte = buffer[at++]!;
      zigzag += (byte & 0x7f) * factor;
      factor *= SEVEN_BITS;
      if (byte < 0x80) {
        this.position = at;
        return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      }
    }
    return saturated(Number(this.bigVarlong()));
  }

  bigVarlong(): bigint {
    const { buffer, end } = this;
    let at = this.position;
    let zigzag = 0n;
    for (let index = 0; index < LONGEST_VARLONG; index++) {
      if (at >= end) throw truncated();
      const byte = buffer[at++]!;
      zigzag |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        // The tenth byte has room for 1 bit only.
        if (index === LONGEST_VARLONG - 1 && byte > 0x01) throw tooLong('varlong');
        this.position = at;
        return (zigzag >> 1n) ^ -(zigzag & 1n);
      }
    }
    throw tooLong('varlong');
  }
}

/** Writes an int32 and returns the position after it. The caller has made room. */
export function writeVarint(buffer: Uint8Array, position: number, value: number): number {
  let zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  let at = position;
  while (zigzag >= 0x80) {
    buffer[at++] = (zigzag & 0x7f) | 0x80;
    zigzag >>>= 7;
  }
  buffer[at++] = zigzag;
  return at;
}

/** Writes a safe integer as int64 and returns the position after it. The caller has made room. */
export function writeVarlong(buffer: Uint8Array, position: number, value: number): number {
  if (value >= -(2 ** 31) && value < 2 ** 31) return writeVarint(buffer, position, value);
  if (!Number.isSafeInteger(value)) throw new RangeError(`not a safe integer: ${value}`);
  // 2n may pass 2^53: split off the lowest seven bits before doubling.
  const magnitude = value < 0 ? -value - 1 : value;
  const sign = value < 0 ? 1 : 0;
  let at = position;
  buffer[at++] = ((magnitude % 64) * 2 + sign) | 0x80;
  let rest = Math.floor(magnitude / 64);
  while (rest >= 0x80) {
    buffer[at++] = (rest % SEVEN_BITS) | 0x80;
    rest = Math.floor(rest / SEVEN_BITS);
  }
  buffer[at++] = rest;
  return at;
}

export function varintSize(value: number): number {
  const zigzag = ((value << 1) ^ (value >> 31)) >>> 0;
  if (zigzag < 2 ** 7) return 1;
  if (zigzag < 2 ** 14) return 2;
  if (zigzag < 2 ** 21) return 3;
  return zigzag < 2 ** 28 ? 4 : 5;
}

export function varlongSize(value: number): number {
  if (value >= -(2 ** 31) && value < 2 ** 31) return varintSize(value);
  let rest = Math.floor((value < 0 ? -value - 1 : value) / 64);
  let size = 1;
  while (rest > 0) {
    rest = Math.floor(rest / SEVEN_BITS);
    size++;
  }
  return size;
}

function truncated(): CorruptRecordError {
  return new CorruptRecordError('varint runs past its end');
}

function tooLong(kind: string): CorruptRecordError {
  return new CorruptRecordError(`${kind} has too many bits`);
}
