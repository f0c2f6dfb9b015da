import type { Buffer } from 'node:buffer';

const TWO_POW_32 = 0x1_0000_0000;

/**
 * List elements of one message, of all its lists together. An element may take a byte on the wire and a hundred in
 * memory, so 100 MiB of empty names would be the end of the process; honest messages stay far below.
 */
const MAX_ELEMENTS = 1_000_000;

/**
 * Reads the primitives of Kafka's protocol (big-endian). The reader is sticky: a read past the end, or a length
 * no honest message can have, fails it; from then on every read gives zero or empty and nothing is allocated,
 * so decoders need one check at their end.
 */
export class Reader {
  readonly #buffer: Buffer;
  readonly #end: number;
  position: number;
  failed = false;
  #elementsLeft = MAX_ELEMENTS;

  constructor(buffer: Buffer, position = 0) {
    this.#buffer = buffer;
    this.#end = buffer.length;
    this.position = position;
  }

  /** The position before the next `count` bytes, or -1 when they are not there. */
  #take(count: number): number {
    const start = this.position;
    if (count < 0 || count > this.#end - start) {
      this.fail();
      return -1;
    }
    this.position = start + count;
    return start;
  }

  fail(): void {
    this.failed = true;
    this.position = this.#end;
  }

  bool(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    const start = this.#take(1);
    return start < 0 ? 0 : this.#buffer.readInt8(start);
  }

  int16(): number {
    const start = this.#take(2);
    return start < 0 ? 0 : this.#buffer.readInt16BE(start);
  }

  uint16(): number {
    return this.int16() & 0xffff;
  }

  int32(): number {
    const start = this.#take(4);
    return start < 0 ? 0 : this.#buffer.readInt32BE(start);
  }

  /**
   * Exact within +-(2^53 - 1); beyond, the nearest of these two. No log reaches such an offset and no clock such
   * a time, and clients do send Long.MAX to mean "later than everything", which the limit still means.
   */
  int64(): number {
    const start = this.#take(8);
    if (start < 0) return 0;
    const value = this.#buffer.readInt32BE(start) * TWO_POW_32 + this.#buffer.readUInt32BE(start + 4);
    return Math.max(Math.min(value, Number.MAX_SAFE_INTEGER), Number.MIN_SAFE_INTEGER);
  }

  float64(): number {
    const start = this.#take(8);
    return start < 0 ? 0 : this.#buffer.readDoubleBE(start);
  }

  /** As 32 hex digits. */
  uuid(): string {
    const start = this.#take(16);
    return start < 0 ? '' : this.#buffer.toString('hex', start, start + 16);
  }

  /** Up to 5 bytes of 7 bits, lowest first; more than 31 bits is no length. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.int8();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte >= 0) {
        if (value > 0x7fff_ffff) break;
        return value;
      }
    }
    this.fail();
    return 0;
  }

  /** Length forms; -1 is null. */
  length16(): number {
    return this.#length(this.int16());
  }

  length32(): number {
    return this.#length(this.int32());
  }

  compactLength(): number {
    return this.uvarint() - 1;
  }

  #length(length: number): number {
    if (length < -1) this.fail();
    return this.failed ? 0 : length;
  }

  text(length: number): string {
    const start = this.#take(length);
    return start < 0 ? '' : this.#buffer.toString('utf8', start, start + length);
  }

  nullableText(length: number): string | null {
    return length === -1 && !this.failed ? null : this.text(length);
  }

  /** A view, not a copy: it lives as long as the frame does. */
  bytes(length: number): Buffer {
    const start = this.#take(length);
    return start < 0 ? this.#buffer.subarray(0, 0) : this.#buffer.subarray(start, start + length);
  }

  nullableBytes(length: number): Buffer | null {
    return length === -1 && !this.failed ? null : this.bytes(length);
  }

  /** The number of elements, when that many of at least `elementBytes` each can still follow and be held. */
  count(length: number, elementBytes: number): number {
    this.#elementsLeft -= length;
    if (length < 0 || this.#elementsLeft < 0 || length * elementBytes > this.#end - this.position)
      this.fail();
    return this.failed ? 0 : length;
  }

  /** The mark of a nullable struct: negative is null. */
  isPresent(): boolean {
    return this.int8() >= 0 && !this.failed;
  }

  /** A tagged field must use exactly the bytes it announced. */
  endTagged(end: number): void {
    if (this.position !== end) this.fail();
  }

  skip(count: number): void {
    this.#take(count);
  }
}
