import {
  type RegisteredSchema,
  type SchemaRegistry,
  SchemaRegistryError,
  type SchemaText,
  type SubjectVersion,
} from './schema-registry.ts';

/** Subjects and ids in memory, without rules of compatibility. */
export class MemorySchemaRegistry implements SchemaRegistry {
  readonly #byId = new Map<number, RegisteredSchema>();
  readonly #subjects = new Map<string, SubjectVersion[]>();
  #lastId = 0;

  async latest(subject: string): Promise<SubjectVersion | undefined> {
    return this.#subjects.get(subject)?.at(-1);
  }

  async byId(id: number): Promise<RegisteredSchema | undefined> {
    return this.#byId.get(id);
  }

  async version(subject: string, version: number): Promise<SubjectVersion | undefined> {
    return this.#subjects.get(subject)?.[version - 1];
  }

  async register(subject: string, schema: SchemaText): Promise<number> {
    return this.registerAs(subject, schema);
  }

  async lookup(subject: string, schema: SchemaText): Promise<SubjectVersion | undefined> {
    return this.#subjects.get(subject)?.find((candidate) => isSame(candidate, schema));
  }

  async deleteSubject(subject: string): Promise<void> {
    this.#subjects.delete(subject);
  }

  subjects(): readonly string[] {
    return [...this.#subjects.keys()];
  }

  /** As `register`, under an id that the caller wants. */
  registerAs(subject: string, schema: SchemaText, wantedId?: number): number {
    const versions = this.#subjects.get(subject) ?? [];
    const known = versions.find((candidate) => isSame(candidate, schema));
    if (known !== undefined && (wantedId ?? known.id) === known.id) return known.id;
    const id = wantedId ?? this.#idOf(schema) ?? this.#lastId + 1;
    const holder = this.#byId.get(id);
    if (holder !== undefined && !isSame(holder, schema))
      throw new SchemaRegistryError(
        `Schema id ${id} belongs to another schema: choose one that is free`,
        42205,
      );
    const { type, references } = schema;
    const registered = { id, type, schema: schema.schema, references };
    this.#byId.set(id, registered);
    this.#lastId = Math.max(this.#lastId, id);
    versions.push({ ...registered, subject, version: versions.length + 1 });
    this.#subjects.set(subject, versions);
    return id;
  }

  #idOf(schema: SchemaText): number | undefined {
    return [...this.#byId.values()].find((candidate) => isSame(candidate, schema))?.id;
  }
}

function isSame(one: SchemaText, other: SchemaText): boolean {
  return (
    one.type === other.type &&
    one.schema === other.schema &&
    JSON.stringify(one.references) === JSON.stringify(other.references)
  );
}
