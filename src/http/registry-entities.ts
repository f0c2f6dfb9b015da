import type { Languages } from '../registry/languages.ts';
import type { SchemaVersion } from '../registry/model.ts';
import { parseVersion } from '../registry/register.ts';
import type { RegistryState } from '../registry/registry-state.ts';

/** What there is besides the text; what is empty, and the type AVRO, are left out as by Confluent's registry. */
function annotations({ type, references, metadata, ruleSet }: SchemaVersion): object {
  return {
    ...(type !== 'AVRO' && { schemaType: type }),
    ...(references.length > 0 && { references }),
    ...(metadata && { metadata }),
    ...(ruleSet && { ruleSet }),
  };
}

/** A schema as a version of its subject. */
export function versionEntity(schema: SchemaVersion, text = schema.schema): object {
  const { subject, version, id, guid, deleted } = schema;
  return {
    ...{ subject, version, id, guid },
    ...annotations(schema),
    schema: text,
    ...(deleted && { deleted }),
  };
}

/** A schema by its id: no matter where it is registered. */
export function schemaEntity(schema: SchemaVersion, text = schema.schema): object {
  return { ...annotations(schema), schema: text, guid: schema.guid };
}

/** The text in the format asked for; one that its language does not know is the text as it is. */
export function textOf(
  state: RegistryState,
  languages: Languages,
  schema: SchemaVersion,
  format: string | undefined,
): string {
  if (format === undefined || format === '') return schema.schema;
  return parseVersion(state, languages, schema).formatted(format) ?? schema.schema;
}
