import type { Type } from 'protobufjs';
import { longToInteger } from '../../data/long.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import type { ByteWriter } from '../byte-writer.ts';
import { SerdeError } from '../format.ts';
import type { NamedType } from '../json-tree.ts';
import type { FieldCode } from '../json-writer.ts';
import { targetOfColumn } from './field-of-column.ts';
import { knownMessage } from './known-messages.ts';
import { type MessageField, messageFields, messageName, type ScalarType } from './message-fields.ts';
import { entryFields } from './sql-columns.ts';
import { fieldText, mismatch, tagOf } from './wire-types.ts';
import {
  beginLength,
  endLength,
  writeBool,
  writeBytes,
  writeDouble,
  writeFixed32,
  writeFixed64,
  writeFloat,
  writeInt32,
  writeInt64,
  writeSint32,
  writeSint64,
  writeString,
  writeUint32,
} from './wire-writer.ts';

/** Appends a message whose fields are `row[from]`, `row[from + 1]` ... */
export type WriteMessage = (row: readonly SqlValue[], from: number, out: ByteWriter) => void;

/** Compiles the writer of one message. */
export function compileEncoder(message: Type, columns: readonly NamedType[]): WriteMessage {
  return compileFields(messageFields(message), columns, 'the Protobuf schema');
}

/** JavaScript that appends a message of these values to the ByteWriter `out`. `constant` binds a value to a name. */
export function messageCode(
  message: Type,
  columns: readonly NamedType[],
  values: readonly FieldCode[],
  constant: (value: unknown) => string,
): string {
  return new EncoderWriter(constant).fields(messageFields(message), columns, values, 'the Protobuf schema');
}

function compileFields(
  fields: readonly MessageField[],
  columns: readonly NamedType[],
  where: string,
): WriteMessage {
  const constants: unknown[] = [];
  const code = new EncoderWriter((value) => `k${constants.push(value) - 1}`).fields(
    fields,
    columns,
    columns.map((_, index) => ({ value: `row[from + ${index}]` })),
    where,
  );
  const source = `'use strict'; return function write(row, from, out) { ${code} };`;
  return new Function(...constants.map((_, index) => `k${index}`), source)(...constants) as WriteMessage;
}

/**
 * Writes the code: fields in the order of their numbers, so that equal rows have equal bytes. NULL is left out, and so
 * is the default of a field that cannot tell it from nothing. Inside of an array, where nothing can be left out, NULL is
 * written as the default.
 */
class EncoderWriter {
  readonly #bind: (value: unknown) => string;
  readonly #bound = new Map<unknown, string>();
  #locals = 0;

  constructor(bind: (value: unknown) => string) {
    this.#bind = bind;
  }

  fields(
    fields: readonly MessageField[],
    columns: readonly NamedType[],
    values: readonly FieldCode[],
    where: string,
  ): string {
    const parts = columns.flatMap((column, index) =>
      this.#column(fields, column, values[index] as FieldCode, where),
    );
    return parts
      .sort((a, b) => a.number - b.number)
      .map(({ code }) => code)
      .join('\n');
  }

