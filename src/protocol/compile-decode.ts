import { defaultValue } from './defaults.ts';
import {
  type FieldDefinition,
  hasField,
  isFlexible,
  isNullable,
  type MessageDefinition,
} from './definition.ts';
import type { Reader } from './reader.ts';

export type Decode = (reader: Reader) => unknown;

/**
 * Writes a decoder of one message version as JavaScript: one function per struct and per list, fields in wire
 * order. `new Function` is safe here because its only input is the generated table, whose names are checked
 * when it is generated.
 *
 *     function f1(r) { const a = r.int32(); const b = f0(r); return { topic: a, partitions: b, ... }; }
 */
export function compileDecode(message: MessageDefinition, version: number): Decode {
  const compiler = new DecodeCompiler(version, isFlexible(message, version));
  const root = compiler.struct(message.fields);
  return new Function('k', `'use strict';\n${compiler.source()}\nreturn ${root};`)(
    compiler.constants,
  ) as Decode;
}

class DecodeCompiler {
  readonly #version: number;
  readonly #flexible: boolean;
  readonly #functions: string[] = [];
  /** Values of absent fields, as `k[i]` in the source. */
  readonly constants: unknown[] = [];

  constructor(version: number, flexible: boolean) {
    this.#version = version;
    this.#flexible = flexible;
  }

  source(): string {
    return this.#functions.join('\n');
  }

  #define(body: string): string {
    const name = `f${this.#functions.length}`;
    this.#functions.push(`function ${name}(r) {\n${body}}`);
    return name;
  }

  /** Returns the name of a function that reads the struct. */
  struct(fields: readonly FieldDefinition[]): string {
    const present = fields.filter((field) => hasField(field, this.#version));
    const untagged = present.filter((field) => field.tag === undefined);
    const variable = new Map(present.map((field, index) => [field, `v${index}`]));
    const lines = untagged.map((field) => `  const ${variable.get(field)} = ${this.#value(field)};\n`);
    if (this.#flexible) lines.push(this.#tagged(present, variable));
    const entries = fields.map((field) => `${field.name}: ${variable.get(field) ?? this.#absent(field)}`);
    return this.#define(`${lines.join('')}  return { ${entries.join(', ')} };\n`);
  }

  /** KIP-482: count, then (tag, size, value) each; unknown tags are skipped. */
  #tagged(present: readonly FieldDefinition[], variable: ReadonlyMap<FieldDefinition, string>): string {
    const known = present.filter((field) => field.tag !== undefined);
    const declare = known.map((field) => `  let ${variable.get(field)} = ${this.#absent(field)};\n`);
    const cases = known.map(
      (field) =>
        `      case ${field.tag}: ${variable.get(field)} = ${this.#value(field)}; r.endTagged(end); break;\n`,
    );
    return `${declare.join('')}  for (let n = r.uvarint(); n > 0 && !r.failed; n--) {
    const tag = r.uvarint(), size = r.uvarint(), end = r.position + size;
    switch (tag) {
${cases.join('')}      default: r.skip(size);
    }
  }
`;
  }

  #absent(field: FieldDefinition): string {
    const value = defaultValue(field);
    if (typeof value !== 'object' || value === null) return JSON.stringify(value);
    this.constants.push(value);
    return `k[${this.constants.length - 1}]`;
  }

  /** An expression that reads one field. */
  #value(field: FieldDefinition): string {
    const nullable = isNullable(field, this.#version);
    if (field.array) return `${this.#list(field, nullable)}(r)`;
    return this.#single(field, nullable);
  }

  #single(field: FieldDefinition, nullable: boolean): string {
    switch (field.type) {
      case 'string': {
        const length = this.#flexible && !field.neverCompact ? 'r.compactLength()' : 'r.length16()';
        return `r.${nullable ? 'nullableText' : 'text'}(${length})`;
      }
      case 'bytes':
      case 'records':
        return `r.${nullable ? 'nullableBytes' : 'bytes'}(${this.#length()})`;
      case 'struct': {
        const read = `${this.struct(field.fields ?? [])}(r)`;
        return nullable ? `(r.isPresent() ? ${read} : null)` : read;
      }
      default:
        return `r.${field.type}()`;
    }
  }

  #length(): string {
    return this.#flexible ? 'r.compactLength()' : 'r.length32()';
  }

  #list(field: FieldDefinition, nullable: boolean): string {
    const element = this.#single(field, false);
    const least = Math.max(1, leastBytes(field, this.#version, this.#flexible));
    return this.#define(`  const length = ${this.#length()};
${nullable ? '  if (length === -1 && !r.failed) return null;\n' : ''}  const list = [];
  for (let n = r.count(length, ${least}); n > 0 && !r.failed; n--) list.push(${element});
  return list;
`);
  }
}

const FIXED_BYTES: Partial<Record<FieldDefinition['type'], number>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  int64: 8,
  float64: 8,
  uuid: 16,
};

/** The fewest bytes one element can take: bounds how many of them a list may claim to have. */
function leastBytes(field: FieldDefinition, version: number, flexible: boolean): number {
  const fixed = FIXED_BYTES[field.type];
  if (fixed !== undefined) return fixed;
  if (field.type === 'string') return flexible ? 1 : 2;
  if (field.type !== 'struct') return flexible ? 1 : 4;
  const fields = (field.fields ?? []).filter((each) => hasField(each, version) && each.tag === undefined);
  const bytes = fields.map((each) => {
    if (each.array) return flexible ? 1 : 4;
    return isNullable(each, version) && each.type === 'struct' ? 1 : leastBytes(each, version, flexible);
  });
  return bytes.reduce((sum, each) => sum + each, flexible ? 1 : 0);
}
