import { formatDouble } from '../../../src/data/java-double.ts';
import type { Column } from '../../../src/data/schema.ts';
import { schemaText } from '../../../src/serde/protobuf/schema-text.ts';
import type { Source } from '../../../src/sql/catalog.ts';
import type { CaseSchemas } from './case-schemas.ts';
import { type Json, JsonNumber, parseJson, writeJson } from './json-text.ts';
import { ProtobufValues } from './protobuf-values.ts';

/** How the records of a topic are written down in a case: by the source that stands over it. */
export interface PartSpec {
  readonly format: string;
  readonly columns: readonly Column[];
  readonly subject: string;
  readonly schemas: CaseSchemas;
  /** Of PROTOBUF. */
  readonly fullName: string | undefined;
  readonly nullable: 'OPTIONAL' | 'WRAPPER' | undefined;
}

const WITH_SCHEMAS = ['AVRO', 'JSON_SR', 'PROTOBUF'];

/** A topic that no statement names holds text. */
export function partsOf(
  source: Source | undefined,
  schemas: CaseSchemas,
): { readonly key: PartSpec; readonly value: PartSpec } {
  const part = (name: 'key' | 'value'): PartSpec => ({
    format: source?.[`${name}Format`].name ?? 'KAFKA',
    columns: source?.schema[name] ?? [],
    subject: `${source?.topic}-${name}`,
    schemas,
    fullName: source?.[`${name}Format`].fullName,
    nullable: source?.[`${name}Format`].nullable,
  });
  return { key: part('key'), value: part('value') };
}

/** Written independently of src/serde, so that a fault there cannot hide behind its own mirror image. */
export async function encodePart(
  value: Json,
  { format, columns, subject, schemas, fullName, nullable }: PartSpec,
): Promise<Buffer | null> {
  if (value === null || format === 'NONE') return null;
  if (WITH_SCHEMAS.includes(format)) return schemas.encode(value, format, subject, fullName);
  if (format === 'JSON') return Buffer.from(writeJson(value));
  if (format === 'PROTOBUF_NOSR')
    return new ProtobufValues(schemaText(columns, { nullable }), []).encode(value);
  const text = typeof value === 'string' ? value : writeJson(value);
  if (format === 'DELIMITED') return Buffer.from(text);
  if (format !== 'KAFKA') throw new Error(`no encoding for format ${format}`);
  const bytes = Buffer.alloc(8);
  switch (columns[0]?.type.kind) {
    case 'INTEGER':
      bytes.writeInt32BE(Number(text));
      return bytes.subarray(0, 4);
    case 'BIGINT':
      bytes.writeBigInt64BE(BigInt(text));
      return bytes;
    case 'DOUBLE':
      bytes.writeDoubleBE(Number(text));
      return bytes;
    default:
      return Buffer.from(text);
  }
}

export async function decodePart(
  bytes: Buffer | null,
  { format, columns, schemas, nullable }: PartSpec,
): Promise<Json> {
  if (bytes === null) return null;
  if (WITH_SCHEMAS.includes(format)) return schemas.decode(bytes, format);
  if (format === 'JSON') return parseJson(bytes.toString());
  if (format === 'PROTOBUF_NOSR')
    return new ProtobufValues(schemaText(columns, { nullable }), []).decode(bytes);
  if (format === 'DELIMITED') return bytes.toString();
  if (format !== 'KAFKA') throw new Error(`no decoding for format ${format}`);
  switch (columns[0]?.type.kind) {
    case 'INTEGER':
      return new JsonNumber(String(bytes.readInt32BE()));
    case 'BIGINT':
      return new JsonNumber(String(bytes.readBigInt64BE()));
    case 'DOUBLE':
      return new JsonNumber(formatDouble(bytes.readDoubleBE()));
    default:
      return bytes.toString();
  }
}
