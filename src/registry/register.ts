import type { SchemaReference, SchemaType } from '../serde/schema-registry.ts';
import { comparable, incompatibilities } from './compatibility.ts';
import type { Decision } from './decision.ts';
import type { Entry } from './entry.ts';
import { guidOf } from './guid.ts';
import type { Languages } from './languages.ts';
import { findVersion, versionsOf } from './lookups.ts';
import { withDefaults } from './metadata.ts';
import type { JsonObject, SchemaDefinition, SchemaVersion } from './model.ts';
import type { ParsedSchema } from './parsed-schema.ts';
import { pinReferences, referencedTexts } from './references.ts';
import { invalidSchema, registryError } from './registry-error.ts';
import type { RegistryState } from './registry-state.ts';
import { reservedFaults } from './reserved.ts';
import { configInScope, modeInScope } from './settings.ts';
import { checkSubjectName, contextOf } from './subject.ts';

/** A schema as somebody sends it. */
export interface GivenSchema {
  readonly type: SchemaType;
  readonly schema: string;
  readonly references: readonly SchemaReference[];
  readonly metadata?: JsonObject | undefined;
  readonly ruleSet?: JsonObject | undefined;
  readonly normalize: boolean;
  /** Kept as they are in mode IMPORT, and given nowhere else. */
  readonly id?: number | undefined;
  readonly version?: number | undefined;
}

interface Understood {
  readonly definition: SchemaDefinition;
  readonly parsed: ParsedSchema;
}

/**
 * The version under which a subject has a schema. One that is there is found again, whatever the mode; a new one must be
 * allowed by the mode and the compatibility level. Throws 42201, 42205, 42207, 409.
 */
export function register(
  state: RegistryState,
  languages: Languages,
  subject: string,
  given: GivenSchema,
): Decision<SchemaVersion> {
  checkName(subject);
  const understood = understand(state, languages, subject, given);
  const existing = sameIn(versionsOf(state, subject, 'without'), understood.definition);
  if (existing && isWanted(existing, given)) return { reply: existing, entries: [] };
  checkMode(state, subject, given);
  if (given.id === undefined) checkCompatibility(state, languages, subject, understood);
  const schema = numbered(state, subject, understood.definition, given);
  const context = contextOf(subject);
  const entries: Entry[] = state.hasContext(context) ? [] : [{ kind: 'context', context }];
  entries.push({ kind: 'schema', subject, version: schema.version, schema });
  return { reply: schema, entries };
}

/** The version of a subject that is this very schema; undefined when there is none. Throws 42201. */
export function lookUp(
  state: RegistryState,
  languages: Languages,
  subject: string,
  given: GivenSchema,
  which: 'with' | 'without',
): SchemaVersion | undefined {
  const { definition } = understand(state, languages, subject, given);
  const versions = versionsOf(state, subject, which);
  const found = sameIn(versions, definition);
  if (found || given.metadata || given.ruleSet) return found;
  // Who asks for a text alone means any version that has it.
  return versions.findLast((version) => isSameText(version, definition));
}

/** Why a schema may not become the next version; empty when it may. Compares with `against` alone where that is given. */
export function whyIncompatible(
  state: RegistryState,
  languages: Languages,
  subject: string,
  given: GivenSchema,
  against?: SchemaVersion,
): string[] {
  const understood = understand(state, languages, subject, given);
  return reasonsAgainst(state, languages, subject, understood, against);
}

/** What `text` is in the language of its type, with everything it refers to. Throws 42201. */
export function parseVersion(
  state: RegistryState,
  languages: Languages,
  { subject, type, schema, references }: SchemaVersion,
): ParsedSchema {
  return languages.parse(type, schema, referencedTexts(state, subject, { references }));
}

