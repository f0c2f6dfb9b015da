import { Buffer } from 'node:buffer';
import type { SqlValue } from '../../data/types.ts';
import type { ByteWriter } from '../../serde/byte-writer.ts';

/*
 * SQL values as bytes, exactly and without their types: a tag, then
 *
 *   NULL, FALSE, TRUE   nothing            BIGINT, LATIN1, UTF16, BYTES   length, bytes
 *   INTEGER             zigzag varint      LIST                           count, values
 *   DOUBLE              8 bytes            MAP                            count, keys and values in turn
 *
 * For files that live no longer than the process: see changelogs for a form that lasts.
 */
const NULL = 0;
const FALSE = 1;
const TRUE = 2;
const INTEGER = 3;
const DOUBLE = 4;
const BIGINT = 5;
const LATIN1 = 6;
const UTF16 = 7;
const BYTES = 8;
const LIST = 9;
const MAP = 10;

const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);

export function writeValue(value: SqlValue | undefined, out: ByteWriter): void {
  switch (typeof value) {
    case 'number':
      writeNumber(value, out);
      return;
    case 'string':
      writeText(value, out);
      return;
    case 'boolean':
      out.byte(value ? TRUE : FALSE);
      return;
    case 'bigint': {
      const digits = value.toString();
      out.byte(BIGINT);
      writeVarint(digits.length, out);
      out.text(digits);
      return;
    }
    case 'undefined':
      out.byte(NULL);
      return;
  }
  if (value === null) out.byte(NULL);
  else if (value instanceof Uint8Array) {
    out.byte(BYTES);
    writeVarint(value.length, out);
    out.raw(value);
  } else if (value instanceof Map) {
    out.byte(MAP);
    writeVarint(value.size, out);
    for (const [key, item] of value) {
      writeValue(key, out);
      writeValue(item, out);
    }
  } else {
    const list = value as readonly SqlValue[];
    out.byte(LIST);
    writeVarint(list.length, out);
    for (let index = 0; index < list.length; index++) writeValue(list[index], out);
  }
}

/** Reads what `writeValue` wrote, one value after another. What it gives shares no memory with the bytes. */
export class ValueReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  next(): SqlValue {
    const tag = this.#bytes[this.#at++];
    switch (tag) {
      case NULL:
        return null;
      case FALSE:
        return false;
      case TRUE:
        return true;
      case INTEGER: {
        const zigzag = this.#varint();
        return (zigzag >>> 1) ^ -(zigzag & 1);
      }
      case DOUBLE:
        doubleBytes.set(this.#bytes.subarray(this.#at, this.#at + 8));
        this.#at += 8;
        return double[0] as number;
      case BIGINT:
        return BigInt(this.#text('latin1'));
      case LATIN1:
        return this.#text('latin1');
      case UTF16:
        return this.#text('utf16le');
      case BYTES: {
        const length = this.#varint();
        this.#at += length;
        return new Uint8Array(this.#bytes.subarray(this.#at - length, this.#at));
      }
      case LIST:
        return this.#list();
      case MAP: {
        const map = new Map<SqlValue, SqlValue>();
        for (let left = this.#varint(); left > 0; left--) map.set(this.next(), this.next());
        return map;
      }
      default:
        throw new Error(`a value on disk begins with ${tag}, which is no tag of this version`);
    }
  }

  #list(): SqlValue[] {
    const list: SqlValue[] = [];
    for (let left = this.#varint(); left > 0; left--) list.push(this.next());
    return list;
  }

  #text(encoding: 'latin1' | 'utf16le'): string {
    const length = this.#varint();
    this.#at += length;
    return this.#bytes.toString(encoding, this.#at - length, this.#at);
  }

  /** Unsigned, of 32 bits. */
  #varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at++] as number;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}

function writeNumber(value: number, out: ByteWriter): void {
  if (value === (value | 0) && !Object.is(value, -0)) {
    out.byte(INTEGER);
    writeVarint(((value << 1) ^ (value >> 31)) >>> 0, out);
    return;
  }
  out.byte(DOUBLE);
  double[0] = value;
  out.raw(doubleBytes);
}

function writeText(text: string, out: ByteWriter): void {
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) <= 0x7f) continue;
    out.byte(UTF16);
    writeVarint(text.length * 2, out);
    out.raw(Buffer.from(text, 'utf16le'));
    return;
  }
  out.byte(LATIN1);
  writeVarint(text.length, out);
  out.text(text);
}

function writeVarint(value: number, out: ByteWriter): void {
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) out.byte((rest & 0x7f) | 0x80);
  out.byte(rest);
}
