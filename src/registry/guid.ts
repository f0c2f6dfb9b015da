import { createHash } from 'node:crypto';
import type { SchemaDefinition } from './model.ts';

/** A schema's identity outside of any context: a UUID over everything that distinguishes it from another one. */
export function guidOf({ type, schema, references, metadata, ruleSet }: SchemaDefinition): string {
  const parts = [type, schema, references.map(({ name, subject, version }) => [name, subject, version])];
  const hex = createHash('md5')
    .update(JSON.stringify([...parts, sorted(metadata), sorted(ruleSet)]))
    .digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The order of an object's keys is nobody's wish. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value ?? null;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return entries.map(([key, item]) => [key, sorted(item)]);
}
