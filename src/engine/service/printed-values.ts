import { type Buffer, isUtf8 } from 'node:buffer';
import { valueToJson } from '../../data/json-text.ts';
import type { Column } from '../../data/schema.ts';
import type { SqlType, SqlValue } from '../../data/types.ts';
import type { WriterSchema } from '../../data/writer-schema.ts';
import { SerdeError } from '../../serde/format.ts';
import { format } from '../../serde/formats.ts';
import { PREFIX_BYTES, peekSchemaId } from '../../serde/registered.ts';
import { FetchedSchemas, type SchemaById } from '../../serde/schemas.ts';

type Print = (bytes: Buffer) => string;

const FORMAT_OF: Record<WriterSchema['type'], string> = {
  AVRO: 'AVRO',
  PROTOBUF: 'PROTOBUF',
  JSON: 'JSON_SR',
};

/** Keys and values as PRINT shows them: JSON where they name a schema, text where they are text, else bytes in hex. */
export class PrintedValues {
  readonly #schemas: FetchedSchemas | undefined;
  readonly #printers = new Map<number, Print>();

  constructor(schemaById: SchemaById | undefined) {
    this.#schemas = schemaById && new FetchedSchemas(schemaById);
  }

  async text(bytes: Buffer | null): Promise<string> {
    if (bytes === null) return '<null>';
    const id = peekSchemaId(bytes, 0, bytes.length);
    return (id !== undefined && (await this.#bySchema(id, bytes))) || plainText(bytes);
  }

  /** Undefined for bytes that only look as if they named a schema. */
  async #bySchema(id: number, bytes: Buffer): Promise<string | undefined> {
    try {
      let print = this.#printers.get(id);
      if (!print && this.#schemas) {
        await this.#schemas.fetch(id);
        print = printerOf(this.#schemas.get(id));
        this.#printers.set(id, print);
      }
      return print?.(bytes);
    } catch (error) {
      if (!(error instanceof SerdeError)) throw error;
      return undefined;
    }
  }
}

function printerOf(schema: WriterSchema): Print {
  if (schema.type === 'JSON') return (bytes) => plainText(bytes.subarray(PREFIX_BYTES));
  const { translator, decoder } = format(FORMAT_OF[schema.type]);
  const type = translator?.typeOf(schema, {}) as SqlType;
  const isRecord = type.kind === 'STRUCT';
  const columns: readonly Column[] = isRecord ? type.fields : [{ name: 'VALUE', type }];
  const schemas = { get: () => schema, fetch: () => undefined };
  const decode = decoder(columns, { part: 'value', wrapSingle: isRecord, schemas });
  const json = valueToJson(type);
  return (bytes) => {
    const row: SqlValue[] = columns.map(() => null);
    const isThere = decode(bytes, 0, bytes.length, row, 0);
    return json(isThere ? (isRecord ? row : (row[0] as SqlValue)) : null);
  };
}

function plainText(bytes: Buffer): string {
  return isUtf8(bytes) && !bytes.some(isControlCharacter) ? bytes.toString() : `0x${bytes.toString('hex')}`;
}

function isControlCharacter(byte: number): boolean {
  return byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d;
}
