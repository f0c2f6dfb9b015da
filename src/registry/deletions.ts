import type { Decision } from './decision.ts';
import type { Entry } from './entry.ts';
import { existingVersion, versionsOf } from './lookups.ts';
import type { SchemaVersion } from './model.ts';
import { registryError, subjectNotFound } from './registry-error.ts';
import type { RegistryState } from './registry-state.ts';
import { checkWritable, forgetSettings } from './settings.ts';
import { contextOf } from './subject.ts';

/** Deleting is in two steps: a deleted version can be read still, a permanently deleted one is gone. */
export function deleteVersion(
  state: RegistryState,
  subject: string,
  version: number | 'latest',
  permanent: boolean,
): Decision<number> {
  const found = existingVersion(
    state,
    subject,
    version,
    version === 'latest' && !permanent ? 'without' : 'with',
  );
  if (found.deleted && !permanent)
    throw registryError(
      'versionDeleted',
      `Subject '${subject}' Version ${found.version} was soft deleted. Set permanent=true to delete permanently`,
    );
  if (!found.deleted && permanent)
    throw registryError(
      'versionNotDeleted',
      `Subject '${subject}' Version ${found.version} was not deleted first before being permanently deleted`,
    );
  checkWritable(state, subject);
  checkUnreferenced(state, found, permanent);
  const entries = permanent ? removal(state, [found]) : softDeletion(state, found);
  return { reply: found.version, entries };
}

/** So many versions are removed at once; a batch of records has its limit. */
export const REMOVED_AT_ONCE = 1_000;

/** Answers the versions that were deleted by this: the whole subject, or of one to remove the first so many. */
export function deleteSubject(state: RegistryState, subject: string, permanent: boolean): Decision<number[]> {
  const all = state.versions(subject);
  const live = all.filter(({ deleted }) => !deleted);
  if (all.length === 0) throw subjectNotFound(subject);
  if (!permanent && live.length === 0)
    throw registryError(
      'subjectDeleted',
      `Subject '${subject}' was soft deleted. Set permanent=true to delete permanently`,
    );
  if (permanent && live.length > 0)
    throw registryError(
      'subjectNotDeleted',
      `Subject '${subject}' was not deleted first before being permanently deleted`,
    );
  checkWritable(state, subject);
  const concerned = permanent ? all.slice(0, REMOVED_AT_ONCE) : live;
  for (const schema of concerned) checkUnreferenced(state, schema, permanent);
  const reply = concerned.map(({ version }) => version);
  if (permanent) return { reply, entries: removal(state, concerned) };
  const deletion: Entry = { kind: 'deleteSubject', subject, version: reply.at(-1)! };
  return { reply, entries: [deletion, ...forgetSettings(state, subject)] };
}

function softDeletion(state: RegistryState, schema: SchemaVersion): Entry[] {
  const { subject, version } = schema;
  const isLast = versionsOf(state, subject, 'without').length === 1;
  const deletion: Entry = { kind: 'schema', subject, version, schema: { ...schema, deleted: true } };
  return isLast ? [deletion, ...forgetSettings(state, subject)] : [deletion];
}

/** The highest id is remembered beside the schemas once none of them shows it. */
function removal(state: RegistryState, schemas: readonly SchemaVersion[]): Entry[] {
  const tombstones = schemas.map(
    ({ subject, version }): Entry => ({ kind: 'schema', subject, version, schema: null }),
  );
  const context = contextOf(schemas[0]!.subject);
  const maxId = state.maxId(context);
  const highestGoes = schemas.some(({ id }) => id === maxId);
  return highestGoes ? [{ kind: 'context', context, maxId }, ...tombstones] : tombstones;
}

function checkUnreferenced(state: RegistryState, schema: SchemaVersion, permanent: boolean): void {
  const { subject, version } = schema;
  const referrers = state.referrers(subject, version).filter(({ deleted }) => permanent || !deleted);
  const others = referrers.filter((other) => other.subject !== subject || other.version !== version);
  if (others.length === 0) return;
  const names = [...new Set(others.map((other) => `${other.subject} version ${other.version}`))].join(', ');
  throw registryError(
    'referenced',
    `One or more references exist to the schema of subject ${subject} version ${version}: ${names}`,
  );
}
