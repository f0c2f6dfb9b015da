import type { Column } from '../../data/schema.ts';
import type { SqlType } from '../../data/types.ts';
import { SerdeError, type Write } from '../format.ts';
import type { FieldCode } from '../json-writer.ts';
import { unionFieldName } from './avro-columns.ts';
import { defaultBytes } from './avro-default.ts';
import { writeInt, writeSlice } from './avro-output.ts';
import { type ScalarWriter, scalarWriter } from './avro-scalar-writers.ts';
import { type AvroField, type AvroRecord, type AvroType, isMapEntry, STRING } from './avro-type.ts';

type StructType = SqlType & { readonly kind: 'STRUCT' };

/** A value at hand: its name, its type, and the JavaScript that gives it. */
interface Given {
  readonly name: string;
  readonly type: SqlType;
  readonly js: string;
  /** Where a text stands in the bytes `b`, both null when it does not and `js` is the value. */
  readonly place?: FieldCode['place'];
}

/**
 * Compiles the writer of columns in one schema. A field that no column is for takes its default, or null where it may; a
 * column that has no field, and a type that does not fit, are errors of the schema; a NULL where the schema has neither
 * null nor a default is one of the row.
 */
export function avroWriter(schema: AvroType, columns: readonly Column[], wrapped: boolean): Write {
  const constants: unknown[] = [];
  const code = new WriteCode((value) => `k${constants.push(value) - 1}`);
  const given = columns.map(({ name, type }, index) => ({ name, type, js: `row[from + ${index}]` }));
  const [only] = given;
  const body =
    wrapped || only === undefined
      ? `${code.record(schema, given)}\nreturn true;`
      : `if (${only.js} === null) return false;\n${code.value(schema, only)}\nreturn true;`;
  const names = constants.map((_, index) => `k${index}`);
  const source = `'use strict'; return function write(row, from, out) {\n${body}\n};`;
  return new Function(...names, source)(...constants) as Write;
}

/** JavaScript that writes a record of these columns to `out`. */
export function avroRecordCode(
  schema: AvroType,
  columns: readonly Column[],
  values: readonly FieldCode[],
  constant: (value: unknown) => string,
): string {
  const given = columns.map(({ name, type }, index): Given => {
    const { value, place } = values[index] as FieldCode;
    return { name, type, js: value, ...(place && { place }) };
  });
  return new WriteCode(constant).record(schema, given);
}

/** JavaScript that writes to `out`; names and whatever else a user wrote are bound as constants. */
class WriteCode {
  readonly #constant: (value: unknown) => string;
  #locals = 0;

  constructor(constant: (value: unknown) => string) {
    this.#constant = constant;
  }

  /** The columns as fields of the schema's record. */
  record(schema: AvroType, given: readonly Given[]): string {
    if (schema.kind === 'record') return this.#fields(schema, given);
    const branches = schema.kind === 'union' ? schema.branches : [];
    const index = branches.findIndex(({ kind }) => kind === 'record');
    const record = branches[index];
    if (record?.kind !== 'record')
      throw new SerdeError(`columns are fields of an Avro record, and the schema is ${schema.kind}`);
    return `out.byte(${index * 2});\n${this.#fields(record, given)}`;
  }

  /** Statements that write a value; null where the schema has a null, else as the default that there may be. */
  value(type: AvroType, given: Given, ifNull?: Uint8Array): string {
    const local = `x${this.#locals++}`;
    const fitting = this.#nullable(type, { ...given, js: local }, ifNull);
    return `{ const ${local} = ${given.js}; ${fitting} }`;
  }

