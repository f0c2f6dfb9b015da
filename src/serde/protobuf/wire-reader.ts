import { Buffer } from 'node:buffer';
import { type Long, normalizeLong } from '../../data/long.ts';
import { SerdeError } from '../format.ts';
import { textCache } from '../text.ts';

const TWO_28 = 2 ** 28;
const TWO_32 = 2 ** 32;
/** Groups that nobody reads may lie in each other; hostile bytes make no deeper stack than this. */
const DEEPEST = 100;

/**
 * Reads values of the Protocol Buffers wire format. It never reads beyond `end`, the end of the message that is being
 * read: whatever would is a SerdeError.
 *
 *   tag    varint: field number * 8 + wire type (0 varint, 1 eight bytes, 2 length and bytes, 3 group, 4 its end, 5 four bytes)
 *   varint seven bits a byte, the lowest first; the highest bit says that more follow
 */
export class WireReader {
  at = 0;
  end = 0;
  #bytes: Buffer = Buffer.alloc(0);

  start(bytes: Buffer, start: number, end: number): void {
    this.#bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** The low 32 bits of a varint, with a sign; negative numbers stand there with 64 bits. */
  int32(): number {
    if (this.at >= this.end) truncated();
    const bytes = this.#bytes;
    const first = bytes[this.at++] as number;
    if (first < 0x80) return first;
    let value = first & 0x7f;
    for (let shift = 7; shift < 70; shift += 7) {
      if (this.at >= this.end) truncated();
      const byte = bytes[this.at++] as number;
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new SerdeError('Protobuf: a varint has more than ten bytes');
  }

  uint32(): number {
    return this.int32() >>> 0;
  }

  sint32(): number {
    const value = this.int32();
    return (value >>> 1) ^ -(value & 1);
  }

  bool(): boolean {
    return this.int64() !== 0;
  }

  int64(): Long {
    const first = this.at < this.end ? (this.#bytes[this.at] as number) : truncated();
    if (first < 0x80) {
      this.at++;
      return first;
    }
    const low = this.#varintPart();
    if (this.#isDone) return low;
    const middle = this.#varintPart();
    const high = this.#isDone ? 0 : this.#varintTop();
    if (high === 0 && middle < 2 ** 25) return low + middle * TWO_28;
    if (high === 0xff && middle > TWO_28 - 2 ** 25) return (middle - TWO_28) * TWO_28 + low;
    return normalizeLong((BigInt(high) << 56n) | (BigInt(middle) << 28n) | BigInt(low));
  }

  sint64(): Long {
    const value = this.int64();
    if (typeof value === 'number' && value >= 0) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    const unsigned = BigInt.asUintN(64, BigInt(value));
    return normalizeLong((unsigned >> 1n) ^ -(unsigned & 1n));
  }

  fixed32(): number {
    return this.sfixed32() >>> 0;
  }

  sfixed32(): number {
    return this.#bytes.readInt32LE(this.#take(4));
  }

  sfixed64(): Long {
    const from = this.#take(8);
    const high = this.#bytes.readInt32LE(from + 4);
    const low = this.#bytes.readUInt32LE(from);
    const value = high * TWO_32 + low;
    return Number.isSafeInteger(value) ? value : normalizeLong((BigInt(high) << 32n) | BigInt(low));
  }

  float(): number {
    return this.#bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  string(): string {
    const length = this.uint32();
    const from = this.#take(length);
    return textCache.decode(this.#bytes, from, from + length);
  }

  /** Where the text began for which `plainText` gave null. */
  textStart = 0;

  /**
   * As `string`, but null for a text of plain ASCII that needs no escapes in JSON: it lies from `textStart` up to `at`,
   * for those who only pass it on.
   */
  plainText(): string | null {
    const length = this.uint32();
    const from = this.#take(length);
    this.textStart = from;
    for (let at = from; at < this.at; at++) {
      const byte = this.#bytes[at] as number;
      if (byte < 0x20 || byte >= 0x80 || byte === 0x22 || byte === 0x5c)
        return textCache.decode(this.#bytes, from, from + length);
    }
    return null;
  }

  /** Memory of their own: what is kept of a record must not keep its whole batch. */
  bytes(): Uint8Array {
    const length = this.uint32();
    const from = this.#take(length);
    return Buffer.from(this.#bytes.subarray(from, from + length));
  }

  /** Goes into a message; give what comes back to `leave`. */
  enter(): number {
    const length = this.uint32();
    const outer = this.end;
    const from = this.#take(length);
    this.at = from;
    this.end = from + length;
    return outer;
  }

  leave(outer: number): void {
    this.at = this.end;
    this.end = outer;
  }

  /** Passes over a field that nobody reads. */
  skip(tag: number, depth = 0): void {
    if (tag >>> 3 === 0) throw new SerdeError('Protobuf: a field has the number 0');
    switch (tag & 7) {
      case 0:
        this.int32();
        return;
      case 1:
        this.#take(8);
        return;
      case 2:
        this.#take(this.uint32());
        return;
      case 3:
        this.#skipGroup(tag, depth);
        return;
      case 5:
        this.#take(4);
        return;
      default:
        throw new SerdeError(`Protobuf: field ${tag >>> 3} has the wire type ${tag & 7}`);
    }
  }

  /** A group has no length: its end is a tag. */
  groupEnds(): never {
    throw new SerdeError('Protobuf: a group does not end');
  }

  #skipGroup(start: number, depth: number): void {
    if (depth >= DEEPEST) throw new SerdeError('Protobuf: groups nested too deeply');
    for (;;) {
      const tag = this.uint32();
      if (tag === start + 1) return;
      this.skip(tag, depth + 1);
    }
  }

  /** The position from which so many bytes are there. */
  #take(length: number): number {
    const from = this.at;
    if (length > this.end - from) truncated();
    this.at = from + length;
    return from;
  }

  #isDone = false;

  /** Four bytes of a varint, 28 bits. */
  #varintPart(): number {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      if (this.at >= this.end) truncated();
      const byte = this.#bytes[this.at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.#isDone = true;
        return value;
      }
    }
    this.#isDone = false;
    return value;
  }

  /** The last two bytes, of which eight bits count. */
  #varintTop(): number {
    let value = 0;
    for (let shift = 0; shift < 14; shift += 7) {
      if (this.at >= this.end) truncated();
      const byte = this.#bytes[this.at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value & 0xff;
    }
    throw new SerdeError('Protobuf: a varint has more than ten bytes');
  }
}

function truncated(): never {
  throw new SerdeError('Protobuf: the bytes end in the middle of a field');
}
