// The protocol codec once more, slow and plain: walks the message table for every value. It is the oracle the
// compiled codec (src/protocol/compile-*.ts) is tested against and shares only the table with it.
import { Buffer } from 'node:buffer';
import {
  type FieldDefinition,
  hasField,
  isFlexible,
  isNullable,
  type MessageDefinition,
} from '../src/protocol/definition.ts';

type Message = Record<string, unknown>;

export function interpretEncode(message: MessageDefinition, version: number, value: Message): Buffer {
  return encodeStruct(message.fields, { version, flexible: isFlexible(message, version) }, value);
}

/** Throws on anything malformed. */
export function interpretDecode(message: MessageDefinition, version: number, bytes: Buffer): Message {
  const input: Input = { bytes, position: 0, end: bytes.length };
  const result = decodeStruct(message.fields, { version, flexible: isFlexible(message, version) }, input);
  if (input.position !== input.end) throw new Error('bytes left over');
  return result;
}

export function interpretDefault(field: FieldDefinition): unknown {
  if (field.default !== undefined) return field.default;
  if (field.array) return [];
  if (field.type === 'bool') return false;
  if (field.type === 'string') return '';
  if (field.type === 'uuid') return '00000000000000000000000000000000';
  if (field.type === 'bytes') return Buffer.alloc(0);
  if (field.type === 'records') return field.nullableSince === undefined ? Buffer.alloc(0) : null;
  if (field.type !== 'struct') return 0;
  return Object.fromEntries((field.fields ?? []).map((each) => [each.name, interpretDefault(each)]));
}

interface Mode {
  readonly version: number;
  readonly flexible: boolean;
}

function int(bytes: number, value: number): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(BigInt(value));
  return buffer.subarray(8 - bytes);
}

