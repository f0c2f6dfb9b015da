import { Buffer } from 'node:buffer';
import type { Type } from 'protobufjs';
import { formatDouble } from '../../data/java-double.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { type Decode, SerdeError } from '../format.ts';
import type { NamedType } from '../json-tree.ts';
import { truncatedInteger } from '../scalars.ts';
import { targetOfColumn } from './field-of-column.ts';
import { knownMessage } from './known-messages.ts';
import {
  type FieldType,
  type MessageField,
  messageFields,
  messageName,
  type ScalarType,
} from './message-fields.ts';
import { entryFields } from './sql-columns.ts';
import { WireReader } from './wire-reader.ts';

/**
 * Compiles the reader of one message into an array of columns, straight from the bytes: one `switch` over the tags of
 * the wanted fields, everything else is passed over.
 *
 *   tag --+--> wanted ------> read as the column's type --> local variable --+
 *         +--> not wanted --> skip                                           +--> columns, when the message ends
 *               nothing came: the type's default, or NULL where that differs -+
 */
export function compileDecoder(
  message: Type,
  columns: readonly NamedType[],
  used: readonly number[] = columns.map((_, index) => index),
): Decode {
  const code = new DecoderWriter();
  const wanted = used.map((index) => columns[index] as NamedType);
  const root = code.root(messageFields(message), wanted, used);
  return code.build(root) as Decode;
}

interface Local {
  readonly name: string;
  /** Of each record anew. */
  readonly initial: string;
}

/** Writes the code; every kind of nested message gets a function of its own. Names never become code. */
class DecoderWriter {
  readonly #constants: unknown[] = [];
  readonly #functions: string[] = [];

  root(fields: readonly MessageField[], columns: readonly NamedType[], used: readonly number[]): string {
    const { locals, cases } = this.#fields(fields, columns);
    return `return function decode(b, s, e, t, at) {
r.start(b, s, e);
${locals.map(({ name, initial }) => `let ${name} = ${initial};`).join(' ')}
while (r.at < r.end) {
const tag = r.uint32();
switch (tag) {
${cases}
default: r.skip(tag);
}
}
${locals.map(({ name }, index) => `t[at + ${used[index]}] = ${name};`).join(' ')}
return true;
};`;
  }

  build(
    root: string,
  ): (bytes: Buffer, start: number, end: number, target: SqlValue[], at: number) => boolean {
    const names = this.#constants.map((_, index) => `k${index}`);
    // The source holds only field numbers and positions.
    const source = `'use strict';\n${this.#functions.join('\n')}\n${root}`;
    return new Function('r', ...names, source)(new WireReader(), ...this.#constants);
  }

  /**
   * The name of a function that reads a message as a row of `columns`. What comes again is merged with the row before,
   * as the specification asks for. `stop`: the tag at which a group ends, 0 for other messages, whose length comes first.
   */
  #message(fields: readonly MessageField[], columns: readonly NamedType[]): string {
    const { locals, cases } = this.#fields(fields, columns);
    const name = `read${this.#functions.length}`;
    const start = locals.map(
      (local, index) => `let ${local.name} = row === null ? ${local.initial} : row[${index}];`,
    );
    this.#functions.push(`function ${name}(row, stop) {
const outer = stop === 0 ? r.enter() : r.end;
${start.join(' ')}
for (;;) {
if (r.at >= r.end) { if (stop !== 0) r.groupEnds(); break; }
const tag = r.uint32();
if (tag === stop) break;
switch (tag) {
${cases}
default: r.skip(tag);
}
}
if (stop === 0) r.leave(outer);
return [${locals.map((local) => local.name).join(', ')}];
}`);
    return name;
  }

  #fields(
    fields: readonly MessageField[],
    columns: readonly NamedType[],
  ): { readonly locals: readonly Local[]; readonly cases: string } {
    const locals: Local[] = [];
    const cases: string[] = [];
    const taken = new Set<number>();
    columns.forEach((column, index) => {
      const name = `v${index}`;
      const target = targetOfColumn(column, fields);
      if (target === undefined) locals.push({ name, initial: 'null' });
      else if (target.kind === 'oneof') {
        locals.push({ name, initial: 'null' });
        cases.push(...this.#oneof(target.members, column, name, taken));
      } else {
        locals.push({ name, initial: this.#initial(target.field, column.type) });
        if (taken.has(target.field.number))
          throw new SerdeError(`two columns are the field ${target.field.name}`);
        taken.add(target.field.number);
        cases.push(this.#field(target.field, column, name));
      }
    });
    return { locals, cases: cases.join('\n') };
  }

  /** A struct in which only the member is not NULL that came last. */
  #oneof(
    members: readonly MessageField[],
    { name, type }: NamedType,
    local: string,
    taken: Set<number>,
  ): string[] {
    if (type.kind !== 'STRUCT') throw mismatch(name, 'a oneof', type);
    const width = type.fields.length;
    return type.fields.flatMap((column, index) => {
      const target = targetOfColumn(column, members);
      if (target?.kind !== 'field' || taken.has(target.field.number)) return [];
      taken.add(target.field.number);
      const read = this.#element(target.field, column.type, `${name}.${column.name}`, 'null');
      const row = Array.from({ length: width }, (_, at) => (at === index ? 'value' : 'null'));
      return `case ${tagOf(target.field)}: { const value = ${read}; ${local} = [${row.join(', ')}]; break; }`;
    });
  }

  #field(field: MessageField, column: NamedType, local: string): string {
    const { name, type } = column;
    const entry = type.kind === 'MAP' ? entryFields(field) : undefined;
    if (type.kind === 'MAP') {
      if (entry === undefined) throw mismatch(name, describe(field), type);
      return this.#map(field, entry, type, local);
    }
    if (field.isRepeated !== (type.kind === 'ARRAY')) throw mismatch(name, describe(field), type);
    if (type.kind !== 'ARRAY')
      return `case ${tagOf(field)}: ${local} = ${this.#element(field, type, name, local)}; break;`;
    const read = this.#element(field, type.element, name, 'null');
    const one = `case ${tagOf(field)}: ${local}.push(${read}); break;`;
    if (wireType(field.type) === 2 || wireType(field.type) === 3) return one;
    return `${one}
case ${field.number * 8 + 2}: { const outer = r.enter(); while (r.at < r.end) ${local}.push(${read}); r.leave(outer); break; }`;
  }

