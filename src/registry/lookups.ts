import type { SchemaVersion } from './model.ts';
import { schemaNotFound, subjectNotFound, versionNotFound } from './registry-error.ts';
import type { RegistryState } from './registry-state.ts';
import {
  contextOf,
  DEFAULT_CONTEXT,
  formatSubject,
  isContextOnly,
  matchesPrefix,
  parseSubject,
} from './subject.ts';

/** Which versions count: those in force, also the deleted ones, or only these. */
export type Deleted = 'without' | 'with' | 'only';

export function counts({ deleted }: SchemaVersion, which: Deleted): boolean {
  return which === 'with' || deleted === (which === 'only');
}

export function versionsOf(state: RegistryState, subject: string, which: Deleted): SchemaVersion[] {
  return state.versions(subject).filter((schema) => counts(schema, which));
}

/** The subjects that have versions of the kind asked for. `only`: those that have nothing else. */
export function subjectNames(state: RegistryState, prefix: string, which: Deleted): string[] {
  const isThere = (subject: string): boolean => {
    const live = versionsOf(state, subject, 'without').length > 0;
    return which === 'with' || live === (which === 'without');
  };
  return [...state.subjects()].filter((name) => matchesPrefix(name, prefix) && isThere(name)).sort();
}

export function hasSubject(state: RegistryState, subject: string, which: Deleted): boolean {
  return versionsOf(state, subject, which).length > 0;
}

/** Throws 40401 or 40402. */
export function existingVersion(
  state: RegistryState,
  subject: string,
  version: number | 'latest',
  which: Deleted,
): SchemaVersion {
  const found = findVersion(state, subject, version, which);
  if (found) return found;
  throw hasSubject(state, subject, which) ? versionNotFound(version) : subjectNotFound(subject);
}

export function findVersion(
  state: RegistryState,
  subject: string,
  version: number | 'latest',
  which: Deleted,
): SchemaVersion | undefined {
  if (version === 'latest') return versionsOf(state, subject, which).at(-1);
  const found = state.version(subject, version);
  return found && counts(found, which) ? found : undefined;
}

/**
 * Where a name without a context is looked for: in the default context, and when nothing is there, in the others.
 * Clients that know only their topic's name find a subject that was replicated into a context of its own.
 */
export function resolveSubject(state: RegistryState, subject: string, which: Deleted): string {
  const { context, name } = parseSubject(subject);
  if (context !== DEFAULT_CONTEXT || hasSubject(state, subject, which)) return subject;
  const elsewhere = state
    .contexts()
    .map((other) => formatSubject({ context: other, name }))
    .find((other) => hasSubject(state, other, which));
  return elsewhere ?? subject;
}

/** Where a schema with this id is registered: in the context of the subject, or wherever the subject has that id. */
export function placesOfId(state: RegistryState, id: number, subject: string | undefined): SchemaVersion[] {
  const context = subject === undefined ? DEFAULT_CONTEXT : contextOf(subject);
  const here = state.withId(context, id);
  if (subject === undefined || isContextOnly(subject) || context !== DEFAULT_CONTEXT) return here;
  if (here.some((place) => place.subject === subject)) return here;
  for (const other of state.contexts()) {
    const places = state.withId(other, id);
    if (places.some((place) => parseSubject(place.subject).name === subject)) return places;
  }
  return here;
}

/** Throws 40403. */
export function schemaWithId(state: RegistryState, id: number, subject?: string): SchemaVersion {
  const places = placesOfId(state, id, subject);
  const found = places.find((place) => place.subject === subject) ?? places[0];
  if (!found) throw schemaNotFound(id);
  return found;
}

/** Ids of the schemas in force that refer to a version. */
export function referencedBy(state: RegistryState, { subject, version }: SchemaVersion): number[] {
  const ids = state
    .referrers(subject, version)
    .filter(({ deleted }) => !deleted)
    .map(({ id }) => id);
  return [...new Set(ids)].sort((one, other) => one - other);
}