  #column(
    fields: readonly MessageField[],
    column: NamedType,
    { value, place }: FieldCode,
    where: string,
  ): { readonly number: number; readonly code: string }[] {
    const target = targetOfColumn(column, fields);
    if (target === undefined) throw new SerdeError(`${column.name}: ${where} has no such field`);
    if (target.kind === 'field') {
      const { field } = target;
      const passes = field.type.kind === 'scalar' && field.type.scalar === 'string' && !field.isRepeated;
      const local = this.#local();
      const whole = place && !passes ? textAt(place, value) : value;
      const write = this.#field(field, column, local);
      const code = `const ${local} = ${whole};\nif (${local} !== null) { ${write} }`;
      const placed = place && passes ? `${this.#placed(field, place)} else ` : '';
      return [{ number: field.number, code: `${placed}{ ${code} }` }];
    }
    const { type, name } = column;
    if (type.kind !== 'STRUCT') throw mismatch(name, 'a oneof', type);
    return type.fields.flatMap((member, index) =>
      this.#column(
        target.members,
        member,
        { value: `(${value} === null ? null : ${value}[${index}])` },
        name,
      ),
    );
  }

  /** A text that stands in the record that was read: its bytes are copied. */
  #placed(field: MessageField, { start, end }: NonNullable<FieldCode['place']>): string {
    const copy = `${this.#constant(copyText)}(b, ${start}, ${end}, out);`;
    const write = `${this.#tag(field)} ${copy}`;
    return `if (${start} !== null) { ${field.hasPresence ? write : `if (${end} > ${start}) { ${write} }`} }`;
  }

  /** Statements for a value that is not NULL. */
  #field(field: MessageField, column: NamedType, value: string): string {
    const { name, type } = column;
    if (type.kind === 'MAP') {
      const entry = entryFields(field);
      if (entry === undefined) throw mismatch(name, fieldText(field), type);
      return this.#map(field, entry, type, value);
    }
    if (field.isRepeated !== (type.kind === 'ARRAY') || field.type.kind === 'entry')
      throw mismatch(name, fieldText(field), type);
    if (type.kind === 'ARRAY') return this.#array(field, type.element, name, value);
    const write = `${this.#tag(field)} ${this.#element(field, type, name, value)}`;
    if (field.hasPresence) return write;
    const isWritten =
      field.type.kind === 'enum'
        ? `${value} !== ${this.#constant(defaultOf(type, field))}`
        : isNoDefault(type, value);
    return `if (${isWritten}) { ${write} }`;
  }

  #array(field: MessageField, type: SqlType, column: string, value: string): string {
    const item = this.#local();
    const start = this.#local();
    const write = this.#element(field, type, column, item);
    const noValue = this.#constant(defaultOf(type, field));
    const each = `for (let ${item} of ${value}) { if (${item} === null) ${item} = ${noValue};`;
    if (!field.isPacked) return `${each} ${this.#tag(field)} ${write} }`;
    const tag = { number: field.number, type: PACKED };
    return `if (${value}.length > 0) { ${this.#tag(tag)} const ${start} = ${this.#constant(beginLength)}(out);
${each} ${write} }
${this.#constant(endLength)}(${start}, out); }`;
  }

  #map(
    field: MessageField,
    entry: readonly MessageField[],
    type: SqlType & { readonly kind: 'MAP' },
    value: string,
  ): string {
    const [key, item, start] = [this.#local(), this.#local(), this.#local()];
    const columns = [
      { name: 'key', type: type.key },
      { name: 'value', type: type.value },
    ];
    const write = this.fields(entry, columns, [{ value: key }, { value: item }], 'the entry of a map');
    return `for (const [${key}, ${item}] of ${value}) { ${this.#tag(field)} const ${start} = ${this.#constant(beginLength)}(out);
${write}
${this.#constant(endLength)}(${start}, out); }`;
  }

  #element({ type: wire, number }: MessageField, type: SqlType, column: string, value: string): string {
    switch (wire.kind) {
      case 'scalar':
        return this.#scalar(wire.scalar, type, column, value);
      case 'enum':
        if (type.kind === 'INTEGER') return `${this.#constant(writeInt32)}(${value}, out);`;
        if (type.kind !== 'STRING') throw mismatch(column, 'an enum', type);
        return `${this.#constant(enumWriter(wire.enum.name, wire.enum.values))}(${value}, out);`;
      case 'entry':
        throw mismatch(column, 'a map', type);
      case 'message': {
        const name = messageName(wire.message);
        const known = knownMessage(name, type);
        if (known === undefined && type.kind !== 'STRUCT') throw mismatch(column, `a ${name}`, type);
        const columns = known?.fields ?? (type.kind === 'STRUCT' ? type.fields : []);
        const write = this.#constant(
          compileFields(messageFields(wire.message), columns, `the message ${name}`),
        );
        const row = known === undefined ? value : `${this.#constant(known.toRow)}(${value})`;
        if (wire.isGroup) return `${write}(${row}, 0, out); ${this.#bytes(number * 8 + 4)}`;
        const start = this.#local();
        return `const ${start} = ${this.#constant(beginLength)}(out); ${write}(${row}, 0, out); ${this.#constant(endLength)}(${start}, out);`;
      }
    }
  }

  #scalar(scalar: ScalarType, type: SqlType, column: string, value: string): string {
    const { write, takes } = SCALARS[scalar];
    const call = (js: string) => `${this.#constant(write)}(${js}, out);`;
    switch (type.kind) {
      case 'INTEGER':
      case 'DATE':
      case 'TIME':
        if (takes === 'int32' || takes === 'long') return call(value);
        if (takes === 'uint32') return call(`(${value} >>> 0)`);
        break;
      case 'BIGINT':
      case 'TIMESTAMP':
        if (takes === 'long') return call(value);
        if (takes === 'uint32') return call(`(${this.#constant(longToInteger)}(${value}) >>> 0)`);
        break;
      case 'DOUBLE':
      case 'BOOLEAN':
      case 'BYTES':
        break;
      case 'STRING':
        break;
      default:
        throw mismatch(column, scalar, type);
    }
    if (takes === 'double' && ['INTEGER', 'BIGINT'].includes(type.kind)) return call(`Number(${value})`);
    if (takes === type.kind || (takes === 'double' && type.kind === 'DOUBLE')) return call(value);
    throw mismatch(column, scalar, type);
  }

  #tag(field: Pick<MessageField, 'number' | 'type'>): string {
    return this.#bytes(tagOf(field));
  }

  /** A varint that is known when the code is written. */
  #bytes(varint: number): string {
    const bytes: number[] = [];
    let rest = varint;
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    return [...bytes, rest].map((byte) => `out.byte(${byte});`).join(' ');
  }

  #local(): string {
    return `pb${this.#locals++}`;
  }

  #constant(value: unknown): string {
    const known = this.#bound.get(value);
    if (known !== undefined) return known;
    const name = this.#bind(value);
    this.#bound.set(value, name);
    return name;
  }
}