function understand(
  state: RegistryState,
  languages: Languages,
  subject: string,
  given: GivenSchema,
): Understood {
  if (given.schema.trim() === '') throw invalidSchema('Empty schema');
  const config = configInScope(state, subject);
  const references = pinReferences(state, subject, given.references);
  const parsed = languages.parse(given.type, given.schema, referencedTexts(state, subject, { references }));
  const text = given.normalize || config.normalize ? parsed.normalized : parsed.text;
  const { metadata, ruleSet } = withDefaults(given, findVersion(state, subject, 'latest', 'without'), config);
  return { parsed, definition: { type: given.type, schema: text, references, metadata, ruleSet } };
}

function checkName(subject: string): void {
  const fault = checkSubjectName(subject);
  if (fault !== undefined)
    throw registryError(
      'invalidSubject',
      `The specified subject '${subject}' is not a valid subject: ${fault}`,
    );
}

function sameIn(versions: readonly SchemaVersion[], definition: SchemaDefinition): SchemaVersion | undefined {
  const guid = guidOf(definition);
  return versions.findLast((version) => isSameText(version, definition) && guidOf(version) === guid);
}

function isSameText(one: SchemaDefinition, other: SchemaDefinition): boolean {
  return one.schema === other.schema && one.type === other.type;
}

function isWanted({ id, version }: SchemaVersion, given: GivenSchema): boolean {
  return (given.id ?? id) === id && (given.version ?? version) === version;
}

function checkMode(state: RegistryState, subject: string, { id }: GivenSchema): void {
  const mode = modeInScope(state, subject);
  const refuse = (what: string) => {
    throw registryError('notPermitted', `Subject ${subject} is ${what}`);
  };
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE') refuse('in read-only mode');
  if (id !== undefined && mode !== 'IMPORT')
    refuse('not in import mode, in which alone ids are taken as given');
  if (id === undefined && mode === 'IMPORT') refuse('in import mode, in which every schema needs its id');
}

function checkCompatibility(
  state: RegistryState,
  languages: Languages,
  subject: string,
  understood: Understood,
): void {
  const reasons = reasonsAgainst(state, languages, subject, understood);
  if (reasons.length === 0) return;
  throw registryError(
    'incompatible',
    `Schema being registered is incompatible with an earlier schema for subject "${subject}", details: [${reasons.join(', ')}]`,
  );
}

function reasonsAgainst(
  state: RegistryState,
  languages: Languages,
  subject: string,
  { definition, parsed }: Understood,
  against?: SchemaVersion,
): string[] {
  const { compatibilityLevel, compatibilityGroup } = configInScope(state, subject);
  const versions = against
    ? [against]
    : comparable(versionsOf(state, subject, 'without'), definition, compatibilityGroup);
  const isTransitive = compatibilityLevel.endsWith('_TRANSITIVE');
  const earlier = (isTransitive ? versions : versions.slice(-1)).map((version) => ({
    version: version.version,
    schema: parseVersion(state, languages, version),
  }));
  const found = incompatibilities(compatibilityLevel, parsed, earlier);
  if (compatibilityLevel === 'NONE') return found;
  return [...reservedFaults(definition, (name) => parsed.hasField(name), versions.slice(-1)), ...found];
}

/** The same definition has the same id everywhere in a context. */
function numbered(
  state: RegistryState,
  subject: string,
  definition: SchemaDefinition,
  given: GivenSchema,
): SchemaVersion {
  const context = contextOf(subject);
  const known = state.idOf(context, definition);
  if (given.id !== undefined) checkId(state, context, given.id, definition);
  const id = given.id ?? known ?? state.maxId(context) + 1;
  const last = state.versions(subject).at(-1)?.version ?? 0;
  const version = given.id === undefined ? last + 1 : (given.version ?? last + 1);
  return { ...definition, subject, version, id, guid: guidOf(definition), deleted: false };
}

function checkId(state: RegistryState, context: string, id: number, definition: SchemaDefinition): void {
  const [holder] = state.withId(context, id);
  if (holder && guidOf(holder) !== guidOf(definition))
    throw registryError('notPermitted', `Overwrite new schema with id ${id} is not permitted.`);
}
