import type { Buffer } from 'node:buffer';
import type { Column } from '../data/schema.ts';
import type { SqlType, SqlValue } from '../data/types.ts';
import type { WholeSchema, WriterSchema } from '../data/writer-schema.ts';
import { ByteWriter } from './byte-writer.ts';
import type { ScanField } from './json-scanner.ts';
import type { FieldCode } from './json-writer.ts';
import type { Schemas } from './schemas.ts';

/**
 * A format for keys or values. `bind` is called once per schema and returns compiled functions; only `used`
 * columns (by position) are decoded, the others come out as null.
 */
export interface Format {
  readonly name: string;
  /** Throws SerdeError when the format cannot hold these columns (say KAFKA with two of them). */
  decoder(columns: readonly Column[], options: FormatOptions & { readonly used?: readonly number[] }): Decode;
  writer(columns: readonly Column[], options: FormatOptions): Write;
  /**
   * Code that reads fields in place (see json-scanner.ts), to be part of a compiled query; undefined for what only the
   * decoder can read, absent where a format has no such code.
   */
  scanCode?(
    columns: readonly Column[],
    options: FormatOptions,
    fields: readonly ScanField[],
    helper: (name: string, value: unknown) => string,
  ): string | undefined;
  /**
   * Code that appends the columns, whose values are `values`, to the ByteWriter `out`, to be part of a compiled query;
   * undefined for what only `writer` can write, absent where a format has no such code.
   */
  writeCode?(
    columns: readonly Column[],
    options: FormatOptions,
    values: readonly FieldCode[],
    constant: (value: unknown) => string,
  ): string | undefined;
  /** Of formats whose records carry the id of the schema they were written with. */
  readonly translator?: SchemaTranslator;
  /** Its decoders look up the schemas that records name, which must have been fetched before. */
  readonly readsBySchema?: true;
}

/** Between SQL columns and the schemas of a registry. */
export interface SchemaTranslator {
  readonly type: WholeSchema['type'];
  /** The text of a schema that holds these columns. */
  textOf(columns: readonly Column[], options: FormatOptions): string;
  /**
   * What a schema describes, with its own names: a STRUCT for a record. Throws SerdeError when the text is no schema, or
   * has no SQL type (a record inside of itself).
   */
  typeOf(schema: WholeSchema, options: Pick<FormatOptions, 'fullName'>): SqlType;
}

export interface FormatOptions {
  readonly part: 'key' | 'value';
  /** A single value column as the bare value (false) or as a one-field object (true). Keys: wrapped only when asked. */
  readonly wrapSingle?: boolean;
  /** DELIMITED only; default ','. */
  readonly delimiter?: string;
  /** Formats with a schema: the one to write with. Without it one is made of the columns, which no registry knows, with id 0. */
  readonly schema?: WriterSchema;
  /** Formats with a schema, when reading: where the schemas are that records name. */
  readonly schemas?: Schemas;
  /** The name of the record in a schema that is made of columns; in PROTOBUF also which message of a given schema it is. */
  readonly fullName?: string;
  /** PROTOBUF: how a schema made of columns tells null from a default value; without it, not at all. */
  readonly nullable?: 'OPTIONAL' | 'WRAPPER';
}

/**
 * Writes the decoded columns into `target` from `at` on. Returns false when the whole part is null although
 * bytes were there (JSON `null`). Throws SerdeError when the bytes do not fit the schema. Null bytes never get here.
 */
export type Decode = (bytes: Buffer, start: number, end: number, target: SqlValue[], at: number) => boolean;

/**
 * Appends columns `from` .. `from + columns.length` of `row`; false, with nothing appended, when the format has nothing
 * to write (NONE, a bare null).
 */
export type Write = (row: readonly SqlValue[], from: number, out: ByteWriter) => boolean;

/** As {@link Write} into bytes of their own; null for nothing. */
export type Encode = (row: readonly SqlValue[], from: number) => Uint8Array | null;

/** For whoever keeps the bytes. */
export function encoderOf(write: Write): Encode {
  const out = new ByteWriter();
  return (row, from) => {
    out.reset();
    return write(row, from, out) ? out.copy() : null;
  };
}

/** Bytes that do not fit a schema, or a schema that does not fit a format: the record's or statement's fault. */
export class SerdeError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'SerdeError';
  }
}
