import { Buffer } from 'node:buffer';
import type { Type } from 'protobufjs';
import { formatDouble } from '../../data/java-double.ts';
import type { SqlType } from '../../data/types.ts';
import { type Decode, SerdeError } from '../format.ts';
import type { ScanField } from '../json-scanner.ts';
import type { NamedType } from '../json-tree.ts';
import { truncatedInteger } from '../scalars.ts';
import { targetOfColumn } from './field-of-column.ts';
import { knownMessage } from './known-messages.ts';
import { type MessageField, messageFields, messageName, type ScalarType } from './message-fields.ts';
import { entryFields } from './sql-columns.ts';
import { WireReader } from './wire-reader.ts';
import { fieldText, mismatch, tagOf, wireType } from './wire-types.ts';

/** A column to be read: into a place that can be assigned to, or, for a struct of which parts are used, its own fields. */
export type Wanted = ScanField;

/** Compiles the reader of one message into an array of columns. */
export function compileDecoder(
  message: Type,
  columns: readonly NamedType[],
  used: readonly number[] = columns.map((_, index) => index),
): Decode {
  const reader = new WireReader();
  const wanted = used.map((index, n) => ({ ...(columns[index] as NamedType), into: `v${n}` }));
  return compiled(reader, (bind) => {
    const { declared, read } = new DecoderWriter(reader, bind).message(messageFields(message), wanted);
    return `function decode(b, s, e, t, at) {
r.start(b, s, e);
${declared}
${read}
${used.map((index, n) => `t[at + ${index}] = v${n};`).join(' ')}
return true;
}`;
  }) as Decode;
}

/**
 * JavaScript that reads a message in place, from `p` up to the record's end `e` in the bytes `b`; see json-scanner.ts.
 * What does not fit is a SerdeError.
 */
export function messageScan(
  message: Type,
  wanted: readonly Wanted[],
  helper: (name: string, value: unknown) => string,
): string {
  const reader = new WireReader();
  const name = helper('reader', reader);
  const writer = new DecoderWriter(reader, (value) => helper('value', value));
  const { assigned, read } = writer.message(messageFields(message), wanted);
  return `{
const r = ${name};
r.start(b, p, e);
${assigned}
${read}
p = e;
}`;
}

/** The source holds only field numbers, positions and names of constants: names in schemas never become code. */
function compiled(reader: WireReader, code: (bind: (value: unknown) => string) => string): unknown {
  const constants: unknown[] = [];
  const source = code((value) => `k${constants.push(value) - 1}`);
  const names = constants.map((_, index) => `k${index}`);
  return new Function('r', ...names, `'use strict'; return ${source};`)(reader, ...constants);
}

/**
 * Writes the code that reads messages, straight from the bytes: one `switch` over the tags of the wanted fields,
 * everything else is passed over.
 *
 *   tag --+--> wanted ------> read as the column's type --> its place --+
 *         +--> not wanted --> skip                                      +--> all places, when the message ends
 *               nothing came: the type's default, or NULL where that differs -+
 */
class DecoderWriter {
  readonly #reader: WireReader;
  readonly #bind: (value: unknown) => string;
  readonly #bound = new Map<unknown, string>();

  constructor(reader: WireReader, bind: (value: unknown) => string) {
    this.#reader = reader;
    this.#bind = bind;
  }

  /** `declared`, `assigned`: the places as they are when nothing comes, as new variables or old ones. */
  message(
    fields: readonly MessageField[],
    wanted: readonly Wanted[],
  ): { readonly declared: string; readonly assigned: string; readonly read: string } {
    const { places, cases } = this.#fields(fields, wanted);
    return {
      declared: places.map(({ into, initial }) => `let ${into} = ${initial};`).join(' '),
      assigned: places.map(({ into, initial }) => `${into} = ${initial};`).join(' '),
      read: loop(cases),
    };
  }

