import protobuf from 'protobufjs';
import { formatDouble } from '../../../src/data/java-double.ts';
import { isArray, isObject, type Json, JsonDouble, JsonNumber, writeJson } from './json-text.ts';

/*
 * Messages as a case writes them down, by protobufjs and a walk over its reflection: nothing of src/serde has a part in
 * it, so that a fault there cannot hide behind its own mirror image.
 */

const MS_PER_DAY = 86_400_000;
const WRAPPER = /^\.google\.protobuf\.\w+Value$/;

export function encodeMessage(value: Json, message: protobuf.Type): Buffer {
  return Buffer.from(message.encode(message.fromObject(objectOf(value, message))).finish());
}

export function decodeMessage(bytes: Uint8Array, message: protobuf.Type): Json {
  const object = message.toObject(message.decode(bytes), { longs: String, bytes: Buffer });
  return jsonOfMessage(object, message);
}

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
