import type { SchemaImport, WholeSchema } from '../data/writer-schema.ts';
import { type SchemaRegistry, SchemaRegistryError, type SchemaText } from './schema-registry.ts';
import type { SchemaById } from './schemas.ts';

/** A schema with the texts of all it refers to, directly or not, each before those that need it. */
export async function wholeSchema(
  registry: SchemaRegistry,
  { type, schema, references }: SchemaText,
): Promise<WholeSchema> {
  const imports = new Map<string, SchemaImport>();
  await gather(registry, references, imports);
  return { type, schema, imports: [...imports.values()] };
}

async function gather(
  registry: SchemaRegistry,
  references: SchemaText['references'],
  imports: Map<string, SchemaImport>,
): Promise<void> {
  for (const { name, subject, version } of references) {
    if (imports.has(name)) continue;
    const found = await registry.version(subject, version);
    if (!found)
      throw new SchemaRegistryError(
        `A schema refers to ${name}, version ${version} of subject ${subject}, which the schema registry does not have`,
        40402,
      );
    await gather(registry, found.references, imports);
    imports.set(name, { name, schema: found.schema });
  }
}

/** What decoders ask for. */
export function schemaById(registry: SchemaRegistry): SchemaById {
  return async (id) => {
    const found = await registry.byId(id);
    return found && { ...(await wholeSchema(registry, found)), id };
  };
}
