/**
 * What a format with schemas needs to read or write: a schema's text and the texts that it builds on, each before those
 * that need it. Plain data: plans hold it, so that a restart asks nobody.
 */
export interface WholeSchema {
  readonly type: 'AVRO' | 'PROTOBUF' | 'JSON';
  readonly schema: string;
  readonly imports: readonly SchemaImport[];
}

/** `name` is what the schema calls it: an Avro full name, a .proto file, a $ref. */
export interface SchemaImport {
  readonly name: string;
  readonly schema: string;
}

/** The schema that records are written with, and the id that they carry for it. */
export interface WriterSchema extends WholeSchema {
  readonly id: number;
}
