import { Buffer } from 'node:buffer';
import type { EntryCodec } from '../../topics/state-machine.ts';
import type { FeatureLevels } from '../features.ts';
import { entityKey, entityOf, type QuotaEntity, type QuotaValues } from '../quota/quota-entity.ts';
import {
  decodeSecurityEntry,
  encodeSecurityEntry,
  type SecurityEntry,
} from '../security/security-entries.ts';
import type { ConfigKind } from './metadata-calls.ts';

export interface TopicEntry {
  readonly kind: 'topic';
  readonly name: string;
  /** null: deleted. */
  readonly value: {
    readonly topicId: string;
    readonly partitionCount: number;
    readonly replicationFactor: number;
    readonly internal: boolean;
    readonly config: Readonly<Record<string, string>>;
  } | null;
}

export interface ConfigEntry {
  readonly kind: 'config';
  readonly resource: { readonly kind: ConfigKind; readonly name: string };
  /** null: nothing is set. */
  readonly value: Readonly<Record<string, string>> | null;
}

export interface QuotaEntry {
  readonly kind: 'quota';
  readonly entity: QuotaEntity;
  /** null: no quota. */
  readonly value: QuotaValues | null;
}

export interface ProducerIdsEntry {
  readonly kind: 'producer-ids';
  /** Every lower id may have been handed out. */
  readonly value: { readonly next: number };
}

export interface FeaturesEntry {
  readonly kind: 'features';
  /** Finalized levels by name. */
  readonly value: { readonly levels: FeatureLevels };
}

/** What `__millrace_metadata` holds. */
export type MetadataEntry =
  | TopicEntry
  | ConfigEntry
  | QuotaEntry
  | ProducerIdsEntry
  | FeaturesEntry
  | SecurityEntry;

/**
 * Records are JSON, so that a stranger can read them with any consumer.
 *
 *   key    "topic:NAME" | "config:KIND:NAME" | "broker-config" (of all brokers) | "quota:ENTITY"
 *          | "producer-ids" | "features" | "acl:ID" | "scram:MECHANISM:USER"
 *   value  {"version":1, ...value} or null
 *
 * Format migration: a field may be added with a default; anything else raises `version`.
 */
const VERSION = 1;

export const metadataCodec: EntryCodec<MetadataEntry> = {
  encode(entry) {
    const { key, value } = plainRecord(entry);
    return {
      key: Buffer.from(key),
      value: value && Buffer.from(JSON.stringify({ version: VERSION, ...value })),
    };
  },

  decode(keyBytes, valueBytes) {
    const key = keyBytes.toString();
    const parsed = valueBytes && JSON.parse(valueBytes.toString());
    if (parsed !== null && parsed.version > VERSION)
      throw new Error(`The metadata record ${key} was written by a newer version (${parsed.version})`);
    if (parsed !== null) delete parsed.version;
    if (key.startsWith('topic:')) return { kind: 'topic', name: key.slice('topic:'.length), value: parsed };
    if (key.startsWith('config:')) {
      const [, kind = '', ...name] = key.split(':');
      return { kind: 'config', resource: { kind: kind as ConfigKind, name: name.join(':') }, value: parsed };
    }
    if (key.startsWith('quota:'))
      return { kind: 'quota', entity: entityOf(key.slice('quota:'.length)), value: parsed };
    if (key === ALL_BROKERS_KEY)
      return { kind: 'config', resource: { kind: 'broker', name: '' }, value: parsed };
    if (key === 'producer-ids' || key === 'features') return { kind: key, value: parsed };
    return decodeSecurityEntry(key, parsed);
  },
};

/** Older than the others, hence another form. */
const ALL_BROKERS_KEY = 'broker-config';

function plainRecord(entry: MetadataEntry): { readonly key: string; readonly value: object | null } {
  if (entry.kind === 'acl' || entry.kind === 'scram') return encodeSecurityEntry(entry);
  return { key: keyOf(entry), value: entry.value };
}

function keyOf(entry: Exclude<MetadataEntry, SecurityEntry>): string {
  if (entry.kind === 'topic') return `topic:${entry.name}`;
  if (entry.kind === 'quota') return `quota:${entityKey(entry.entity)}`;
  if (entry.kind !== 'config') return entry.kind;
  const { kind, name } = entry.resource;
  return kind === 'broker' && name === '' ? ALL_BROKERS_KEY : `config:${kind}:${name}`;
}
