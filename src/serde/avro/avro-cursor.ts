import { Buffer } from 'node:buffer';
import type { Long } from '../../data/long.ts';
import { SerdeError } from '../format.ts';
import { textCache } from '../text.ts';

/**
 * Of a whole record: items that take no bytes at all (nulls), which alone make more items than bytes, since each array in
 * an array has an end of its own.
 */
const MOST_EMPTY_ITEMS = 10_000;
const NO_BYTES = Buffer.alloc(0);

/**
 * A place in a record's Avro bytes; everything read moves it on, nothing is read beyond `end`.
 *
 *   int, long  zigzag varint      string, bytes  length as long, bytes      array, map  blocks of: count as long, items;
 *   union      branch as int      float, double  little-endian                          a negative count: also its bytes
 */
export class AvroCursor {
  bytes: Buffer = NO_BYTES;
  at = 0;
  end = 0;
  /** How many more items arrays and maps may have: a few bytes must not become millions of them. */
  #itemsLeft = 0;

  reset(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
    this.#itemsLeft = end - start + MOST_EMPTY_ITEMS;
  }

  int(): number {
    const { bytes, end } = this;
    let { at } = this;
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      if (at >= end) throw cutOff();
      const byte = bytes[at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new SerdeError('an Avro int takes more than 5 bytes');
  }

  long(): Long {
    const { bytes, end } = this;
    let { at } = this;
    let low = 0;
    // Four bytes hold what fits 28 bits, which most do.
    for (let shift = 0; shift < 28; shift += 7) {
      if (at >= end) throw cutOff();
      const byte = bytes[at++] as number;
      low |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        return (low >>> 1) ^ -(low & 1);
      }
    }
    let high = 0;
    let factor = 1;
    for (let count = 4; count < 10; count++) {
      if (at >= end) throw cutOff();
      const byte = bytes[at++] as number;
      if (count >= 7) return this.#longest(at - 8);
      high += (byte & 0x7f) * factor;
      factor *= 128;
      if (byte < 0x80) {
        this.at = at;
        const zigzag = high * 0x10000000 + low;
        return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
      }
    }
    throw new SerdeError('an Avro long takes more than 10 bytes');
  }

  /** More than 49 bits: by bigints. */
  #longest(start: number): Long {
    const { bytes, end } = this;
    let zigzag = 0n;
    let at = start;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      if (at >= end) throw cutOff();
      const byte = bytes[at++] as number;
      zigzag |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) {
        this.at = at;
        const unsigned = BigInt.asUintN(64, zigzag);
        const value = (unsigned >> 1n) ^ -(unsigned & 1n);
        const number = Number(value);
        return Number.isSafeInteger(number) ? number : value;
      }
    }
    throw new SerdeError('an Avro long takes more than 10 bytes');
  }

  boolean(): boolean {
    const byte = this.bytes[this.#take(1)] as number;
    if (byte > 1) throw new SerdeError(`an Avro boolean is 0 or 1, not ${byte}`);
    return byte === 1;
  }

  float(): number {
    return this.bytes.readFloatLE(this.#take(4));
  }

  double(): number {
    return this.bytes.readDoubleLE(this.#take(8));
  }

  string(): string {
    const length = this.#length();
    const start = this.#take(length);
    return textCache.decode(this.bytes, start, start + length);
  }

  /** A view of the record's bytes. */
  byteString(): Buffer {
    return this.fixed(this.#length());
  }

  fixed(size: number): Buffer {
    const start = this.#take(size);
    return this.bytes.subarray(start, start + size);
  }

  /** Two's complement, big-endian. */
  unscaled(size = this.#length()): bigint {
    const start = this.#take(size);
    if (size === 0) return 0n;
    const hex = this.bytes.toString('hex', start, start + size);
    return BigInt.asIntN(size * 8, BigInt(`0x${hex}`));
  }

  /** Which of a union's branches follows. */
  branch(count: number): number {
    const branch = this.int();
    if (branch < 0 || branch >= count)
      throw new SerdeError(`an Avro union has branches 0 to ${count - 1}, the record names ${branch}`);
    return branch;
  }

  /** How many items follow; 0 at the end of an array or a map. */
  block(): number {
    let count = Number(this.long());
    if (count < 0) {
      count = -count;
      this.#length();
    }
    return this.#items(count);
  }

  /** As `block` for what nobody reads: a block that tells its bytes is passed over at once. */
  blockToSkip(): number {
    for (;;) {
      const count = Number(this.long());
      if (count >= 0) return this.#items(count);
      this.#take(this.#length());
    }
  }

  skip(size: number): void {
    this.#take(size);
  }

  skipLong(): void {
    const { bytes, end } = this;
    let { at } = this;
    do if (at >= end) throw cutOff();
    while ((bytes[at++] as number) >= 0x80);
    this.at = at;
  }

  skipString(): void {
    this.#take(this.#length());
  }

  #items(count: number): number {
    this.#itemsLeft -= count;
    if (this.#itemsLeft < 0)
      throw new SerdeError(
        `an Avro block of ${count} items, which are more than the record's bytes can hold`,
      );
    return count;
  }

  #length(): number {
    const length = this.int();
    if (length < 0) throw new SerdeError(`an Avro length of ${length}`);
    return length;
  }

  /** Where the next `size` bytes are. */
  #take(size: number): number {
    const start = this.at;
    if (size > this.end - start) throw cutOff();
    this.at = start + size;
    return start;
  }
}

function cutOff(): SerdeError {
  return new SerdeError('the Avro bytes end too early');
}
