import type { Buffer } from 'node:buffer';
import type { SqlType, SqlValue } from '../data/types.ts';
import {
  scanBoolean,
  scanDouble,
  scanInteger,
  scanName,
  scanned,
  scanString,
  skipSpace,
  skipValue,
} from './json-scan.ts';
import type { NamedType } from './json-tree.ts';
import { isUnion } from './json-union.ts';

/** False: not read, the target is to be filled by the slow way. */
export type Scan = (bytes: Buffer, start: number, end: number, target: SqlValue[], at: number) => boolean;

/** A field to be read: into a place that can be assigned to, or, for a struct of which parts are used, its own fields. */
export interface ScanField extends NamedType {
  readonly into: string | readonly ScanField[];
  /** Of a text that is not needed as one: where it stands goes here, if it is plain ASCII, and only else a text into `into`. */
  readonly place?: { readonly start: string; readonly end: string };
}

/** Fields seen are bits of one number. */
const MOST_FIELDS = 31;

const HELPERS = {
  scanBoolean,
  scanDouble,
  scanInteger,
  scanName,
  scanned,
  scanString,
  skipSpace,
  skipValue,
} as const;

/**
 * Compiles a reader of one schema's objects into an array of columns. Undefined when a type or the number of fields is
 * beyond it.
 */
export function compileScanner(fields: readonly NamedType[], used: readonly number[]): Scan | undefined {
  const wanted = used.map((index) => ({ ...(fields[index] as NamedType), into: `t[at + ${index}]` }));
  const code = scanCode(wanted, (name) => name);
  if (code === undefined) return undefined;
  const source = `'use strict'; return function scan(b, s, e, t, at) {
  let p = s;
${code}
  return p === e;
};`;
  // The source holds only positions and character codes; names never become code.
  return new Function(...Object.keys(HELPERS), source)(...Object.values(HELPERS)) as Scan;
}

/**
 * JavaScript that reads one JSON object from the bytes `b`, from `p` up to the record's end `e`. It takes the wanted
 * fields straight from the bytes and makes nothing of the others: several times the speed of JSON.parse.
 *
 *   object --name--> wanted? --+--yes--> reader of its type -+-> next name ... `}`, spaces: `p` is `e`
 *                              +--no---> skip ---------------+
 *   anything unusual on the way: `p` is something else, and JSON.parse decides
 *
 * `helper` gives the name under which a function of json-scan.ts can be called. Undefined when a type or the number of
 * fields is beyond it.
 */
export function scanCode(
  fields: readonly ScanField[],
  helper: (name: keyof typeof HELPERS, value: unknown) => string,
): string | undefined {
  if (!canScan(fields)) return undefined;
  const writer = new ScanWriter((name) => helper(name, HELPERS[name]));
  return writer.root(fields);
}

function canScan(fields: readonly ScanField[]): boolean {
  return (
    fields.length <= MOST_FIELDS &&
    fields.every(({ type, into }) => (typeof into === 'string' ? canScanType(type) : canScan(into)))
  );
}

function canScanType(type: SqlType): boolean {
  if (type.kind === 'STRUCT')
    return (
      type.fields.length > 0 &&
      !isUnion(type) &&
      type.fields.length <= MOST_FIELDS &&
      type.fields.every((field) => canScanType(field.type))
    );
  return type.kind in SCALARS;
}

const SCALARS: Partial<Record<SqlType['kind'], 'text' | 'int32' | 'integer' | 'number' | 'boolean'>> = {
  STRING: 'text',
  INTEGER: 'int32',
  DATE: 'int32',
  TIME: 'int32',
  BIGINT: 'integer',
  TIMESTAMP: 'integer',
  DOUBLE: 'number',
  BOOLEAN: 'boolean',
};

/** Writes the code; every nested object gets names of its own. */
class ScanWriter {
  readonly #helper: (name: keyof typeof HELPERS) => string;
  #objects = 0;

  constructor(helper: (name: keyof typeof HELPERS) => string) {
    this.#helper = helper;
  }

  root(fields: readonly ScanField[]): string {
    return `scan: {
let d = 0, f = 0;
${this.#space()}
if (b[p] !== 123) ${FAIL}
${this.#object(fields)}
${this.#space()}
}`;
  }

  /** Reads from the `{` at `p` to after its `}`. */
  #object(fields: readonly ScanField[]): string {
    const seen = `seen${this.#objects++}`;
    const branches = fields.flatMap((field, bit) =>
      isAscii(field.name) ? [this.#branch(field, bit, seen)] : [],
    );
    const otherwise = `{
p = ${this.#helper('scanName')}(b, p + 1, e) + 1;
if (p === 0) ${FAIL}
${this.#colon()}
p = ${this.#helper('skipValue')}(b, p, e);
}`;
    return `${fields.map((field) => this.#clear(field)).join(' ')}
let ${seen} = 0;
p++;
${this.#space()}
if (b[p] === 125) p++;
else for (;;) {
if (b[p] !== 34) ${FAIL}
${[...branches, otherwise].join('\nelse ')}
if (p < 0 || p > e) ${FAIL}
${this.#space()}
if (b[p] === 125) { p++; break; }
if (b[p] !== 44) ${FAIL}
p++;
${this.#space()}
}`;
  }