  #map(
    field: MessageField,
    entry: readonly MessageField[],
    type: SqlType & { readonly kind: 'MAP' },
    local: string,
  ): string {
    const read = this.#message(entry, [
      { name: 'key', type: type.key },
      { name: 'value', type: type.value },
    ]);
    return `case ${tagOf(field)}: { const pair = ${read}(null, 0); ${local}.set(pair[0], pair[1]); break; }`;
  }

  /** An expression that reads one value. `before`: the value that a message merges with. */
  #element({ type: wire, number }: MessageField, type: SqlType, column: string, before: string): string {
    switch (wire.kind) {
      case 'scalar':
        return this.#scalar(wire.scalar, type, column);
      case 'enum': {
        if (type.kind === 'INTEGER') return 'r.int32()';
        if (type.kind !== 'STRING') throw mismatch(column, 'an enum', type);
        const { name, valuesById } = wire.enum;
        const names = new Map(Object.entries(valuesById).map(([id, text]) => [Number(id), text]));
        return `${this.#constant(enumReader(name, names))}(r.int32())`;
      }
      case 'entry':
        throw mismatch(column, 'a map', type);
      case 'message': {
        const known = knownMessage(messageName(wire.message), type);
        if (known === undefined && type.kind !== 'STRUCT')
          throw mismatch(column, `a ${messageName(wire.message)}`, type);
        const columns = known?.fields ?? (type.kind === 'STRUCT' ? type.fields : []);
        const read = this.#message(messageFields(wire.message), columns);
        const row = `${read}(${known ? 'null' : before}, ${wire.isGroup ? number * 8 + 4 : 0})`;
        return known === undefined ? row : `${this.#constant(known.fromRow)}(${row})`;
      }
    }
  }

  #scalar(scalar: ScalarType, type: SqlType, column: string): string {
    const { read, gives } = SCALARS[scalar];
    const js = `r.${read}()`;
    switch (type.kind) {
      case 'STRING':
        if (gives === 'string') return js;
        if (gives === 'double') return `${this.#constant(formatDouble)}(${js})`;
        if (gives !== 'bytes') return `String(${js})`;
        break;
      case 'BYTES':
        if (gives === 'bytes') return js;
        break;
      case 'BOOLEAN':
        if (gives === 'boolean') return js;
        break;
      case 'INTEGER':
      case 'DATE':
      case 'TIME':
        if (gives === 'int32') return js;
        if (gives === 'long') return `${this.#constant(truncatedInteger)}(Number(${js}))`;
        break;
      case 'BIGINT':
      case 'TIMESTAMP':
        if (gives === 'int32' || gives === 'long') return js;
        break;
      case 'DOUBLE':
        if (gives === 'double') return js;
        if (gives === 'int32' || gives === 'long') return `Number(${js})`;
        break;
      default:
    }
    throw mismatch(column, scalar, type);
  }

  /** What a column is when the field does not come. */
  #initial(field: MessageField, type: SqlType): string {
    if (type.kind === 'MAP') return 'new Map()';
    if (field.isRepeated) return '[]';
    if (field.hasPresence) return 'null';
    if (field.type.kind === 'enum' && type.kind === 'STRING') {
      const { valuesById } = field.type.enum;
      return this.#constant(valuesById[0] ?? Object.values(valuesById)[0] ?? '');
    }
    switch (type.kind) {
      case 'STRING':
        return field.type.kind === 'scalar'
          ? this.#constant(DEFAULT_TEXTS[SCALARS[field.type.scalar].gives])
          : "''";
      case 'BYTES':
        return `${this.#constant(noBytes)}()`;
      case 'BOOLEAN':
        return 'false';
      default:
        return '0';
    }
  }

  #constant(value: unknown): string {
    const known = this.#constants.indexOf(value);
    return `k${known >= 0 ? known : this.#constants.push(value) - 1}`;
  }
}

