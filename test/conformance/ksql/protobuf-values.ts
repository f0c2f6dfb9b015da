import protobuf from 'protobufjs';
import { formatDouble } from '../../../src/data/java-double.ts';
import { isArray, isObject, type Json, JsonDouble, JsonNumber, writeJson } from './json-text.ts';

/*
 * Messages as a case writes them down, by protobufjs and a walk over its reflection: nothing of src/serde has a part in
 * it, so that a fault there cannot hide behind its own mirror image.
 */

const MS_PER_DAY = 86_400_000;
const WRAPPER = /^\.google\.protobuf\.\w+Value$/;

export class ProtobufValues {
  readonly #root = new protobuf.Root();
  /** The file's own, by their places in it. */
  readonly #messages: readonly protobuf.Type[];

  constructor(schema: string, references: readonly string[]) {
    protobuf.parse(schema, this.#root, { keepCase: true });
    this.#messages = this.#root.nestedArray.filter((nested) => nested instanceof protobuf.Type);
    for (const text of [...WELL_KNOWN, ...references]) protobuf.parse(text, this.#root, { keepCase: true });
    this.#root.resolveAll();
  }

  encode(value: Json, fullName?: string): Buffer {
    const message = fullName === undefined ? this.#message(0) : this.#root.lookupType(fullName);
    return Buffer.from(message.encode(message.fromObject(objectOf(value, message))).finish());
  }

  decode(bytes: Uint8Array, at = 0): Json {
    const message = this.#message(at);
    const object = message.toObject(message.decode(bytes), { longs: String, bytes: Buffer });
    return jsonOfMessage(object, message);
  }

  /** With the place of the message before its bytes, as behind a schema's id. */
  encodePlaced(value: Json, fullName?: string): Buffer {
    const at = fullName === undefined ? 0 : this.#messages.indexOf(this.#root.lookupType(fullName));
    const place = at === 0 ? [0] : [2, at * 2];
    return Buffer.concat([Buffer.from(place), this.encode(value, fullName)]);
  }

  decodePlaced(bytes: Buffer): Json {
    return bytes[0] === 0
      ? this.decode(bytes.subarray(1))
      : this.decode(bytes.subarray(2), (bytes[1] as number) / 2);
  }

  #message(at: number): protobuf.Type {
    const message = this.#messages[at];
    if (message === undefined) throw new Error(`no message at ${at} of a Protobuf schema`);
    return message;
  }
}

const WELL_KNOWN = [
  'syntax = "proto3"; package google.protobuf; message Timestamp { int64 seconds = 1; int32 nanos = 2; }',
  `syntax = "proto3"; package google.protobuf; ${Object.entries({
    Double: 'double',
    Int64: 'int64',
    Int32: 'int32',
    Bool: 'bool',
    String: 'string',
    Bytes: 'bytes',
  })
    .map(([name, type]) => `message ${name}Value { ${type} value = 1; }`)
    .join(' ')}`,
  'syntax = "proto3"; package google.type; message Date { int32 year = 1; int32 month = 2; int32 day = 3; }',
  'syntax = "proto3"; package google.type; message TimeOfDay { int32 hours = 1; int32 minutes = 2; int32 seconds = 3; int32 nanos = 4; }',
  'syntax = "proto3"; package confluent.type; message Decimal { bytes value = 1; uint32 precision = 2; int32 scale = 3; }',
];

type Plain = Record<string, unknown>;

/** Names match in any case; what the message does not have is left out. */
function objectOf(value: Json, message: protobuf.Type): Plain {
  const object: Plain = {};
  if (!isObject(value)) throw new Error(`no message ${message.name}: ${writeJson(value)}`);
  for (const [name, item] of Object.entries(value)) {
    const field =
      message.fields[name] ??
      message.fieldsArray.find((candidate) => candidate.name.toUpperCase() === name.toUpperCase());
    if (field && item !== null) object[field.name] = fieldOf(item, field);
  }
  return object;
}

function fieldOf(value: Json, field: protobuf.Field): unknown {
  const entry = entryOf(field);
  if (entry && isObject(value))
    return Object.entries(value).map(([key, item]) => objectOf({ key, value: item }, entry));
  if (field.repeated && isArray(value)) return value.map((item) => oneOf(item, field));
  return oneOf(value, field);
}

function oneOf(value: Json, field: protobuf.Field): unknown {
  const text = value instanceof JsonNumber ? value.text : String(value);
  if (field.resolvedType instanceof protobuf.Type) {
    const { fullName } = field.resolvedType;
    return (
      KNOWN[fullName]?.write(text) ?? objectOf(WRAPPER.test(fullName) ? { value } : value, field.resolvedType)
    );
  }
  if (field.resolvedType instanceof protobuf.Enum) return text;
  if (field.type === 'bool') return text === 'true';
  if (field.type === 'bytes') return Buffer.from(text, 'base64');
  return field.type === 'string' || /64$/.test(field.type) ? text : Number(text);
}

function jsonOfMessage(object: Plain, message: protobuf.Type): Json {
  return Object.fromEntries(message.fieldsArray.map((field) => [field.name, jsonOfField(object, field)]));
}

function jsonOfField(object: Plain, field: protobuf.Field): Json {
  const isThere = Object.hasOwn(object, field.name);
  const value = object[field.name];
  const entry = entryOf(field);
  if (entry) {
    const entries = ((value ?? []) as Plain[]).map((item) => jsonOfMessage(item, entry) as Plain);
    return Object.fromEntries(entries.map((item) => [String(item.key), item.value as Json]));
  }
  if (field.repeated) return ((value ?? []) as unknown[]).map((item) => jsonOfOne(item, field));
  if (isThere) return jsonOfOne(value, field);
  const isNull = field.resolvedType instanceof protobuf.Type || Boolean(field.hasPresence);
  return isNull ? null : jsonOfOne(field.typeDefault, field);
}

function jsonOfOne(value: unknown, field: protobuf.Field): Json {
  if (field.resolvedType instanceof protobuf.Type) {
    const known = KNOWN[field.resolvedType.fullName];
    if (known) return known.read(value as Plain);
    const json = jsonOfMessage(value as Plain, field.resolvedType);
    return WRAPPER.test(field.resolvedType.fullName) ? ((json as Plain).value as Json) : json;
  }
  if (field.resolvedType instanceof protobuf.Enum)
    return field.resolvedType.valuesById[value as number] ?? null;
  if (field.type === 'bytes') {
    const bytes = Buffer.from(value as Uint8Array);
    return bytes.length === 0 ? null : bytes.toString('base64');
  }
  if (field.type === 'double' || field.type === 'float') return new JsonDouble(formatDouble(value as number));
  if (field.type === 'bool') return value as boolean;
  return field.type === 'string' ? (value as string) : new JsonNumber(String(value));
}

/** What Connect writes for a map is a repeated message of that name. */
function entryOf({ resolvedType, repeated }: protobuf.Field): protobuf.Type | undefined {
  return repeated && resolvedType instanceof protobuf.Type && resolvedType.name.endsWith('Entry')
    ? resolvedType
    : undefined;
}

interface Known {
  write(text: string): Plain;
  read(message: Plain): Json;
}

const number = (value: unknown) => Number(value ?? 0);

const KNOWN: Readonly<Record<string, Known | undefined>> = {
  '.google.protobuf.Timestamp': {
    write: (text) => {
      const seconds = Math.floor(Number(text) / 1000);
      return { seconds: String(seconds), nanos: (Number(text) - seconds * 1000) * 1e6 };
    },
    read: ({ seconds, nanos }) => new JsonNumber(String(number(seconds) * 1000 + number(nanos) / 1e6)),
  },
  '.google.type.Date': {
    write: (text) => {
      const date = new Date(Number(text) * MS_PER_DAY);
      return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
    },
    read: ({ year, month, day }) =>
      new JsonNumber(String(Date.UTC(number(year), number(month) - 1, number(day)) / MS_PER_DAY)),
  },
  '.google.type.TimeOfDay': {
    write: (text) => ({ seconds: Math.floor(Number(text) / 1000), nanos: (Number(text) % 1000) * 1e6 }),
    read: ({ hours, minutes, seconds, nanos }) =>
      new JsonNumber(
        String(((number(hours) * 60 + number(minutes)) * 60 + number(seconds)) * 1000 + number(nanos) / 1e6),
      ),
  },
  '.confluent.type.Decimal': {
    write: (text) => {
      const [whole = '', fraction = ''] = text.split('.');
      const value = Buffer.alloc(16);
      const unscaled = BigInt.asUintN(128, BigInt(`${whole}${fraction}`));
      value.write(unscaled.toString(16).padStart(32, '0'), 'hex');
      return { value, scale: fraction.length };
    },
    read: ({ value, scale }) => {
      const hex = Buffer.from(value as Uint8Array).toString('hex');
      const unscaled = BigInt.asIntN(hex.length * 4, BigInt(`0x${hex}`));
      const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(number(scale) + 1, '0');
      const sign = unscaled < 0n ? '-' : '';
      const point = digits.length - number(scale);
      return new JsonNumber(
        `${sign}${digits.slice(0, point)}${number(scale) > 0 ? '.' : ''}${digits.slice(point)}`,
      );
    },
  },
};
