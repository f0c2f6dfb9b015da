import { normalizeLong } from '../../data/long.ts';
import { type ScalarFunction, scalar } from './scalar.ts';

const BYTES = 'BYTES';
const ENCODINGS: Readonly<Record<string, BufferEncoding>> = {
  hex: 'hex',
  utf8: 'utf8',
  ascii: 'ascii',
  base64: 'base64',
};

function encodingOf(name: string): BufferEncoding {
  const encoding = ENCODINGS[name.toLowerCase()];
  if (encoding === undefined)
    throw new RangeError(`Unknown encoding '${name}': use hex, utf8, ascii or base64`);
  return encoding;
}

/** Hex is written 4a, X'4a' or 0x4a; only the last form may have an odd digit, which gets a zero in front. */
const HEX = [/^((?:[0-9a-f]{2})*)$/i, /^x'((?:[0-9a-f]{2})*)'$/i, /^0x([0-9a-f]*)$/i];

function hexBytes(text: string): Buffer {
  const digits = HEX.map((form) => form.exec(text)?.[1]).find((found) => found !== undefined);
  if (digits === undefined) throw new RangeError(`'${text}' is not hex`);
  return Buffer.from(digits.length % 2 === 0 ? digits : `0${digits}`, 'hex');
}

function decode(text: string, name: string): Buffer {
  const encoding = encodingOf(name);
  if (encoding === 'hex') return hexBytes(text);
  // Java's US-ASCII has a question mark for every character it lacks; Node's would cut bits off.
  const known = encoding === 'ascii' ? text.replace(/[^\0-\x7f]/gu, '?') : text;
  return Buffer.from(known, encoding);
}

function encode(bytes: Uint8Array, name: string): string {
  const encoding = encodingOf(name);
  if (encoding === 'ascii')
    return Buffer.from(bytes)
      .toString('latin1')
      .replace(/[\x80-\xff]/g, '\ufffd');
  const text = Buffer.from(bytes).toString(encoding);
  return encoding === 'hex' ? text.toUpperCase() : text;
}

function view(bytes: Uint8Array, length: number): DataView {
  if (bytes.length !== length) throw new RangeError(`Expected ${length} bytes but got ${bytes.length}`);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function littleEndian(order = 'BIG_ENDIAN'): boolean {
  if (order !== 'BIG_ENDIAN' && order !== 'LITTLE_ENDIAN') {
    throw new RangeError(`Byte order must be BIG_ENDIAN or LITTLE_ENDIAN, not '${order}'`);
  }
  return order === 'LITTLE_ENDIAN';
}

const toInteger = (bytes: Uint8Array, order?: string) => view(bytes, 4).getInt32(0, littleEndian(order));
const toBigint = (bytes: Uint8Array, order?: string) =>
  normalizeLong(view(bytes, 8).getBigInt64(0, littleEndian(order)));
const toDouble = (bytes: Uint8Array, order?: string) => view(bytes, 8).getFloat64(0, littleEndian(order));

export const ENCODING_FUNCTIONS: readonly ScalarFunction[] = [
  scalar('TO_BYTES', BYTES, 'The bytes a text stands for in an encoding: hex, utf8, ascii or base64.', [
    ['STRING, STRING -> BYTES', () => decode],
  ]),
  scalar('FROM_BYTES', BYTES, 'Bytes as text in an encoding: hex, utf8, ascii or base64.', [
    ['BYTES, STRING -> STRING', () => encode],
  ]),
  scalar('ENCODE', 'STRING', 'Text from one encoding to another: hex, utf8, ascii or base64.', [
    ['STRING, STRING, STRING -> STRING', () => recode],
  ]),
  scalar('INT_FROM_BYTES', BYTES, 'Four bytes as INTEGER.', [
    ['BYTES -> INTEGER', () => toInteger],
    ['BYTES, STRING -> INTEGER', () => toInteger],
  ]),
  scalar('BIGINT_FROM_BYTES', BYTES, 'Eight bytes as BIGINT.', [
    ['BYTES -> BIGINT', () => toBigint],
    ['BYTES, STRING -> BIGINT', () => toBigint],
  ]),
  scalar('DOUBLE_FROM_BYTES', BYTES, 'Eight bytes as DOUBLE.', [
    ['BYTES -> DOUBLE', () => toDouble],
    ['BYTES, STRING -> DOUBLE', () => toDouble],
  ]),
];

/** ENCODE writes hex in small letters, FROM_BYTES in capitals. */
function recode(text: string, from: string, to: string): string {
  const encoded = encode(decode(text, from), to);
  return encodingOf(to) === 'hex' ? encoded.toLowerCase() : encoded;
}
