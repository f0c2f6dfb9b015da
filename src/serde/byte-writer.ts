import { Buffer } from 'node:buffer';

const FIRST_CAPACITY = 1024;
const MOST_UTF8_BYTES_A_UNIT = 3;
/** Below this a loop over characters beats the call into the runtime. */
const SHORT_TEXT = 48;

/**
 * Bytes in the making, in memory that is used again for the next record: what was written is `bytes` from 0 up to
 * `length`, until `reset`. Numbers and short ASCII texts become bytes without a string in between.
 */
export class ByteWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(FIRST_CAPACITY);
  length = 0;

  reset(): void {
    this.length = 0;
  }

  /** A copy with memory of its own. */
  copy(): Buffer {
    const copied = Buffer.allocUnsafe(this.length);
    this.bytes.copy(copied, 0, 0, this.length);
    return copied;
  }

  byte(value: number): void {
    if (this.length === this.bytes.length) this.#grow(1);
    this.bytes[this.length++] = value;
  }

  raw(source: Uint8Array): void {
    const { length } = source;
    if (this.length + length > this.bytes.length) this.#grow(length);
    const { bytes } = this;
    let at = this.length;
    if (length > SHORT_TEXT) bytes.set(source, at);
    else for (let index = 0; index < length; index++) bytes[at++] = source[index] as number;
    this.length += length;
  }

  /** Big-endian. */
  int32(value: number): void {
    if (this.length + 4 > this.bytes.length) this.#grow(4);
    this.length = this.bytes.writeInt32BE(value | 0, this.length);
  }

  /** Big-endian, of a safe integer. */
  int64(value: number): void {
    const high = Math.floor(value / 2 ** 32);
    this.int32(high);
    this.int32(value - high * 2 ** 32);
  }

  /** Decimal digits of a whole number. */
  int(value: number): void {
    if (value !== (value | 0)) {
      this.text(String(value));
      return;
    }
    if (this.length + 11 > this.bytes.length) this.#grow(11);
    const { bytes } = this;
    let at = this.length;
    let rest = value;
    if (rest < 0) {
      bytes[at++] = 0x2d;
      rest = -rest;
    }
    const end = at + digitCount(rest);
    for (let place = end - 1; place >= at; place--) {
      const tenth = Math.floor(rest / 10);
      bytes[place] = 0x30 + (rest - tenth * 10);
      rest = tenth;
    }
    this.length = end;
  }

  /** UTF-8. */
  text(text: string): void {
    const { length } = text;
    if (this.length + length * MOST_UTF8_BYTES_A_UNIT > this.bytes.length)
      this.#grow(length * MOST_UTF8_BYTES_A_UNIT);
    if (length <= SHORT_TEXT && this.#ascii(text)) return;
    this.length += this.bytes.write(text, this.length, 'utf8');
  }

  /** In double quotes, escaped as JSON.stringify does. */
  jsonString(text: string): void {
    const { length } = text;
    if (this.length + length + 2 > this.bytes.length) this.#grow(length + 2);
    const { bytes } = this;
    const start = this.length;
    bytes[start] = 0x22;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code < 0x20 || code >= 0x80 || code === 0x22 || code === 0x5c) {
        this.text(JSON.stringify(text));
        return;
      }
      bytes[start + 1 + index] = code;
    }
    bytes[start + 1 + length] = 0x22;
    this.length = start + length + 2;
  }

  /** Bytes of another record in double quotes: ASCII that needs no escapes. */
  quoted(source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.length + length + 2 > this.bytes.length) this.#grow(length + 2);
    const { bytes } = this;
    let at = this.length;
    bytes[at++] = 0x22;
    if (length > SHORT_TEXT) {
      bytes.set(source.subarray(from, to), at);
      at += length;
    } else for (let index = from; index < to; index++) bytes[at++] = source[index] as number;
    bytes[at++] = 0x22;
    this.length = at;
  }

  /** Bytes of another record as they are. */
  slice(source: Uint8Array, from: number, to: number): void {
    const length = to - from;
    if (this.length + length > this.bytes.length) this.#grow(length);
    const { bytes } = this;
    if (length > SHORT_TEXT) bytes.set(source.subarray(from, to), this.length);
    else
      for (let index = 0; index < length; index++)
        bytes[this.length + index] = source[from + index] as number;
    this.length += length;
  }

  #ascii(text: string): boolean {
    const { bytes, length: start } = this;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80) return false;
      bytes[start + index] = code;
    }
    this.length = start + text.length;
    return true;
  }

  #grow(more: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(this.length + more, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.length);
    this.bytes = grown;
  }
}

function digitCount(value: number): number {
  if (value < 100) return value < 10 ? 1 : 2;
  if (value < 10_000) return value < 1_000 ? 3 : 4;
  if (value < 1_000_000) return value < 100_000 ? 5 : 6;
  if (value < 100_000_000) return value < 10_000_000 ? 7 : 8;
  return value < 1_000_000_000 ? 9 : 10;
}