function uvarint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = BigInt(value);
  do {
    bytes.push(Number(rest & 127n) | (rest > 127n ? 128 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Buffer.from(bytes);
}

function length(field: FieldDefinition, mode: Mode, value: number): Buffer {
  const isString = field.type === 'string' && !field.array;
  if (mode.flexible && !(isString && field.neverCompact)) return uvarint(value + 1);
  return int(isString ? 2 : 4, value);
}

function encodeStruct(fields: readonly FieldDefinition[], mode: Mode, value: Message): Buffer {
  const present = fields.filter((field) => hasField(field, mode.version));
  const of = (field: FieldDefinition) =>
    value[field.name] === undefined ? interpretDefault(field) : value[field.name];
  const parts = present
    .filter((field) => field.tag === undefined)
    .map((field) => encodeField(field, mode, of(field)));
  if (mode.flexible) {
    const tagged = present
      .filter((field) => field.tag !== undefined && !isSame(field, mode, of(field), interpretDefault(field)))
      .sort((a, b) => (a.tag ?? 0) - (b.tag ?? 0));
    parts.push(uvarint(tagged.length));
    for (const field of tagged) {
      const bytes = encodeField(field, mode, of(field));
      parts.push(uvarint(field.tag ?? 0), uvarint(bytes.length), bytes);
    }
  }
  return Buffer.concat(parts);
}

/** Equal as far as this version can tell. */
function isSame(field: FieldDefinition, mode: Mode, a: unknown, b: unknown): boolean {
  if (a === null || b === null) return a === b;
  return encodeField(field, mode, a).equals(encodeField(field, mode, b));
}

function encodeField(field: FieldDefinition, mode: Mode, value: unknown): Buffer {
  if (value === null && !isNullable(field, mode.version)) throw new Error(`${field.name} is null`);
  const isStruct = field.type === 'struct' && !field.array;
  if (value === null) return isStruct ? int(1, -1) : length(field, mode, -1);
  if (field.array) {
    const list = value as unknown[];
    const elements = list.map((each) => encodeSingle(field, mode, each));
    return Buffer.concat([length(field, mode, list.length), ...elements]);
  }
  const bytes = encodeSingle(field, mode, value);
  return isStruct && isNullable(field, mode.version) ? Buffer.concat([int(1, 1), bytes]) : bytes;
}

function encodeSingle(arrayOrNot: FieldDefinition, mode: Mode, value: unknown): Buffer {
  const { array: _, ...field } = arrayOrNot;
  switch (field.type) {
    case 'bool':
      return int(1, value ? 1 : 0);
    case 'int8':
      return int(1, value as number);
    case 'int16':
    case 'uint16':
      return int(2, value as number);
    case 'int32':
      return int(4, value as number);
    case 'int64':
      return int(8, value as number);
    case 'float64': {
      const bytes = Buffer.alloc(8);
      bytes.writeDoubleBE(value as number);
      return bytes;
    }
    case 'uuid':
      return Buffer.from(value as string, 'hex');
    case 'string': {
      const bytes = Buffer.from(value as string);
      return Buffer.concat([length(field, mode, bytes.length), bytes]);
    }
    case 'bytes':
    case 'records':
      return Buffer.concat([length(field, mode, (value as Buffer).length), value as Buffer]);
    case 'struct':
      return encodeStruct(field.fields ?? [], mode, value as Message);
  }
}

interface Input {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;
}

function take(input: Input, count: number): Buffer {
  if (count < 0 || count > input.end - input.position) throw new Error('cut short');
  input.position += count;
  return input.bytes.subarray(input.position - count, input.position);
}

function readInt(input: Input, bytes: number): number {
  const value = BigInt.asIntN(bytes * 8, BigInt(`0x${take(input, bytes).toString('hex')}`));
  const limit = BigInt(Number.MAX_SAFE_INTEGER);
  return Number(value > limit ? limit : value < -limit ? -limit : value);
}

function readUvarint(input: Input): number {
  let value = 0n;
  for (let shift = 0n; shift < 35n; shift += 7n) {
    const byte = take(input, 1)[0] as number;
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) {
      if (value > 0x7fffffffn) break;
      return Number(value);
    }
  }
  throw new Error('a varint too long');
}

function readLength(field: FieldDefinition, mode: Mode, input: Input): number {
  const isString = field.type === 'string' && !field.array;
  if (mode.flexible && !(isString && field.neverCompact)) return readUvarint(input) - 1;
  return readInt(input, isString ? 2 : 4);
}

function decodeStruct(fields: readonly FieldDefinition[], mode: Mode, input: Input): Message {
  const result: Message = {};
  for (const field of fields) {
    const onWire = hasField(field, mode.version) && field.tag === undefined;
    result[field.name] = onWire ? decodeField(field, mode, input) : interpretDefault(field);
  }
  if (!mode.flexible) return result;
  for (let count = readUvarint(input); count > 0; count--) {
    const tag = readUvarint(input);
    const bytes = take(input, readUvarint(input));
    const field = fields.find((each) => each.tag === tag && hasField(each, mode.version));
    if (field === undefined) continue;
    const inner: Input = { bytes, position: 0, end: bytes.length };
    result[field.name] = decodeField(field, mode, inner);
    if (inner.position !== inner.end) throw new Error('a tagged field with bytes left over');
  }
  return result;
}

function decodeField(field: FieldDefinition, mode: Mode, input: Input): unknown {
  const nullable = isNullable(field, mode.version);
  if (field.array) {
    const count = readLength(field, mode, input);
    if (count === -1 && nullable) return null;
    if (count < 0 || count > input.end - input.position) throw new Error('a hostile count');
    const { array: _, nullableSince: __, ...element } = field;
    return Array.from({ length: count }, () => decodeField(element, mode, input));
  }
  switch (field.type) {
    case 'bool':
      return readInt(input, 1) !== 0;
    case 'int8':
      return readInt(input, 1);
    case 'int16':
      return readInt(input, 2);
    case 'uint16':
      return take(input, 2).readUInt16BE();
    case 'int32':
      return readInt(input, 4);
    case 'int64':
      return readInt(input, 8);
    case 'float64':
      return take(input, 8).readDoubleBE();
    case 'uuid':
      return take(input, 16).toString('hex');
    case 'string':
    case 'bytes':
    case 'records': {
      const count = readLength(field, mode, input);
      if (count === -1 && nullable) return null;
      const bytes = take(input, count);
      return field.type === 'string' ? bytes.toString() : bytes;
    }
    case 'struct':
      if (nullable && readInt(input, 1) < 0) return null;
      return decodeStruct(field.fields ?? [], mode, input);
  }
}