/** The text itself, where it was left in the record that was read. */
function textAt({ start, end }: NonNullable<FieldCode['place']>, value: string): string {
  return `(${start} === null ? ${value} : b.toString('latin1', ${start}, ${end}))`;
}

const PACKED = { kind: 'scalar', scalar: 'bytes' } as const;

/** Whether the value is another than the one that is left out. */
function isNoDefault(type: SqlType, value: string): string {
  switch (type.kind) {
    case 'STRING':
    case 'BYTES':
      return `${value}.length > 0`;
    case 'DOUBLE':
      return `${value} !== 0 || Object.is(${value}, -0)`;
    case 'BOOLEAN':
      return value;
    default:
      return `${value} !== 0`;
  }
}

function defaultOf(type: SqlType, field: MessageField): SqlValue {
  switch (type.kind) {
    case 'STRING':
      return field.type.kind === 'enum' ? (Object.keys(field.type.enum.values)[0] ?? '') : '';
    case 'BYTES':
      return Buffer.alloc(0);
    case 'BOOLEAN':
      return false;
    case 'DECIMAL':
      return 0n;
    case 'STRUCT':
      return type.fields.map(() => null);
    default:
      return 0;
  }
}

function enumWriter(
  name: string,
  values: Readonly<Record<string, number>>,
): (value: string, out: ByteWriter) => void {
  const numbers = new Map(Object.entries(values));
  return (value, out) => {
    const number = numbers.get(value);
    if (number === undefined) throw new SerdeError(`the enum ${name} has no value '${value}'`);
    writeInt32(number, out);
  };
}

function copyText(bytes: Uint8Array, start: number, end: number, out: ByteWriter): void {
  writeUint32(end - start, out);
  out.raw(bytes.subarray(start, end));
}

type Takes = 'int32' | 'uint32' | 'long' | 'double' | 'BOOLEAN' | 'STRING' | 'BYTES';

const SCALARS: Record<
  ScalarType,
  { readonly write: (value: never, out: ByteWriter) => void; readonly takes: Takes }
> = {
  double: { write: writeDouble, takes: 'double' },
  float: { write: writeFloat, takes: 'double' },
  int32: { write: writeInt32, takes: 'int32' },
  sint32: { write: writeSint32, takes: 'int32' },
  sfixed32: { write: writeFixed32, takes: 'int32' },
  uint32: { write: writeUint32, takes: 'uint32' },
  fixed32: { write: writeFixed32, takes: 'uint32' },
  int64: { write: writeInt64, takes: 'long' },
  uint64: { write: writeInt64, takes: 'long' },
  sint64: { write: writeSint64, takes: 'long' },
  fixed64: { write: writeFixed64, takes: 'long' },
  sfixed64: { write: writeFixed64, takes: 'long' },
  bool: { write: writeBool, takes: 'BOOLEAN' },
  string: { write: writeString, takes: 'STRING' },
  bytes: { write: writeBytes, takes: 'BYTES' },
};
