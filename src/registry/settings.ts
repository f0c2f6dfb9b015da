import type { Decision } from './decision.ts';
import type { Entry } from './entry.ts';
import { hasSubject, subjectNames } from './lookups.ts';
import type { CompatibilityLevel, Mode, SubjectConfig } from './model.ts';
import { registryError, subjectNotFound } from './registry-error.ts';
import type { RegistryState } from './registry-state.ts';
import { contextOf, DEFAULT_CONTEXT, formatSubject, GLOBAL_CONTEXT, isContextOnly } from './subject.ts';

/** `null` stands for everything, `:.ctx:` for a context. */
export type Scope = string | null;

const DEFAULT_LEVEL: CompatibilityLevel = 'BACKWARD';
const DEFAULT_MODE: Mode = 'READWRITE';

/** From the narrowest scope to the widest. */
export function scopesOf(subject: Scope): Scope[] {
  const everything = [null, `:${GLOBAL_CONTEXT}:`];
  if (subject === null || subject === '') return everything;
  const context = contextOf(subject);
  const ofContext = context === DEFAULT_CONTEXT ? [] : [formatSubject({ context, name: '' })];
  return [...new Set([...(isContextOnly(subject) ? [] : [subject]), ...ofContext, ...everything])];
}

/** Each setting from the narrowest scope that has it. */
export function configInScope(
  state: RegistryState,
  subject: Scope,
): SubjectConfig & {
  readonly compatibilityLevel: CompatibilityLevel;
} {
  const merged: Record<string, unknown> = { compatibilityLevel: DEFAULT_LEVEL };
  for (const scope of scopesOf(subject).reverse()) {
    // What a subject stands for is nobody else's business.
    delete merged.alias;
    Object.assign(merged, state.config(scope));
  }
  return merged as unknown as ReturnType<typeof configInScope>;
}

/** READONLY_OVERRIDE of a wider scope wins over what a narrower one says. */
export function modeInScope(state: RegistryState, subject: Scope): Mode {
  const modes = scopesOf(subject).map((scope) => state.mode(scope));
  if (modes.includes('READONLY_OVERRIDE')) return 'READONLY_OVERRIDE';
  return modes.find((mode) => mode !== undefined) ?? DEFAULT_MODE;
}

export function checkWritable(state: RegistryState, subject: string): void {
  const mode = modeInScope(state, subject);
  if (mode === 'READONLY' || mode === 'READONLY_OVERRIDE')
    throw registryError('notPermitted', `Subject ${subject} is in read-only mode`);
}

/** The subject that requests for this one mean. */
export function aliased(state: RegistryState, subject: string): string {
  return state.config(subject)?.alias ?? subject;
}

/** Settings that the change names, a `null` of which takes one back. */
export function changeConfig(
  state: RegistryState,
  scope: Scope,
  change: { readonly [Name in keyof SubjectConfig]?: SubjectConfig[Name] | null },
): Decision<undefined> {
  const merged = Object.entries({ ...state.config(scope), ...change }).filter(
    ([, value]) => value !== null && value !== undefined,
  );
  return {
    reply: undefined,
    entries: [{ kind: 'config', subject: scope, config: Object.fromEntries(merged) }],
  };
}

export function removeConfig(state: RegistryState, scope: Scope): Decision<SubjectConfig> {
  const config = state.config(scope);
  if (!config && scope !== null) throw subjectNotFound(scope);
  const reply = config ?? configInScope(state, null);
  return { reply, entries: config ? [{ kind: 'config', subject: scope, config: null }] : [] };
}

/** Ids and versions that come with the schemas must not meet any given out here, unless `force` says so. */
export function changeMode(
  state: RegistryState,
  scope: Scope,
  mode: Mode,
  options: { readonly force: boolean },
): Decision<undefined> {
  if (
    mode === 'IMPORT' &&
    modeInScope(state, scope) !== 'IMPORT' &&
    !options.force &&
    hasSchemas(state, scope)
  )
    throw registryError(
      'notPermitted',
      'Cannot import since found existing subjects: delete them first, or ask with force=true.',
    );
  return { reply: undefined, entries: [{ kind: 'mode', subject: scope, mode }] };
}

export function removeMode(state: RegistryState, scope: Scope): Decision<Mode> {
  const mode = state.mode(scope);
  if (mode === undefined && scope !== null) throw subjectNotFound(scope);
  const reply = mode ?? DEFAULT_MODE;
  return { reply, entries: mode === undefined ? [] : [{ kind: 'mode', subject: scope, mode: null }] };
}

/** A subject that is gone takes its settings with it. */
export function forgetSettings(state: RegistryState, subject: string): Entry[] {
  const entries: Entry[] = [];
  if (state.config(subject)) entries.push({ kind: 'config', subject, config: null });
  if (state.mode(subject)) entries.push({ kind: 'mode', subject, mode: null });
  return entries;
}

function hasSchemas(state: RegistryState, scope: Scope): boolean {
  if (scope === null) return subjectNames(state, '', 'without').length > 0;
  return isContextOnly(scope)
    ? subjectNames(state, scope, 'without').length > 0
    : hasSubject(state, scope, 'without');
}
