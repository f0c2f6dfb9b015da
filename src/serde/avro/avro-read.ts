import type { Buffer } from 'node:buffer';
import type { Column } from '../../data/schema.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import { type Decode, SerdeError } from '../format.ts';
import { unionFieldName } from './avro-columns.ts';
import { AvroCursor } from './avro-cursor.ts';
import { scalarCode } from './avro-scalars.ts';
import { SkipCode } from './avro-skip.ts';
import { type AvroRecord, type AvroType, fieldNamed, isMapEntry, STRING } from './avro-type.ts';

/** False: the whole is null. */
type Read = (cursor: AvroCursor, target: SqlValue[], at: number) => boolean;

type StructType = SqlType & { readonly kind: 'STRUCT' };

/** A field that is wanted, and the place its value goes to; of a record perhaps some fields only, each with its own. */
interface Wanted {
  readonly name: string;
  readonly type: SqlType;
  readonly into: string | readonly Wanted[];
}

/**
 * Compiles the reader of records written with one schema. Columns are found by name; what the schema does not have stays
 * null, what no column wants is passed over, and behind the last wanted field nothing is read. `wrapped`: the columns are
 * fields of a record, else the one column is the whole.
 */
export function avroDecoder(
  schema: AvroType,
  columns: readonly Column[],
  used: readonly number[],
  wrapped: boolean,
): Decode {
  const constants: unknown[] = [];
  const code = new ReadCode((value) => `k${constants.push(value) - 1}`);
  const wanted = used.map((index) => {
    const { name, type } = columns[index] as Column;
    return { name, type, into: `target[at + ${index}]` };
  });
  const body = wrapped ? code.row(schema, wanted) : code.bare(schema, (columns[0] as Column).type);
  code.finish();
  const names = constants.map((_, index) => `k${index}`);
  const source = `'use strict'; return function read(c, target, at) {\n${body}\n};`;
  const read = new Function(...names, source)(...constants) as Read;
  const cursor = new AvroCursor();
  return (bytes: Buffer, start, end, target, at) => {
    cursor.reset(bytes, start, end);
    try {
      return read(cursor, target, at);
    } catch (error) {
      // A record that holds itself leads as deep as the bytes say.
      throw error instanceof RangeError ? new SerdeError('the Avro bytes are nested too deeply') : error;
    }
  };
}

/**
 * JavaScript that reads fields of a record from the AvroCursor `c` into places of their own. Throws SerdeError where only
 * the decoder can say what is wrong, or right.
 */
export function avroFieldsCode(
  schema: AvroType,
  fields: readonly Wanted[],
  constant: (value: unknown) => string,
): string {
  if (schema.kind !== 'record') throw new SerdeError('only a record has fields');
  const code = new ReadCode(constant);
  const body = code.fields(schema, fields);
  if (code.finish().isRecursive) throw new SerdeError('a record holds itself');
  return body;
}

/** JavaScript that reads; names never become part of it, and values it needs are bound as constants. */
class ReadCode {
  readonly #constant: (value: unknown) => string;
  readonly #skipFunctions = {};
  readonly #skip: SkipCode;
  #locals = 0;

  constructor(constant: (value: unknown) => string) {
    this.#constant = constant;
    this.#skip = new SkipCode(constant(this.#skipFunctions));
  }

  /** To be called when all code has been made. */
  finish(): SkipCode {
    Object.assign(this.#skipFunctions, this.#skip.functions());
    return this.#skip;
  }

  /** A record's fields; where it stands beside null in a union, null is no row. */
  row(schema: AvroType, wanted: readonly Wanted[]): string {
    if (schema.kind === 'record') return `${this.fields(schema, wanted)}\nreturn true;`;
    const record =
      schema.kind === 'union' ? schema.branches.find(({ kind }) => kind === 'record') : undefined;
    if (schema.kind !== 'union' || record?.kind !== 'record')
      throw new SerdeError(`columns are fields of an Avro record, and this was written as ${schema.kind}`);
    return `if (c.branch(${schema.branches.length}) !== ${schema.branches.indexOf(record)}) return false;
${this.fields(record, wanted)}
return true;`;
  }

  bare(schema: AvroType, type: SqlType): string {
    return `${this.#value(schema, type, 'target[at]')}\nreturn target[at] !== null;`;
  }

  /** Statements that read a value of `type` as `sql` into the place `into`. */
  #value(type: AvroType, sql: SqlType, into: string): string {
    switch (type.kind) {
      case 'null':
        return `${into} = null;`;
      case 'union':
        return this.#union(type.branches, sql, into);
      case 'array':
        if (sql.kind === 'ARRAY') return this.#array(type.items, sql.element, into);
        if (sql.kind === 'MAP' && isMapEntry(type.items)) {
          const [key, value] = type.items.fields;
          return this.#map(key!.type, value!.type, sql, into);
        }
        break;
      case 'map':
        if (sql.kind === 'MAP') return this.#map(STRING, type.values, sql, into);
        break;
      case 'record':
        if (sql.kind === 'STRUCT') return this.#struct(type, sql, into);
        break;
      default: {
        const code = scalarCode(type, sql, (value) => this.#constant(value));
        if (code !== undefined) return `${into} = ${code};`;
      }
    }
    throw new SerdeError(`an Avro ${type.kind} cannot be read as ${sql.kind}`);
  }

  fields(record: AvroRecord, wanted: readonly Wanted[]): string {
    const byField = new Map(wanted.map((column) => [fieldNamed(record, column.name), column]));
    const last = record.fields.findLastIndex((field) => byField.has(field));
    const lines = record.fields.slice(0, last + 1).map((field) => {
      const column = byField.get(field);
      return column
        ? within(column.name, () => this.#wanted(field.type, column))
        : this.#skip.code(field.type);
    });
    return lines.join('\n');
  }

  #wanted(type: AvroType, { type: sql, into }: Wanted): string {
    return typeof into === 'string' ? this.#value(type, sql, into) : this.#parts(type, into);
  }

  /** Some fields of a record, which stay null where the record is null. */
  #parts(type: AvroType, wanted: readonly Wanted[]): string {
    if (type.kind === 'record') return this.#whole(type, wanted);
    const branches = type.kind === 'union' ? type.branches : [];
    const [record, ...others] = branches.filter(({ kind }) => kind !== 'null');
    if (record?.kind !== 'record' || others.length > 0)
      throw new SerdeError(`an Avro ${type.kind} has no fields`);
    return `if (c.branch(${branches.length}) === ${branches.indexOf(record)}) {\n${this.#whole(record, wanted)}\n}`;
  }

