import type { Context } from 'hono';
import {
  type CompatibilityLevel,
  type JsonObject,
  LEVELS,
  MODES,
  type Mode,
  type SubjectConfig,
} from '../registry/model.ts';
import type { GivenSchema } from '../registry/register.ts';
import { invalidSchema, registryError } from '../registry/registry-error.ts';
import type { Scope } from '../registry/settings.ts';
import { DEFAULT_CONTEXT, formatSubject, normalSubject, parseSubject } from '../registry/subject.ts';
import { type SchemaReference, SchemaRegistryError, type SchemaType } from '../serde/schema-registry.ts';
import type { AppTypes } from './app-types.ts';
import { negotiate } from './negotiate.ts';
import { REGISTRY_JSON } from './registry-refusal.ts';

export type RegistryContext = Context<AppTypes>;

const ACCEPTED = [REGISTRY_JSON, 'application/vnd.schemaregistry+json', 'application/json'] as const;
const MAX_VERSION = 2 ** 31 - 1;

/** JSON in the type that the asker prefers. */
export function answer(c: RegistryContext, body: unknown): Response {
  return answerText(c, JSON.stringify(body));
}

export function answerText(c: RegistryContext, text: string): Response {
  const type = negotiate(c.req.header('accept'), ACCEPTED);
  if (type === undefined) throw new SchemaRegistryError(`Answers are of type ${ACCEPTED.join(', ')}.`, 406);
  return c.body(text, 200, { 'content-type': type });
}

export function flag(c: RegistryContext, name: string): boolean {
  return c.req.query(name)?.toLowerCase() === 'true';
}

/** `/contexts/.ctx/subjects/s` is `/subjects/:.ctx:s`; a subject that names its context itself keeps it. */
export function subjectOf(c: RegistryContext): string {
  return qualified(c, c.req.param('subject') ?? '');
}

/** What a subject stands for in settings: the whole registry, a context, or the subject. */
export function scopeOf(c: RegistryContext): Scope {
  const scope = qualified(c, c.req.param('subject') ?? '');
  return scope === '' ? null : scope;
}

/** Where `subject` is a parameter, to tell which context an id is of. */
export function subjectParameter(c: RegistryContext): string | undefined {
  const subject = qualified(c, c.req.query('subject') ?? '');
  return subject === '' ? undefined : subject;
}

/** Every context unless one is given. */
export function prefixOf(c: RegistryContext): string {
  const given = c.req.query('subjectPrefix');
  if (contextParameter(c) === undefined) return given ?? ':*:';
  return qualified(c, given ?? '');
}

function qualified(c: RegistryContext, subject: string): string {
  const context = contextParameter(c);
  const { context: own, name } = parseSubject(subject);
  return context !== undefined && own === DEFAULT_CONTEXT
    ? formatSubject({ context, name })
    : normalSubject(subject);
}

function contextParameter(c: RegistryContext): string | undefined {
  const given = c.req.param('context');
  if (given === undefined) return undefined;
  const name = given.replace(/^:|:$/g, '');
  return name.startsWith('.') ? name : `.${name}`;
}

