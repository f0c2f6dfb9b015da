import type { SchemaReference } from '../serde/schema-registry.ts';
import { findVersion } from './lookups.ts';
import type { SchemaDefinition, SchemaVersion } from './model.ts';
import type { ReferencedText } from './parsed-schema.ts';
import { invalidSchema } from './registry-error.ts';
import type { RegistryState } from './registry-state.ts';
import { inContextOf } from './subject.ts';

/** How version -1 is asked for: the one that is the latest now. */
const LATEST = -1;

/** References as they are kept, every version a number that stays. Throws 42201 when one is not in force. */
export function pinReferences(
  state: RegistryState,
  subject: string,
  references: readonly SchemaReference[],
): SchemaReference[] {
  return references.map((reference) => {
    const { name, version } = reference;
    const target = inContextOf(subject, reference.subject);
    const found = findVersion(state, target, version === LATEST ? 'latest' : version, 'without');
    if (!found)
      throw invalidSchema(`No schema reference found for subject "${target}" and version ${version}`);
    return { name, subject: reference.subject, version: found.version };
  });
}

/** Everything a schema refers to, also through others, each once and before those that refer to it. */
export function referencedTexts(
  state: RegistryState,
  subject: string,
  { references }: Pick<SchemaDefinition, 'references'>,
): ReferencedText[] {
  const found = new Map<string, ReferencedText>();
  const open = new Set<string>();
  const visit = (parent: string, list: readonly SchemaReference[]): void => {
    for (const { name, subject, version } of list) {
      const target = inContextOf(parent, subject);
      if (found.has(name) || open.has(`${version} ${target}`)) continue;
      const schema = referenced(state, target, version);
      open.add(`${version} ${target}`);
      visit(target, schema.references);
      open.delete(`${version} ${target}`);
      found.set(name, { name, schema: schema.schema });
    }
  };
  visit(subject, references);
  return [...found.values()];
}

function referenced(state: RegistryState, subject: string, version: number): SchemaVersion {
  const schema = state.version(subject, version);
  if (!schema)
    throw invalidSchema(`No schema reference found for subject "${subject}" and version ${version}`);
  return schema;
}