  /** All of a record inside of another: what comes behind it is read too. */
  #whole(record: AvroRecord, wanted: readonly Wanted[]): string {
    const found = new Set(wanted.map(({ name }) => fieldNamed(record, name)));
    const last = record.fields.findLastIndex((field) => found.has(field));
    const rest = record.fields.slice(last + 1).map(({ type }) => this.#skip.code(type));
    return [this.fields(record, wanted), ...rest].join('\n');
  }

  #struct(record: AvroRecord, { fields }: StructType, into: string): string {
    const row = this.#local();
    const wanted = fields.map(({ name, type }, index) => ({ name, type, into: `${row}[${index}]` }));
    return `const ${row} = [${fields.map(() => 'null').join(', ')}];
${this.#whole(record, wanted)}
${into} = ${row};`;
  }

  #union(branches: readonly AvroType[], sql: SqlType, into: string): string {
    const isStruct = sql.kind === 'STRUCT' && branches.filter(({ kind }) => kind !== 'null').length > 1;
    const cases = branches.map((branch, index) => {
      const read = isStruct ? this.#unionField(branch, sql, into) : this.#branch(branch, sql, into);
      return `case ${index}: { ${read} break; }`;
    });
    return `switch (c.branch(${branches.length})) {\n${cases.join('\n')}\n}`;
  }

  /** What cannot be read is an error of the records that have this branch, not of the others. */
  #branch(branch: AvroType, sql: SqlType, into: string): string {
    try {
      return this.#value(branch, sql, into);
    } catch (error) {
      if (!(error instanceof SerdeError)) throw error;
      return `throw ${this.#constant(error)};`;
    }
  }

  /** A union of several types is a STRUCT with a field for each; only the one that is there has a value. */
  #unionField(branch: AvroType, { fields }: StructType, into: string): string {
    if (branch.kind === 'null') return `${into} = null;`;
    const name = unionFieldName(branch).toUpperCase();
    const index = fields.findIndex((field) => field.name.toUpperCase() === name);
    if (index < 0) return `${this.#skip.code(branch)}\n${into} = null;`;
    const row = this.#local();
    return `const ${row} = [${fields.map(() => 'null').join(', ')}];
${this.#branch(branch, fields[index]!.type, `${row}[${index}]`)}
${into} = ${row};`;
  }

  #array(items: AvroType, element: SqlType, into: string): string {
    const [list, count, item] = [this.#local(), this.#local(), this.#local()];
    return `const ${list} = [];
for (let ${count} = c.block(); ${count} > 0; ${count} = c.block()) for (; ${count} > 0; ${count}--) {
let ${item};
${this.#value(items, element, item)}
${list}.push(${item});
}
${into} = ${list};`;
  }

  #map(key: AvroType, value: AvroType, sql: SqlType & { readonly kind: 'MAP' }, into: string): string {
    const [map, count, name, item] = [this.#local(), this.#local(), this.#local(), this.#local()];
    return `const ${map} = new Map();
for (let ${count} = c.block(); ${count} > 0; ${count} = c.block()) for (; ${count} > 0; ${count}--) {
let ${name}, ${item};
${this.#value(key, sql.key, name)}
${this.#value(value, sql.value, item)}
${map}.set(${name}, ${item});
}
${into} = ${map};`;
  }

  #local(): string {
    return `x${this.#locals++}`;
  }
}

function within(name: string, generate: () => string): string {
  try {
    return generate();
  } catch (error) {
    if (error instanceof SerdeError) throw new SerdeError(`${name}: ${error.message}`);
    throw error;
  }
}
