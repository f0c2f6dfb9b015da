import type { WriterSchema } from '../data/writer-schema.ts';
import { SerdeError } from './format.ts';

/** Schemas by the ids in records, for decoders, which cannot wait. */
export interface Schemas {
  /** Throws {@link UnknownSchema} for one that has to be fetched, SerdeError for one that does not exist. */
  get(id: number): WriterSchema;
}

/** A record was written with a schema that is not known here yet: fetch it, then decode the record again. */
export class UnknownSchema extends Error {
  readonly id: number;
  /** Settled when the schema is known, or known not to exist; rejected when the registry could not be asked. */
  readonly fetch: () => Promise<void>;

  constructor(id: number, fetch: () => Promise<void>) {
    super(`schema ${id} has not been fetched`);
    this.name = 'UnknownSchema';
    this.id = id;
    this.fetch = fetch;
  }
}

export const NO_SCHEMAS: Schemas = {
  get: (id) => {
    throw new SerdeError(`the record has schema id ${id}, and there is no schema registry to ask for it`);
  },
};

/** Ids that nobody knows come from bytes that are no record of the format: they must not fill the memory. */
const MOST_MISSING = 1_000;
/** A missing id is asked for again after so many records: it may have been registered meanwhile. */
const ASK_AGAIN_AFTER = 100;

/**
 * Schemas fetched one by one when records first name them, and kept: an id never changes its schema.
 *
 *   decoder --get--> known schema
 *              +---> UnknownSchema --fetch--> known, or known to be missing --> decoded again
 */
export class FetchedSchemas implements Schemas {
  readonly #fetch: (id: number) => Promise<WriterSchema | undefined>;
  readonly #known = new Map<number, WriterSchema>();
  readonly #missing = new Map<number, { left: number }>();
  readonly #fetching = new Map<number, Promise<void>>();

  constructor(fetch: (id: number) => Promise<WriterSchema | undefined>) {
    this.#fetch = fetch;
  }

  get(id: number): WriterSchema {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const missing = this.#missing.get(id);
    if (missing === undefined) throw new UnknownSchema(id, () => this.#load(id));
    if (--missing.left === 0) this.#missing.delete(id);
    throw new SerdeError(`the record has schema id ${id}, which the schema registry does not know`);
  }

  #load(id: number): Promise<void> {
    let loading = this.#fetching.get(id);
    if (!loading) {
      loading = this.#fetch(id)
        .then((schema) => {
          if (schema !== undefined) this.#known.set(id, schema);
          else this.#remember(id);
        })
        .finally(() => this.#fetching.delete(id));
      this.#fetching.set(id, loading);
    }
    return loading;
  }

  #remember(id: number): void {
    if (this.#missing.size >= MOST_MISSING) this.#missing.clear();
    this.#missing.set(id, { left: ASK_AGAIN_AFTER });
  }
}
