export type SchemaType = 'AVRO' | 'PROTOBUF' | 'JSON';

/** A schema that another one builds on: `name` is what the other one calls it (an Avro full name, a .proto file, a $ref). */
export interface SchemaReference {
  readonly name: string;
  readonly subject: string;
  readonly version: number;
}

export interface SchemaText {
  readonly type: SchemaType;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
}

/** The id that stands before a record's bytes. A schema's id never changes, so whatever has read one may keep it. */
export interface RegisteredSchema extends SchemaText {
  readonly id: number;
}

export interface SubjectVersion extends RegisteredSchema {
  readonly subject: string;
  readonly version: number;
}

/** Where the schemas of topics are kept: Millrace's own registry, another one over HTTP, or one in memory for tests. */
export interface SchemaRegistry {
  /** The newest version that is not deleted. */
  latest(subject: string): Promise<SubjectVersion | undefined>;
  byId(id: number): Promise<RegisteredSchema | undefined>;
  version(subject: string, version: number): Promise<SubjectVersion | undefined>;
  /**
   * The id of the schema, which is under the subject afterwards; a schema that is there already keeps its id. Throws
   * SchemaRegistryError when it is refused (it does not parse, or is not compatible).
   */
  register(subject: string, schema: SchemaText): Promise<number>;
  /** The version under which the subject has this very schema. */
  lookup(subject: string, schema: SchemaText): Promise<SubjectVersion | undefined>;
  /** Ids stay readable. A subject that is not there, or was deleted before, is fine. */
  deleteSubject(subject: string): Promise<void>;
}

/** A registry that refuses or cannot be asked. `code` is the one of its API (40401, 409, 42201 ...), 0 where it was not reached. */
export class SchemaRegistryError extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.name = 'SchemaRegistryError';
    this.code = code;
  }
}

/**
 * Whether a registry could not be asked, or had troubles of its own: nobody's mistake, and worth waiting for. By the name,
 * which an error keeps on its way from one thread to another.
 */
export function isRegistryOutage(error: Error): boolean {
  if (error.name !== 'SchemaRegistryError' || !('code' in error)) return false;
  const code = Number(error.code);
  // Whatever stands before a registry knows only statuses of HTTP.
  return code === 0 || (code >= 500 && code < 600) || code >= 50_000;
}