  /**
   * The name of a function that reads a message as a row of `columns`. What comes again is merged with the row before,
   * as the specification asks for. `stop`: the tag at which a group ends, 0 for other messages, whose length comes first.
   */
  #row(fields: readonly MessageField[], columns: readonly NamedType[]): string {
    const wanted = columns.map((column, index) => ({ ...column, into: `v${index}` }));
    const read = compiled(this.#reader, (bind) => {
      const { places, cases } = new DecoderWriter(this.#reader, bind).#fields(fields, wanted);
      const start = places.map(
        ({ into, initial }, index) => `let ${into} = row === null ? ${initial} : row[${index}];`,
      );
      return `function read(row, stop) {
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
return [${places.map(({ into }) => into).join(', ')}];
}`;
    });
    return this.#constant(read);
  }

  #fields(
    fields: readonly MessageField[],
    wanted: readonly Wanted[],
  ): { readonly places: readonly Place[]; readonly cases: string } {
    const places: Place[] = [];
    const cases: string[] = [];
    const taken = new Set<number>();
    for (const column of wanted) {
      const target = targetOfColumn(column, fields);
      if (typeof column.into !== 'string') {
        places.push(...column.into.flatMap(allPlaces));
        if (target?.kind === 'field') cases.push(this.#parts(target.field, column, column.into));
        else if (target !== undefined) cases.push(...this.#oneofParts(target.members, column.into, taken));
        continue;
      }
      const { into } = column;
      if (column.place) places.push({ into: column.place.start, initial: 'null' });
      if (target === undefined) places.push({ into, initial: 'null' });
      else if (target.kind === 'oneof') {
        places.push({ into, initial: 'null' });
        cases.push(...this.#oneof(target.members, column, into, taken));
      } else {
        places.push({ into, initial: this.#initial(target.field, column.type) });
        if (taken.has(target.field.number))
          throw new SerdeError(`two columns are the field ${target.field.name}`);
        taken.add(target.field.number);
        cases.push(this.#field(target.field, column, into));
      }
    }
    return { places, cases: cases.join('\n') };
  }

  /** Of a struct of which only fields are wanted: they are read to their places, and NULL when it does not come. */
  #parts(field: MessageField, { name, type }: Wanted, parts: readonly Wanted[]): string {
    if (field.type.kind !== 'message' || field.isRepeated || field.type.isGroup)
      throw mismatch(name, fieldText(field), type);
    const { places, cases } = this.#fields(messageFields(field.type.message), parts);
    const start = places
      .filter(({ initial }) => initial !== 'null')
      .map(({ into, initial }) => `if (${into} === null) ${into} = ${initial};`);
    return `case ${tagOf(field)}: {
const outer = r.enter();
${start.join(' ')}
${loop(cases)}
r.leave(outer);
break;
}`;
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

  /** Of a oneof as a struct of which only fields are wanted: the member that came last is not NULL. */
  #oneofParts(members: readonly MessageField[], parts: readonly Wanted[], taken: Set<number>): string[] {
    const clear = parts
      .flatMap(allPlaces)
      .map(({ into }) => `${into} = null;`)
      .join(' ');
    return parts.flatMap((part) => {
      const target = targetOfColumn(part, members);
      if (target?.kind !== 'field' || taken.has(target.field.number)) return [];
      const { field } = target;
      taken.add(field.number);
      const { into } = part;
      const read = typeof into === 'string' ? this.#field(field, part, into) : this.#parts(field, part, into);
      return read.replace(/^case \d+:/, (label) => `${label} ${clear}`);
    });
  }

  #field(field: MessageField, column: Wanted, local: string): string {
    const { name, type, place } = column;
    if (place && field.type.kind === 'scalar' && field.type.scalar === 'string' && !field.isRepeated)
      return `case ${tagOf(field)}: ${local} = r.plainText(); if (${local} === null) { ${place.start} = r.textStart; ${place.end} = r.at; } else ${place.start} = null; break;`;
    const entry = type.kind === 'MAP' ? entryFields(field) : undefined;
    if (type.kind === 'MAP') {
      if (entry === undefined) throw mismatch(name, fieldText(field), type);
      return this.#map(field, entry, type, local);
    }
    if (field.isRepeated !== (type.kind === 'ARRAY')) throw mismatch(name, fieldText(field), type);
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
    const read = this.#row(entry, [
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
        const read = this.#row(messageFields(wire.message), columns);
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
    const known = this.#bound.get(value);
    if (known !== undefined) return known;
    const name = this.#bind(value);
    this.#bound.set(value, name);
    return name;
  }
}

/** Up to the end of a message. */
function loop(cases: string): string {
  return `while (r.at < r.end) {
const tag = r.uint32();
switch (tag) {
${cases}
default: r.skip(tag);
}
}`;
}

interface Place {
  readonly into: string;
  readonly initial: string;
}

/** All NULL: what a struct that does not come makes of the places inside of it. */
function allPlaces({ into, place }: Wanted): Place[] {
  if (typeof into !== 'string') return into.flatMap(allPlaces);
  return [into, ...(place ? [place.start] : [])].map((name) => ({ into: name, initial: 'null' }));
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