  #fields(record: AvroRecord, given: readonly Given[]): string {
    const left = new Set(given);
    const lines = record.fields.map((field) => {
      const value = valueFor(field, given);
      if (value === undefined) return this.#default(field);
      left.delete(value);
      return this.#placed(field, value);
    });
    for (const { name } of left)
      throw new SerdeError(`column ${name} has no field in the Avro record ${record.fullName}`);
    return lines.join('\n');
  }

  /** A text is copied from where it stands. */
  #placed({ type, ...field }: AvroField, given: Given): string {
    const { place } = given;
    const value = this.value(type, given, defaultBytes({ ...field, type }));
    if (place === undefined) return value;
    const branches = type.kind === 'union' ? type.branches : [type];
    const index = branches.findIndex(({ kind }) => kind !== 'null');
    if (branches[index]?.kind !== 'string')
      throw new SerdeError(`${given.name}: a text cannot be copied into an Avro ${branches[index]?.kind}`);
    const branch = type.kind === 'union' ? `out.byte(${index * 2}); ` : '';
    return `if (${place.start} !== null) { ${branch}${this.#constant(writeSlice)}(b, ${place.start}, ${place.end}, out); }
else ${value}`;
  }

  /** What no column is for. */
  #default(field: AvroField): string {
    const bytes = defaultBytes(field);
    if (bytes === undefined)
      return `throw ${this.#constant(
        new SerdeError(`the Avro field ${field.name} has no default, and no column is for it`),
      )};`;
    return bytes.length === 0 ? '' : `out.raw(${this.#constant(bytes)});`;
  }

  #nullable(type: AvroType, given: Given, ifNull: Uint8Array | undefined): string {
    const { js } = given;
    if (type.kind === 'null') return '';
    const nullIndex = type.kind === 'union' ? type.branches.findIndex(({ kind }) => kind === 'null') : -1;
    const onNull = nullIndex < 0 ? this.#instead(given, ifNull) : `out.byte(${nullIndex * 2});`;
    const write = type.kind === 'union' ? this.#union(type.branches, given) : this.#present(type, given);
    return `if (${js} === null) { ${onNull} } else { ${write} }`;
  }

  /** Of a null where the schema has none. */
  #instead({ name }: Given, ifNull: Uint8Array | undefined): string {
    if (ifNull !== undefined) return `out.raw(${this.#constant(ifNull)});`;
    return `throw ${this.#constant(new SerdeError(`${name} is NULL, and its Avro schema has no null`))};`;
  }

  #union(branches: readonly AvroType[], given: Given): string {
    const others = branches.filter(({ kind }) => kind !== 'null');
    if (others.length > 1 && given.type.kind === 'STRUCT')
      return this.#unionFields(branches, given.type, given);
    let reason: SerdeError | undefined;
    for (const [index, branch] of branches.entries()) {
      if (branch.kind === 'null') continue;
      try {
        return `out.byte(${index * 2}); ${this.#present(branch, given)}`;
      } catch (error) {
        if (!(error instanceof SerdeError)) throw error;
        reason ??= error;
      }
    }
    throw reason ?? new SerdeError(`${given.name}: an Avro union of null alone holds no value`);
  }

  /** A STRUCT with a field for each branch: the first that has a value is written. */
  #unionFields(branches: readonly AvroType[], { fields }: StructType, given: Given): string {
    const cases = branches.flatMap((branch, index) => {
      const name = branch.kind === 'null' ? '' : unionFieldName(branch).toUpperCase();
      const at = fields.findIndex((field) => field.name.toUpperCase() === name);
      const field = fields[at];
      if (field === undefined) return [];
      const value = { name: `${given.name}.${field.name}`, type: field.type, js: `${given.js}[${at}]` };
      return [`if (${value.js} !== null) { out.byte(${index * 2}); ${this.value(branch, value)} }`];
    });
    const nothing = new SerdeError(`${given.name} has no value for any branch of its Avro union`);
    return `${cases.join(' else ')} else throw ${this.#constant(nothing)};`;
  }

  #present(type: AvroType, given: Given): string {
    const { type: sql, js, name } = given;
    switch (type.kind) {
      case 'union':
        return this.#union(type.branches, given);
      case 'record':
        if (sql.kind !== 'STRUCT') break;
        return this.#fields(
          type,
          sql.fields.map((field, index) => ({ ...field, js: `${js}[${index}]` })),
        );
      case 'array':
        if (sql.kind === 'ARRAY') return this.#array(type.items, sql.element, given);
        if (sql.kind === 'MAP' && isMapEntry(type.items)) return this.#entries(type.items, sql, given);
        break;
      case 'map':
        if (sql.kind === 'MAP') return this.#map(type.values, sql, given);
        break;
      default: {
        const writer = scalarWriter(type, sql);
        if (writer !== undefined) return this.#scalar(writer, js);
      }
    }
    throw new SerdeError(`${name}: ${sql.kind} cannot be written as an Avro ${type.kind}`);
  }

  #scalar(writer: ScalarWriter, js: string): string {
    return `${this.#constant(writer)}(${js}, out);`;
  }

  #array(items: AvroType, element: SqlType, { js, name }: Given): string {
    const index = `i${this.#locals++}`;
    const item = { name: `${name}[]`, type: element, js: `${js}[${index}]` };
    return `if (${js}.length > 0) {
${this.#constant(writeInt)}(${js}.length, out);
for (let ${index} = 0; ${index} < ${js}.length; ${index}++) ${this.value(items, item)}
}
out.byte(0);`;
  }

  #entries(entry: AvroRecord, sql: SqlType & { readonly kind: 'MAP' }, { js, name }: Given): string {
    const [key, value] = entry.fields;
    return this.#each(js, (of) => [
      this.value(key!.type, { name: `${name} key`, type: sql.key, js: of.key }),
      this.value(value!.type, { name: `${name} value`, type: sql.value, js: of.value }),
    ]);
  }

  #map(values: AvroType, sql: SqlType & { readonly kind: 'MAP' }, { js, name }: Given): string {
    return this.#each(js, (of) => [
      this.value(STRING, { name: `${name} key`, type: sql.key, js: of.key }),
      this.value(values, { name: `${name} value`, type: sql.value, js: of.value }),
    ]);
  }

  #each(js: string, code: (of: { readonly key: string; readonly value: string }) => string[]): string {
    const [key, value] = [`y${this.#locals++}`, `y${this.#locals++}`];
    return `if (${js}.size > 0) {
${this.#constant(writeInt)}(${js}.size, out);
for (const [${key}, ${value}] of ${js}) { ${code({ key, value }).join(' ')} }
}
out.byte(0);`;
  }
}

function valueFor(field: AvroField, given: readonly Given[]): Given | undefined {
  const upper = field.name.toUpperCase();
  return (
    given.find(({ name }) => name === field.name) ?? given.find(({ name }) => name.toUpperCase() === upper)
  );
}