  #clear({ into, place }: ScanField): string {
    if (typeof into !== 'string') return into.map((field) => this.#clear(field)).join(' ');
    return place ? `${into} = null; ${place.start} = null;` : `${into} = null;`;
  }

  /** A second field that answers to the name (another case, a duplicate) needs JSON.parse's rules. */
  #branch({ name, type, into, place }: ScanField, bit: number, seen: string): string {
    return `if (${nameTest(name)}) {
if (${seen} & ${1 << bit}) ${FAIL}
${seen} |= ${1 << bit};
p += ${name.length + 2};
${this.#colon()}
${typeof into !== 'string' ? this.#nested(into) : place ? this.#place(into, place) : this.#value(type, into)}
}`;
  }

  #value(type: SqlType, into: string): string {
    switch (SCALARS[type.kind]) {
      case 'text':
        return `p = ${this.#helper('scanString')}(b, p, e); ${into} = ${this.#helper('scanned')}.text;`;
      case 'number':
        return `p = ${this.#helper('scanDouble')}(b, p); ${into} = ${this.#helper('scanned')}.number;`;
      case 'boolean':
        return `p = ${this.#helper('scanBoolean')}(b, p); ${into} = ${this.#helper('scanned')}.boolean;`;
      case 'int32':
        return `${this.#integer(into)}
if (${into} !== null && ${into} !== (${into} | 0)) ${FAIL}`;
      case 'integer':
        return this.#integer(into);
      default:
        return this.#wholeStruct(type, into);
    }
  }

  #place(into: string, { start, end }: NonNullable<ScanField['place']>): string {
    return `f = p + 1;
p = b[p] === 34 ? ${this.#helper('scanName')}(b, f, e) : -1;
if (p >= 0) { ${start} = f; ${end} = p++; }
else { ${this.#value({ kind: 'STRING' }, into).replace('(b, p, e)', '(b, f - 1, e)')} }`;
  }

  /** Digits in place, the commonest case; whatever else begins a number is the helper's. */
  #integer(into: string): string {
    return `d = b[p];
if (d >= 49 && d <= 57) {
f = p; let v = d - 48;
while ((d = b[++p]) >= 48 && d <= 57) v = v * 10 + (d - 48);
if (p - f > 15 || d === 46 || d === 101 || d === 69) ${FAIL}
${into} = v;
} else { p = ${this.#helper('scanInteger')}(b, p); ${into} = ${this.#helper('scanned')}.number; if (p < 0) ${FAIL} }`;
  }

  #wholeStruct(type: SqlType, into: string): string {
    if (type.kind !== 'STRUCT') throw new Error(`no scanner reads ${type.kind}`);
    const struct = `struct${this.#objects}`;
    const fields = type.fields.map((field, index) => ({ ...field, into: `${struct}[${index}]` }));
    return `{
const ${struct} = [${fields.map(() => 'null').join(', ')}];
if (b[p] !== 123) ${FAIL}
${this.#object(fields)}
${into} = ${struct};
}`;
  }

  /** Of a struct that is null, JSON.parse's way makes the fields null. */
  #nested(fields: readonly ScanField[]): string {
    return `{
if (b[p] !== 123) ${FAIL}
${this.#object(fields)}
}`;
  }

  #colon(): string {
    return `if (b[p] !== 58) { p = ${this.#helper('skipSpace')}(b, p); if (b[p] !== 58) ${FAIL} }
p++;
${this.#space()}`;
  }

  #space(): string {
    return `if (b[p] <= 32) p = ${this.#helper('skipSpace')}(b, p);`;
  }
}

const FAIL = '{ p = -1; break scan; }';

/**
 * Whether the quoted name at `p` is this one. Upper-case column names match any case (see json-tree.ts); others match
 * exactly.
 */
function nameTest(name: string): string {
  const anyCase = name === name.toUpperCase();
  const tests = Array.from(name, (character, index) => {
    const code = character.charCodeAt(0);
    return anyCase && /[A-Z]/.test(character)
      ? `(b[p + ${index + 1}] | 32) === ${code | 32}`
      : `b[p + ${index + 1}] === ${code}`;
  });
  return [...tests, `b[p + ${name.length + 1}] === 34`].join(' && ');
}

/** What JSON writes with escapes is left to JSON.parse. */
function isAscii(text: string): boolean {
  return /^[ !#-[\]-~]*$/.test(text);
}
