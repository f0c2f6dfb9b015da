import { Buffer } from 'node:buffer';
import type { EntryCodec } from '../../topics/state-machine.ts';
import type { FeatureLevels } from '../features.ts';

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

export interface BrokerConfigEntry {
  readonly kind: 'broker-config';
  readonly value: Readonly<Record<string, string>>;
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
export type MetadataEntry = TopicEntry | BrokerConfigEntry | ProducerIdsEntry | FeaturesEntry;

/**
 * Records are JSON, so that a stranger can read them with any consumer.
 *
 *   key    "topic:NAME" | "broker-config" | "producer-ids" | "features"
 *   value  {"version":1, ...value} or null
 *
 * Format migration: a field may be added with a default; anything else raises `version`.
 */
const VERSION = 1;

export const metadataCodec: EntryCodec<MetadataEntry> = {
  encode(entry) {
    const key = entry.kind === 'topic' ? `topic:${entry.name}` : entry.kind;
    const value = entry.value && Buffer.from(JSON.stringify({ version: VERSION, ...entry.value }));
    return { key: Buffer.from(key), value };
  },

  decode(keyBytes, valueBytes) {
    const key = keyBytes.toString();
    const parsed = valueBytes && JSON.parse(valueBytes.toString());
    if (parsed !== null && parsed.version > VERSION)
      throw new Error(`The metadata record ${key} was written by a newer version (${parsed.version})`);
    if (parsed !== null) delete parsed.version;
    if (key.startsWith('topic:')) return { kind: 'topic', name: key.slice('topic:'.length), value: parsed };
    if (key === 'broker-config' || key === 'producer-ids' || key === 'features')
      return { kind: key, value: parsed };
    return undefined;
  },
};
