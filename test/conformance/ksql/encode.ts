import { formatDouble } from '../../../src/data/java-double.ts';
import type { Column } from '../../../src/data/schema.ts';
import type { Source } from '../../../src/sql/catalog.ts';
import { type Json, JsonNumber, parseJson, writeJson } from './json-text.ts';

/** How the records of a topic are written down in a case: by the source that stands over it. */
export interface PartSpec {
  readonly format: string;
  readonly columns: readonly Column[];
}

/** A topic that no statement names holds text. */
const TEXT: PartSpec = { format: 'KAFKA', columns: [] };

export function partsOf(source: Source | undefined): { readonly key: PartSpec; readonly value: PartSpec } {
  if (source === undefined) return { key: TEXT, value: TEXT };
  const { key, value } = source.schema;
  return {
    key: { format: source.keyFormat.name, columns: key },
    value: { format: source.valueFormat.name, columns: value },
  };
}

/** Written independently of src/serde, so that a fault there cannot hide behind its own mirror image. */
export function encodePart(value: Json, { format, columns }: PartSpec): Buffer | null {
  if (value === null || format === 'NONE') return null;
  if (format === 'JSON') return Buffer.from(writeJson(value));
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

export function decodePart(bytes: Buffer | null, { format, columns }: PartSpec): Json {
  if (bytes === null) return null;
  if (format === 'JSON') return parseJson(bytes.toString());
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
