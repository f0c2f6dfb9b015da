import { protobufMisfit } from '../../data/protobuf-fit.ts';
import type { Column } from '../../data/schema.ts';
import type { SqlType } from '../../data/types.ts';
import { SerdeError } from '../format.ts';

/**
 * How a column that is NULL can be told from one that holds its type's default (0, false, ''). Plain proto3 cannot: a
 * NULL is left out and reads back as the default.
 *
 *   absent     int32 N = 1;                         NULL reads back as 0
 *   OPTIONAL   optional int32 N = 1;
 *   WRAPPER    google.protobuf.Int32Value N = 1;
 */
export type NullableAs = 'OPTIONAL' | 'WRAPPER' | undefined;

export interface TextOptions {
  readonly nullable?: NullableAs;
  /** Of the outermost message, with its package if it has one. */
  readonly fullName?: string;
}

/** The messages of other files that stand for SQL types, each with the file to import. */
const MESSAGES: Partial<Record<SqlType['kind'], { readonly type: string; readonly file: string }>> = {
  DECIMAL: { type: 'confluent.type.Decimal', file: 'confluent/type/decimal.proto' },
  DATE: { type: 'google.type.Date', file: 'google/type/date.proto' },
  TIME: { type: 'google.type.TimeOfDay', file: 'google/type/timeofday.proto' },
  TIMESTAMP: { type: 'google.protobuf.Timestamp', file: 'google/protobuf/timestamp.proto' },
};

const SCALARS: Partial<Record<SqlType['kind'], { readonly type: string; readonly wrapper: string }>> = {
  BOOLEAN: { type: 'bool', wrapper: 'BoolValue' },
  INTEGER: { type: 'int32', wrapper: 'Int32Value' },
  BIGINT: { type: 'int64', wrapper: 'Int64Value' },
  DOUBLE: { type: 'double', wrapper: 'DoubleValue' },
  STRING: { type: 'string', wrapper: 'StringValue' },
  BYTES: { type: 'bytes', wrapper: 'BytesValue' },
};

/**
 * The .proto file of these columns, the same as ksqlDB registers: columns are numbered from 1, structs and entries of
 * maps become nested messages ConnectDefault1, ConnectDefault2 ... numbered as they are met.
 */
export function schemaText(columns: readonly Column[], options: TextOptions = {}): string {
  for (const { name, type } of columns) {
    const misfit = protobufMisfit(name, type);
    if (misfit !== undefined) throw new SerdeError(`In Protocol Buffers ${misfit}`);
  }
  return new SchemaWriter(options.nullable).file(columns, options.fullName);
}

class SchemaWriter {
  readonly #nullable: NullableAs;
  readonly #imports = new Set<string>();
  #messages = 0;

  constructor(nullable: NullableAs) {
    this.#nullable = nullable;
  }

  file(columns: readonly Column[], fullName: string | undefined): string {
    const dot = fullName?.lastIndexOf('.') ?? -1;
    const name = fullName?.slice(dot + 1) ?? this.#nextName();
    const message = this.#message(name, columns, '');
    const parts = ['syntax = "proto3";\n'];
    if (fullName !== undefined && dot > 0) parts.push(`package ${fullName.slice(0, dot)};\n`);
    const imports = [...this.#imports].map((file) => `import "${file}";\n`);
    if (imports.length > 0) parts.push(imports.join(''));
    return [...parts, message].join('\n');
  }

  #message(name: string, fields: readonly Column[], indent: string): string {
    const nested: string[] = [];
    const lines = fields.map((field, index) => this.#field(field, index + 1, `${indent}  `, nested));
    const inner = nested.length > 0 ? `\n${nested.join('')}` : '';
    return `${indent}message ${name} {\n${lines.join('')}${inner}${indent}}\n`;
  }

  #field({ name, type }: Column, number: number, indent: string, nested: string[]): string {
    const element = type.kind === 'ARRAY' ? type.element : type;
    const isRepeated = type.kind === 'ARRAY' || type.kind === 'MAP';
    const label = isRepeated ? 'repeated ' : this.#nullable === 'OPTIONAL' ? 'optional ' : '';
    return `${indent}${label}${this.#type(element, indent, nested)} ${name} = ${number}${this.#meta(element, indent)};\n`;
  }

  /** Nested messages go to `nested`. */
  #type(type: SqlType, indent: string, nested: string[]): string {
    if (type.kind === 'STRUCT') {
      const name = this.#nextName();
      nested.push(this.#message(name, type.fields, indent));
      return name;
    }
    if (type.kind === 'MAP') {
      const name = `${this.#nextName()}Entry`;
      const fields = [
        { name: 'key', type: type.key },
        { name: 'value', type: type.value },
      ];
      nested.push(this.#message(name, fields, indent));
      return name;
    }
    const message = MESSAGES[type.kind];
    if (message !== undefined) {
      if (type.kind === 'DECIMAL') this.#imports.add('confluent/meta.proto');
      this.#imports.add(message.file);
      return message.type;
    }
    const scalar = SCALARS[type.kind];
    if (scalar === undefined) throw new SerdeError(`PROTOBUF cannot hold the type ${type.kind}`);
    if (this.#nullable !== 'WRAPPER') return scalar.type;
    this.#imports.add('google/protobuf/wrappers.proto');
    return `google.protobuf.${scalar.wrapper}`;
  }

  /** Precision and scale, which the message Decimal leaves to each value. */
  #meta(type: SqlType, indent: string): string {
    if (type.kind !== 'DECIMAL') return '';
    const param = (key: string, value: number) =>
      `${indent}    {\n${indent}      key: "${key}",\n${indent}      value: "${value}"\n${indent}    }`;
    return ` [(confluent.field_meta) = {\n${indent}  params: [\n${param('precision', type.precision)},\n${param('scale', type.scale)}\n${indent}  ]\n${indent}}]`;
  }

  #nextName(): string {
    this.#messages++;
    return `ConnectDefault${this.#messages}`;
  }
}
