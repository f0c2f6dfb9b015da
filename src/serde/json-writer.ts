import { Buffer } from 'node:buffer';
import { formatDecimal } from '../data/decimal.ts';
import { formatDouble } from '../data/java-double.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { NamedType } from './json-tree.ts';
import { isUnion } from './json-union.ts';

/** Appends one value's JSON. */
export type WriteJson = (value: SqlValue, out: ByteWriter) => void;

/** Appends an object whose fields are `row[from]`, `row[from + 1]` ... */
export type WriteObject = (row: readonly SqlValue[], from: number, out: ByteWriter) => void;

const NULL = Buffer.from('null');
const TRUE = Buffer.from('true');
const FALSE = Buffer.from('false');

/** JSON of one value of `type`, `null` for NULL. */
export function jsonWriter(type: SqlType): WriteJson {
  const write = nonNull(type);
  return (value, out) => {
    if (value === null) out.raw(NULL);
    else write(value, out);
  };
}

/** Statements for the commonest types, which then need no call through a variable. */
const INLINE: Partial<Record<SqlType['kind'], string>> = {
  INTEGER: 'out.int(value);',
  DATE: 'out.int(value);',
  TIME: 'out.int(value);',
  BIGINT: "if (typeof value === 'number') out.int(value); else out.text(String(value));",
  TIMESTAMP: "if (typeof value === 'number') out.int(value); else out.text(String(value));",
  STRING: 'out.jsonString(value);',
  BOOLEAN: 'out.raw(value ? TRUE : FALSE);',
};

/** The code of a field's value; of a text perhaps also where it stands in the bytes `b`, both null when it does not. */
export interface FieldCode {
  readonly value: string;
  readonly place?: { readonly start: string; readonly end: string };
}

/** Compiles the writer of an object. Names are bound as constants and never become code. */
export function objectWriter(fields: readonly NamedType[]): WriteObject {
  const constants: unknown[] = [];
  const code = objectCode(
    fields,
    fields.map((_, index) => ({ value: `row[from + ${index}]` })),
    (constant) => `k${constants.push(constant) - 1}`,
  );
  const source = `'use strict'; return function write(row, from, out) { ${code} };`;
  return new Function(...constants.map((_, index) => `k${index}`), source)(...constants) as WriteObject;
}

/** JavaScript that appends an object of these values to the writer `out`. `constant` binds a value to a name. */
export function objectCode(
  fields: readonly NamedType[],
  values: readonly FieldCode[],
  constant: (value: unknown) => string,
): string {
  const bound = { NULL: constant(NULL), TRUE: constant(TRUE), FALSE: constant(FALSE) };
  const members = fields.map(({ name, type }, index) => {
    const { value, place } = values[index] as FieldCode;
    const start = constant(Buffer.from(`${index === 0 ? '{' : ','}${JSON.stringify(name)}:`));
    const inline = INLINE[type.kind]?.replace(/TRUE|FALSE/g, (which) => bound[which as 'TRUE' | 'FALSE']);
    const write = `value = ${value};
if (value === null) out.raw(${bound.NULL}); else { ${inline ?? `${constant(nonNull(type))}(value, out);`} }`;
    if (place === undefined) return `out.raw(${start});\n${write}`;
    return `out.raw(${start});
if (${place.start} !== null) out.quoted(b, ${place.start}, ${place.end}); else { ${write} }`;
  });
  const open = fields.length === 0 ? 'out.byte(123);' : '';
  return `let value; ${open}\n${members.join('\n')}\nout.byte(125);`;
}

function nonNull(type: SqlType): WriteJson {
  switch (type.kind) {
    case 'STRING':
      return (value, out) => out.jsonString(value as string);
    case 'BOOLEAN':
      return (value, out) => out.raw(value ? TRUE : FALSE);
    case 'DOUBLE':
      // JSON has no such numbers; Jackson, and so ksqlDB, quotes them.
      return (value, out) => {
        const text = formatDouble(value as number);
        out.text(Number.isFinite(value) ? text : `"${text}"`);
      };
    case 'DECIMAL':
      return (value, out) => out.text(formatDecimal(value as bigint, type.scale));
    case 'BYTES':
      return (value, out) => out.text(`"${base64(value as Uint8Array)}"`);
    case 'ARRAY':
      return arrayWriter(jsonWriter(type.element));
    case 'MAP':
      return mapWriter(type.key, type.value);
    case 'STRUCT': {
      if (isUnion(type)) return unionWriter(type.fields);
      const write = objectWriter(type.fields);
      return (value, out) => write(value as readonly SqlValue[], 0, out);
    }
    default:
      return (value, out) => out.text(String(value));
  }
}

/** The one field that has a value, bare. */
function unionWriter(fields: readonly NamedType[]): WriteJson {
  const branches = fields.map(({ type }) => jsonWriter(type));
  return (value, out) => {
    const values = value as readonly SqlValue[];
    const chosen = values.findIndex((item) => item !== null);
    if (chosen < 0) out.raw(NULL);
    else (branches[chosen] as WriteJson)(values[chosen] as SqlValue, out);
  };
}

function arrayWriter(element: WriteJson): WriteJson {
  return (value, out) => {
    const items = value as readonly SqlValue[];
    out.byte(0x5b);
    for (let index = 0; index < items.length; index++) {
      if (index > 0) out.byte(0x2c);
      element(items[index] as SqlValue, out);
    }
    out.byte(0x5d);
  };
}

/** An object for STRING keys, else pairs as Kafka Connect's JSON writes them. */
function mapWriter(keyType: SqlType, valueType: SqlType): WriteJson {
  const item = jsonWriter(valueType);
  const name = jsonWriter(keyType);
  const isObject = keyType.kind === 'STRING';
  return (value, out) => {
    let isFirst = true;
    out.byte(isObject ? 0x7b : 0x5b);
    for (const [key, element] of value as ReadonlyMap<SqlValue, SqlValue>) {
      if (!isFirst) out.byte(0x2c);
      isFirst = false;
      if (isObject) {
        // JSON has no null as a name; ksqlDB writes the word.
        out.jsonString((key ?? 'null') as string);
        out.byte(0x3a);
        item(element, out);
      } else {
        out.byte(0x5b);
        name(key, out);
        out.byte(0x2c);
        item(element, out);
        out.byte(0x5d);
      }
    }
    out.byte(isObject ? 0x7d : 0x5d);
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