type Gives = 'int32' | 'long' | 'double' | 'boolean' | 'string' | 'bytes';

/** The reader's method for each type, and what comes out of it. */
const SCALARS: Record<ScalarType, { readonly read: keyof WireReader; readonly gives: Gives }> = {
  double: { read: 'double', gives: 'double' },
  float: { read: 'float', gives: 'double' },
  int32: { read: 'int32', gives: 'int32' },
  sint32: { read: 'sint32', gives: 'int32' },
  sfixed32: { read: 'sfixed32', gives: 'int32' },
  uint32: { read: 'uint32', gives: 'long' },
  fixed32: { read: 'fixed32', gives: 'long' },
  int64: { read: 'int64', gives: 'long' },
  uint64: { read: 'int64', gives: 'long' },
  sint64: { read: 'sint64', gives: 'long' },
  fixed64: { read: 'sfixed64', gives: 'long' },
  sfixed64: { read: 'sfixed64', gives: 'long' },
  bool: { read: 'bool', gives: 'boolean' },
  string: { read: 'string', gives: 'string' },
  bytes: { read: 'bytes', gives: 'bytes' },
};

const DEFAULT_TEXTS: Record<Gives, string> = {
  int32: '0',
  long: '0',
  double: '0.0',
  boolean: 'false',
  string: '',
  bytes: '',
};

function noBytes(): Uint8Array {
  return Buffer.alloc(0);
}

/** A number without a name is named as Java's library names it. */
function enumReader(enumName: string, names: ReadonlyMap<number, string>): (value: number) => string {
  return (value) => names.get(value) ?? `UNKNOWN_ENUM_VALUE_${enumName}_${value}`;
}

export function tagOf({ number, type }: Pick<MessageField, 'number' | 'type'>): number {
  return (number * 8 + wireType(type)) >>> 0;
}

export function wireType(type: FieldType): number {
  if (type.kind === 'enum') return 0;
  if (type.kind === 'message') return type.isGroup ? 3 : 2;
  if (type.kind === 'entry') return 2;
  switch (type.scalar) {
    case 'double':
    case 'fixed64':
    case 'sfixed64':
      return 1;
    case 'string':
    case 'bytes':
      return 2;
    case 'float':
    case 'fixed32':
    case 'sfixed32':
      return 5;
    default:
      return 0;
  }
}

export function describe({ type, isRepeated }: MessageField): string {
  const name =
    type.kind === 'scalar'
      ? type.scalar
      : type.kind === 'message'
        ? messageName(type.message)
        : type.kind === 'enum'
          ? `enum ${type.enum.name}`
          : 'map';
  return isRepeated && type.kind !== 'entry' ? `repeated ${name}` : name;
}

export function mismatch(column: string, found: string, type: SqlType): SerdeError {
  return new SerdeError(`${column}: the Protobuf schema has ${found} where the column is ${type.kind}`);
}
