import type { RecordCursor } from '../record/record-cursor.ts';
import { format } from '../serde/formats.ts';
import { peekSchemaId } from '../serde/registered.ts';
import type { Schemas } from '../serde/schemas.ts';
import type { TopicFormat } from '../sql/plan.ts';

type Place = Pick<RecordCursor, 'bytes' | 'keyStart' | 'keyLength' | 'valueStart' | 'valueLength'>;

/**
 * Stands before the decoders of a topic whose records name their schemas: nothing of a record is decoded before its
 * schemas are here, so that a record is never half processed when one has to be waited for.
 */
export class SchemaGate {
  readonly #schemas: Schemas;
  readonly #looksAtKey: boolean;
  readonly #looksAtValue: boolean;
  /**
   * Known to be there; records in a row mostly have the same. An id that the registry does not know is never remembered
   * here: `Schemas` counts the records that name it, to ask for it again.
   */
  #keyId: number | undefined;
  #valueId: number | undefined;

  private constructor(schemas: Schemas, looksAtKey: boolean, looksAtValue: boolean) {
    this.#schemas = schemas;
    this.#looksAtKey = looksAtKey;
    this.#looksAtValue = looksAtValue;
  }

  /** Undefined for formats whose records name no schemas. */
  static of(readAs: readonly TopicFormat[], schemas: Schemas): SchemaGate | undefined {
    const key = readAs.some(({ keyFormat }) => format(keyFormat.name).readsBySchema === true);
    const value = readAs.some(({ valueFormat }) => format(valueFormat.name).readsBySchema === true);
    return key || value ? new SchemaGate(schemas, key, value) : undefined;
  }

  /** Settled when what the record names has been fetched; undefined when nothing has to be waited for. */
  fetch({ bytes, keyStart, keyLength, valueStart, valueLength }: Place): Promise<unknown> | undefined {
    const schemas = this.#schemas;
    let key: Promise<void> | undefined;
    let value: Promise<void> | undefined;
    if (this.#looksAtKey && keyLength > 0) {
      const id = peekSchemaId(bytes, keyStart, keyStart + keyLength);
      if (id !== undefined && id !== this.#keyId) {
        key = schemas.fetch(id);
        this.#keyId = schemas.has(id) ? id : undefined;
      }
    }
    if (this.#looksAtValue && valueLength > 0) {
      const id = peekSchemaId(bytes, valueStart, valueStart + valueLength);
      if (id !== undefined && id !== this.#valueId) {
        value = schemas.fetch(id);
        this.#valueId = schemas.has(id) ? id : undefined;
      }
    }
    return key && value ? Promise.all([key, value]) : (key ?? value);
  }
}
