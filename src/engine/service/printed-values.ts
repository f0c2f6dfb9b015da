import type { Buffer } from 'node:buffer';
import { valueToJson } from '../../data/json-text.ts';
import type { Column } from '../../data/schema.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import type { WriterSchema } from '../../data/writer-schema.ts';
import { SerdeError } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import { PREFIX_BYTES, peekSchemaId } from '../../serde/registered.ts';
import { FetchedSchemas, type SchemaById } from '../../serde/schemas.ts';

type Print = (bytes: Buffer) => NamedValue;

const FORMAT_OF: Record<WriterSchema['type'], string> = {
  AVRO: 'AVRO',
  PROTOBUF: 'PROTOBUF',
  JSON: 'JSON_SR',
};

/** What bytes say that name their schema. */
export interface NamedValue {
  readonly format: string;
  /** JSON. */
  readonly text: string;
}

/** Keys and values that PRINT can read because a registry knows the schema they name. */
export class PrintedValues {
  readonly #schemas: FetchedSchemas | undefined;
  readonly #printers = new Map<number, Print>();

  constructor(schemaById: SchemaById | undefined) {
    this.#schemas = schemaById && new FetchedSchemas(schemaById);
  }

  /** Undefined for bytes that name no schema, or only look as if they did. */
  async read(bytes: Buffer): Promise<NamedValue | undefined> {
    const id = peekSchemaId(bytes, 0, bytes.length);
    if (id === undefined || !this.#schemas) return undefined;
    try {
      let print = this.#printers.get(id);
      if (!print) {
        await this.#schemas.fetch(id);
        print = printerOf(this.#schemas.get(id));
        this.#printers.set(id, print);
      }
      return print(bytes);
    } catch (error) {
      if (!(error instanceof SerdeError)) throw error;
      return undefined;
    }
  }
}

function printerOf(schema: WriterSchema): Print {
  const name = FORMAT_OF[schema.type];
  if (schema.type === 'JSON') return (bytes) => ({ format: name, text: `${bytes.subarray(PREFIX_BYTES)}` });
  const { translator, decoder } = format(name);
  const type = translator?.typeOf(schema, {}) as SqlType;
  const isRecord = type.kind === 'STRUCT';
  const columns: readonly Column[] = isRecord ? type.fields : [{ name: 'VALUE', type }];
  const schemas = { get: () => schema, has: () => true, fetch: () => undefined };
  const decode = decoder(columns, { part: 'value', wrapSingle: isRecord, schemas });
  const json = valueToJson(type);
  return (bytes) => {
    const row: SqlValue[] = columns.map(() => null);
    const isThere = decode(bytes, 0, bytes.length, row, 0);
    return { format: name, text: json(isThere ? (isRecord ? row : (row[0] as SqlValue)) : null) };
  };
}
