import { defaultValue } from './defaults.ts';
import {
  type FieldDefinition,
  hasField,
  isFlexible,
  isNullable,
  type MessageDefinition,
} from './definition.ts';
import type { Writer } from './writer.ts';

export type Encode = (writer: Writer, message: unknown) => void;

/**
 * Writes an encoder of one message version as JavaScript, the mirror of `compileDecode`. A property that is
 * undefined takes the field's default; a property the version does not have is left out.
 *
 *     function f1(w, m) { const v0 = m.topic === undefined ? "" : m.topic; w.string(v0); ... }
 */
export function compileEncode(name: string, message: MessageDefinition, version: number): Encode {
  const compiler = new EncodeCompiler(version, isFlexible(message, version));
  const root = compiler.struct(message.fields, name);
  const build = new Function('k', 'required', `'use strict';\n${compiler.source()}\nreturn ${root};`);
  return build(compiler.constants, required) as Encode;
}

function required<T>(value: T | null, path: string): T {
  if (value === null) throw new TypeError(`${path} may not be null in this version`);
  return value;
}

class EncodeCompiler {
  readonly #version: number;
  readonly #flexible: boolean;
  readonly #functions: string[] = [];
  readonly constants: unknown[] = [];

  constructor(version: number, flexible: boolean) {
    this.#version = version;
    this.#flexible = flexible;
  }

  source(): string {
    return this.#functions.join('\n');
  }

  #define(parameters: string, body: string): string {
    const name = `f${this.#functions.length}`;
    this.#functions.push(`function ${name}(${parameters}) {\n${body}}`);
    return name;
  }

  struct(fields: readonly FieldDefinition[], path: string): string {
    const present = fields.filter((field) => hasField(field, this.#version));
    const lines = present.map((field, index) => {
      const value = `  const v${index} = m.${field.name} === undefined ? ${this.#default(field)} : m.${field.name};\n`;
      return field.tag === undefined ? `${value}  ${this.#value(field, `v${index}`, path)}\n` : value;
    });
    if (this.#flexible) lines.push(this.#tagged(present, path));
    return this.#define('w, m', lines.join(''));
  }

  /** KIP-482: tagged fields in order of their tags, those with their default value left out. */
  #tagged(present: readonly FieldDefinition[], path: string): string {
    const known = present
      .map((field, index) => ({ field, value: `v${index}` }))
      .filter(({ field }) => field.tag !== undefined)
      .sort((a, b) => (a.field.tag as number) - (b.field.tag as number));
    if (known.length === 0) return '  w.uvarint(0);\n';
    const counts = known.map(({ field, value }) => `(${this.#isDefault(field, value)} ? 0 : 1)`);
    const writes = known.map(
      ({ field, value }) =>
        `  if (!(${this.#isDefault(field, value)})) w.tagged(${field.tag}, (w) => { ${this.#value(field, value, path)} });\n`,
    );
    return `  w.uvarint(${counts.join(' + ')});\n${writes.join('')}`;
  }

  #default(field: FieldDefinition): string {
    const value = defaultValue(field);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    this.constants.push(value);
    return `k[${this.constants.length - 1}]`;
  }

  #isDefault(field: FieldDefinition, value: string): string {
    const fallback = defaultValue(field);
    if (fallback === null) return `${value} === null`;
    const given = isNullable(field, this.#version) ? `${value} !== null && ` : '';
    if (field.array || field.type === 'bytes') return `${given}${value}.length === 0`;
    if (field.type !== 'struct') return `${value} === ${JSON.stringify(fallback)}`;
    return `${given}${this.#hasOnlyDefaults(field.fields ?? [])}(${value})`;
  }

  #hasOnlyDefaults(fields: readonly FieldDefinition[]): string {
    const checks = fields
      .filter((field) => hasField(field, this.#version))
      .map((field) => `(m.${field.name} === undefined || ${this.#isDefault(field, `m.${field.name}`)})`);
    return this.#define('m', `  return ${checks.join(' && ') || 'true'};\n`);
  }

  /** A statement that writes `value`. */
  #value(field: FieldDefinition, value: string, path: string): string {
    const where = `${path}.${field.name}`;
    if (isNullable(field, this.#version))
      return `if (${value} === null) ${this.#null(field)} else { ${this.#present(field, value, where)} }`;
    // Only a field that is nullable in another version can get a null past the type checker.
    const safe = field.nullableSince === undefined ? value : `required(${value}, '${where}')`;
    return this.#present(field, safe, where);
  }

  #null(field: FieldDefinition): string {
    if (field.array) return this.#length('-1');
    if (field.type === 'struct') return 'w.int8(-1);';
    if (field.type === 'string')
      return this.#flexible && !field.neverCompact ? 'w.uvarint(0);' : 'w.length16(-1);';
    return this.#length('-1');
  }

  #length(length: string): string {
    return this.#flexible ? `w.compactLength(${length});` : `w.length32(${length});`;
  }

  #present(field: FieldDefinition, value: string, path: string): string {
    if (field.array) return `${this.#list(field, path)}(w, ${value});`;
    const mark = field.type === 'struct' && isNullable(field, this.#version) ? 'w.int8(1); ' : '';
    return `${mark}${this.#single(field, value, path)}`;
  }

  #single(field: FieldDefinition, value: string, path: string): string {
    switch (field.type) {
      case 'string':
        return `w.${this.#flexible && !field.neverCompact ? 'compactString' : 'string'}(${value});`;
      case 'bytes':
      case 'records':
        return `{ const b = ${value}; ${this.#length('b.length')} w.${field.type}(b); }`;
      case 'struct':
        return `${this.struct(field.fields ?? [], path)}(w, ${value});`;
      default:
        return `w.${field.type}(${value});`;
    }
  }

  #list(field: FieldDefinition, path: string): string {
    return this.#define(
      'w, list',
      `  ${this.#length('list.length')}\n  for (const v of list) { ${this.#single(field, 'v', path)} }\n`,
    );
  }
}
