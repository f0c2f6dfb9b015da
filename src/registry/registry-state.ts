import type { Entry } from './entry.ts';
import { guidOf } from './guid.ts';
import type { Mode, SchemaDefinition, SchemaVersion, SubjectConfig } from './model.ts';
import { contextOf, DEFAULT_CONTEXT, inContextOf } from './subject.ts';

/** Ids are counted per context. */
interface Context {
  maxId: number;
  readonly byId: Map<number, Set<SchemaVersion>>;
  /** By what `guidOf` makes of the definition: schemas of another registry may have been given other GUIDs. */
  readonly idOfDefinition: Map<string, number>;
}

/**
 * Everything the registry remembers, rebuilt from its topic. Changes by `replay` alone.
 *
 * ```
 *  subject ──> version ──> schema version <──┐
 *  context ──> id ─────────────────────────┘ the same schema under several subjects has one id
 * ```
 * Invariant: an id stands for one definition for ever.
 */
export class RegistryState {
  readonly #subjects = new Map<string, Map<number, SchemaVersion>>();
  readonly #contexts = new Map<string, Context>();
  readonly #byGuid = new Map<string, Set<SchemaVersion>>();
  readonly #referrers = new Map<string, Set<SchemaVersion>>();
  readonly #configs = new Map<string | null, SubjectConfig>();
  readonly #modes = new Map<string | null, Mode>();

  replay(entry: Entry): void {
    switch (entry.kind) {
      case 'schema':
        this.#put(entry.subject, entry.version, entry.schema);
        break;
      case 'config':
        if (entry.config) this.#configs.set(entry.subject, entry.config);
        else this.#configs.delete(entry.subject);
        break;
      case 'mode':
        if (entry.mode) this.#modes.set(entry.subject, entry.mode);
        else this.#modes.delete(entry.subject);
        break;
      case 'deleteSubject':
        for (const schema of this.versions(entry.subject))
          if (schema.version <= entry.version && !schema.deleted)
            this.#put(entry.subject, schema.version, { ...schema, deleted: true });
        break;
      case 'context': {
        const context = this.#context(entry.context);
        context.maxId = Math.max(context.maxId, entry.maxId ?? 0);
        break;
      }
    }
  }

  subjects(): Iterable<string> {
    return this.#subjects.keys();
  }

  /** Oldest first, deleted ones included. */
  versions(subject: string): SchemaVersion[] {
    const versions = [...(this.#subjects.get(subject)?.values() ?? [])];
    return versions.sort((one, other) => one.version - other.version);
  }

  version(subject: string, version: number): SchemaVersion | undefined {
    return this.#subjects.get(subject)?.get(version);
  }

  contexts(): string[] {
    return [...new Set([DEFAULT_CONTEXT, ...this.#contexts.keys()])].sort();
  }

  hasContext(context: string): boolean {
    return context === DEFAULT_CONTEXT || this.#contexts.has(context);
  }

  maxId(context: string): number {
    return this.#contexts.get(context)?.maxId ?? 0;
  }

  /** Every place a schema is registered, deleted ones included. */
  withId(context: string, id: number): SchemaVersion[] {
    return [...(this.#contexts.get(context)?.byId.get(id) ?? [])];
  }

  withGuid(guid: string): SchemaVersion[] {
    return [...(this.#byGuid.get(guid) ?? [])];
  }

  idOf(context: string, definition: SchemaDefinition): number | undefined {
    return this.#contexts.get(context)?.idOfDefinition.get(guidOf(definition));
  }

  /** Schemas that refer to this one, deleted ones included. */
  referrers(subject: string, version: number): SchemaVersion[] {
    return [...(this.#referrers.get(referrerKey(subject, version)) ?? [])];
  }

  config(subject: string | null): SubjectConfig | undefined {
    return this.#configs.get(subject);
  }

  mode(subject: string | null): Mode | undefined {
    return this.#modes.get(subject);
  }

  /** Subjects (and contexts as `:.ctx:`) with settings of their own. */
  configured(): { readonly configs: Iterable<string | null>; readonly modes: Iterable<string | null> } {
    return { configs: this.#configs.keys(), modes: this.#modes.keys() };
  }

  #put(subject: string, version: number, schema: SchemaVersion | null): void {
    const versions = this.#subjects.get(subject) ?? new Map<number, SchemaVersion>();
    const before = versions.get(version);
    if (before) this.#unlink(before);
    if (schema) {
      versions.set(version, schema);
      this.#link(schema);
    } else versions.delete(version);
    if (versions.size > 0) this.#subjects.set(subject, versions);
    else this.#subjects.delete(subject);
  }

  #link(schema: SchemaVersion): void {
    const context = this.#context(contextOf(schema.subject));
    context.maxId = Math.max(context.maxId, schema.id);
    addTo(context.byId, schema.id, schema);
    context.idOfDefinition.set(guidOf(schema), schema.id);
    addTo(this.#byGuid, schema.guid, schema);
    for (const key of referrerKeys(schema)) addTo(this.#referrers, key, schema);
  }

  #unlink(schema: SchemaVersion): void {
    const context = this.#context(contextOf(schema.subject));
    removeFrom(context.byId, schema.id, schema);
    if (!context.byId.has(schema.id)) context.idOfDefinition.delete(guidOf(schema));
    removeFrom(this.#byGuid, schema.guid, schema);
    for (const key of referrerKeys(schema)) removeFrom(this.#referrers, key, schema);
  }

  #context(name: string): Context {
    let context = this.#contexts.get(name);
    if (!context) {
      context = { maxId: 0, byId: new Map(), idOfDefinition: new Map() };
      this.#contexts.set(name, context);
    }
    return context;
  }
}

function referrerKey(subject: string, version: number): string {
  return `${version} ${subject}`;
}

function referrerKeys({ subject, references }: SchemaVersion): string[] {
  return references.map((reference) =>
    referrerKey(inContextOf(subject, reference.subject), reference.version),
  );
}

function addTo<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  if (set) set.add(value);
  else sets.set(key, new Set([value]));
}

function removeFrom<Key, Value>(sets: Map<Key, Set<Value>>, key: Key, value: Value): void {
  const set = sets.get(key);
  set?.delete(value);
  if (set?.size === 0) sets.delete(key);
}
