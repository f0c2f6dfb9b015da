import type { WriterSchema } from '../data/writer-schema.ts';
import { SerdeError } from './format.ts';

/** Schemas by the ids in records, for decoders, which cannot wait: what a record names is fetched before it is decoded. */
export interface Schemas {
  /** Throws SerdeError for one that does not exist, or was never fetched. */
  get(id: number): WriterSchema;
  /** Whether `get` gives it, now and ever after. */
  has(id: number): boolean;
  /** Undefined when nothing has to be waited for; rejected when the registry could not be asked. */
  fetch(id: number): Promise<void> | undefined;
}

/** Asks a registry; undefined: there is no schema of this id. */
export type SchemaById = (id: number) => Promise<WriterSchema | undefined>;

/** Ids that nobody knows come from bytes that are no record of the format: they must not fill the memory. */
const MOST_MISSING = 1_000;
/** A missing id is asked for again after so many records: it may have been registered meanwhile. */
const ASK_AGAIN_AFTER = 100;

/**
 * Schemas fetched one by one when records first name them, and kept: an id never changes its schema.
 *
 *   record at hand --fetch--> known, or known to be missing --> decoder --get--> schema
 */
export class FetchedSchemas implements Schemas {
  readonly #byId: SchemaById;
  readonly #known = new Map<number, WriterSchema>();
  readonly #missing = new Map<number, { left: number }>();
  readonly #fetching = new Map<number, Promise<void>>();

  constructor(byId: SchemaById) {
    this.#byId = byId;
  }

  get(id: number): WriterSchema {
    const known = this.#known.get(id);
    if (known === undefined)
      throw new SerdeError(`the record has schema id ${id}, which the schema registry does not know`);
    return known;
  }

  has(id: number): boolean {
    return this.#known.has(id);
  }

  fetch(id: number): Promise<void> | undefined {
    if (this.#known.has(id)) return undefined;
    const missing = this.#missing.get(id);
    if (missing === undefined) return this.#fetching.get(id) ?? this.#begin(id);
    if (--missing.left === 0) this.#missing.delete(id);
    return undefined;
  }

  #begin(id: number): Promise<void> {
    const fetching = this.#byId(id)
      .then((schema) => {
        if (schema !== undefined) this.#known.set(id, schema);
        else this.#rememberMissing(id);
      })
      .finally(() => this.#fetching.delete(id));
    this.#fetching.set(id, fetching);
    return fetching;
  }

  #rememberMissing(id: number): void {
    if (this.#missing.size >= MOST_MISSING) this.#missing.clear();
    this.#missing.set(id, { left: ASK_AGAIN_AFTER });
  }
}

/** Where no registry is configured. */
export const NO_SCHEMAS: Schemas = {
  get: (id) => {
    throw new SerdeError(`the record has schema id ${id}, and there is no schema registry to ask for it`);
  },
  has: () => false,
  fetch: () => undefined,
};
