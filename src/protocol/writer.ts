import { Buffer } from 'node:buffer';
import type { ByteRun } from '../base/buffers.ts';

const TWO_POW_32 = 0x1_0000_0000;
/** Below this a copy is cheaper than one more buffer for the socket to gather. */
const GATHER_BYTES = 1024;

/**
 * Writes the primitives of Kafka's protocol (big-endian) into a list of buffers. Record bytes are put into the
 * list as they are, not copied:
 *
 *     [length, header, fields ...] [records of partition 0] [fields ...] [records of partition 1] [fields ...]
 */
export class Writer {
  #buffer: Buffer;
  /** `#buffer` from here to `#position` is not yet in `#parts`. */
  #start = 0;
  #position = 0;
  readonly #parts: Buffer[] = [];
  #partsBytes = 0;

  constructor(sizeHintBytes = 256) {
    this.#buffer = Buffer.allocUnsafe(sizeHintBytes);
  }

  get byteLength(): number {
    return this.#partsBytes + this.#position - this.#start;
  }

  /** Ends the writing: everything as a list of buffers. */
  finish(): Buffer[] {
    this.#flush();
    return this.#parts;
  }

  /** Ends the writing, with the length of all that follows it put into the first four bytes. */
  finishFrame(): Buffer[] {
    const parts = this.finish();
    parts[0]?.writeInt32BE(this.#partsBytes - 4, 0);
    return parts;
  }

  #flush(): void {
    if (this.#position === this.#start) return;
    this.#parts.push(this.#buffer.subarray(this.#start, this.#position));
    this.#partsBytes += this.#position - this.#start;
    this.#start = this.#position;
  }

  /** Makes room and returns where to write. */
  #grow(count: number): number {
    const at = this.#position;
    if (at + count > this.#buffer.length) return this.#reallocate(count);
    this.#position = at + count;
    return at;
  }

  #reallocate(count: number): number {
    const pending = this.#position - this.#start;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#buffer.length, pending + count));
    this.#buffer.copy(larger, 0, this.#start, this.#position);
    this.#buffer = larger;
    this.#start = 0;
    this.#position = pending + count;
    return pending;
  }

  bool(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  int8(value: number): void {
    const at = this.#grow(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#grow(2);
    this.#buffer.writeInt16BE(value, at);
  }

  uint16(value: number): void {
    const at = this.#grow(2);
    this.#buffer.writeUInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#grow(4);
    this.#buffer.writeInt32BE(value, at);
  }

  int64(value: number): void {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not exact as an int64`);
    const at = this.#grow(8);
    this.#buffer.writeInt32BE(Math.floor(value / TWO_POW_32), at);
    this.#buffer.writeUInt32BE(value >>> 0, at + 4);
  }

  float64(value: number): void {
    const at = this.#grow(8);
    this.#buffer.writeDoubleBE(value, at);
  }

  uuid(value: string): void {
    const at = this.#grow(16);
    if (value.length !== 32 || this.#buffer.write(value, at, 'hex') !== 16)
      throw new RangeError(`"${value}" is not a uuid of 32 hex digits`);
  }

  uvarint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.int8((rest & 0x7f) - 0x80);
      rest >>>= 7;
    }
    this.int8(rest);
  }

  /** Length forms; -1 is null. */
  length16(length: number): void {
    if (length > 0x7fff) throw new RangeError(`a string of ${length} bytes is too long for its field`);
    this.int16(length);
  }

  length32(length: number): void {
    this.int32(length);
  }

  compactLength(length: number): void {
    this.uvarint(length + 1);
  }

  /** A string after its 16-bit length. */
  string(value: string): void {
    const length = Buffer.byteLength(value);
    this.length16(length);
    this.#text(value, length);
  }

  compactString(value: string): void {
    const length = Buffer.byteLength(value);
    this.compactLength(length);
    this.#text(value, length);
  }

  #text(value: string, length: number): void {
    const at = this.#grow(length);
    this.#buffer.write(value, at, length, 'utf8');
  }

  /** Copies. */
  bytes(value: Uint8Array | ByteRun): void {
    if ('pieces' in value) {
      for (const piece of value.pieces) this.bytes(piece);
      return;
    }
    const at = this.#grow(value.length);
    this.#buffer.set(value, at);
  }

  /** Keeps a reference unless the bytes are few; they must not change until the frame is sent. */
  records(value: Uint8Array | ByteRun): void {
    if ('pieces' in value) {
      for (const piece of value.pieces) this.records(piece);
      return;
    }
    if (value.length < GATHER_BYTES) {
      this.bytes(value);
      return;
    }
    this.#flush();
    this.#parts.push(Buffer.from(value.buffer, value.byteOffset, value.length));
    this.#partsBytes += value.length;
  }

  /** A tagged field: its size must stand before it, so it is written apart first. */
  tagged(tag: number, write: (writer: Writer) => void): void {
    const writer = new Writer(64);
    write(writer);
    this.uvarint(tag);
    this.uvarint(writer.byteLength);
    for (const part of writer.finish()) this.bytes(part);
  }
}