/** Throws 42202. */
export function versionOf(c: RegistryContext): number | 'latest' {
  const text = c.req.param('version') ?? '';
  if (text === 'latest' || text === '-1') return 'latest';
  const version = Number(text);
  if (/^\d+$/.test(text) && version >= 1 && version <= MAX_VERSION) return version;
  throw registryError(
    'invalidVersion',
    `The specified version '${text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  );
}

export function idOf(c: RegistryContext): number {
  const text = c.req.param('id') ?? '';
  if (/^\d{1,10}$/.test(text)) return Number(text);
  throw registryError('schemaNotFound', `Schema ${text} not found: an id is a whole number`);
}

/** The part that `offset` and `limit` ask for. */
export function page<Item>(c: RegistryContext, items: readonly Item[]): readonly Item[] {
  const offset = Math.max(0, Number(c.req.query('offset') ?? 0) || 0);
  const limit = Number(c.req.query('limit') ?? -1);
  return limit >= 0 ? items.slice(offset, offset + limit) : items.slice(offset);
}

/** Throws 42201 when the body is no schema. */
export function schemaIn(body: Readonly<Record<string, unknown>>, normalize: boolean): GivenSchema {
  const { schema, schemaType = 'AVRO', references = [], metadata, ruleSet } = body;
  if (typeof schema !== 'string') throw invalidSchema('Empty schema: the field "schema" must be a text');
  return {
    schema,
    type: String(schemaType ?? 'AVRO').toUpperCase() as SchemaType,
    references: referencesIn(references),
    metadata: objectIn('metadata', metadata),
    ruleSet: objectIn('ruleSet', ruleSet),
    normalize,
    id: numberIn('id', body.id),
    version: numberIn('version', body.version),
  };
}

function referencesIn(value: unknown): SchemaReference[] {
  const list = value ?? [];
  const isReference = (item: unknown): item is SchemaReference => {
    const { name, subject, version } = (item ?? {}) as Partial<SchemaReference>;
    return typeof name === 'string' && typeof subject === 'string' && Number.isInteger(version);
  };
  if (Array.isArray(list) && list.every(isReference))
    return list.map(({ name, subject, version }) => ({ name, subject, version }));
  throw invalidSchema('Invalid schema references: each has a "name", a "subject" and a "version"');
}

function objectIn(name: string, value: unknown): JsonObject | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  throw new SchemaRegistryError(`The field "${name}" must be an object.`, 422);
}

/** -1 is how clients say that they know none. */
function numberIn(name: string, value: unknown): number | undefined {
  if (value === undefined || value === null || value === -1 || value === 0) return undefined;
  if (typeof value === 'number' && Number.isInteger(value) && value > 0) return value;
  throw new SchemaRegistryError(`The field "${name}" must be a positive whole number.`, 422);
}

export function levelIn(value: unknown): CompatibilityLevel {
  const level = LEVELS.find((known) => known === String(value).toUpperCase());
  if (level) return level;
  throw registryError(
    'invalidLevel',
    `Invalid compatibility level. Valid values are ${LEVELS.map((known) => known.toLowerCase()).join(', ')}`,
  );
}

export function modeIn(value: unknown): Mode {
  const mode = MODES.find((known) => known === String(value).toUpperCase());
  if (mode) return mode;
  throw registryError('invalidMode', `Invalid mode. Valid values are ${MODES.join(', ')}`);
}

const CONFIG_FIELDS: readonly string[] = [
  ...['compatibilityLevel', 'alias', 'compatibilityGroup', 'normalize'],
  ...['defaultMetadata', 'overrideMetadata', 'defaultRuleSet', 'overrideRuleSet'],
];

type ConfigChange = { readonly [Name in keyof SubjectConfig]?: SubjectConfig[Name] | null };

/** What a body changes: a field that is missing changes nothing, `null` takes a setting back. */
export function configIn(body: Readonly<Record<string, unknown>>): ConfigChange {
  const change: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(body)) {
    const field = name === 'compatibility' ? 'compatibilityLevel' : name;
    // Before its value: a name that is misspelt is no setting to take back.
    if (!CONFIG_FIELDS.includes(field)) throw new SchemaRegistryError(`Unrecognized field: ${name}`, 422);
    change[field] = value === null ? null : configValue(field, value);
  }
  return change as ConfigChange;
}

function configValue(name: string, value: unknown): unknown {
  switch (name) {
    case 'compatibilityLevel':
      return levelIn(value);
    case 'alias':
      return normalSubject(typed('string', name, value));
    case 'compatibilityGroup':
      return typed('string', name, value);
    case 'normalize':
      return typed('boolean', name, value);
    default:
      return objectIn(name, value);
  }
}

function typed<Type extends 'string' | 'boolean'>(type: Type, name: string, value: unknown) {
  if (typeof value !== type)
    throw new SchemaRegistryError(
      `The field "${name}" must be a ${type}, not ${JSON.stringify(value)}.`,
      422,
    );
  return value as Type extends 'string' ? string : boolean;
}
