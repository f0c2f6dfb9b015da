import { alterConfig, type ConfigRules } from '../config/alter-config.ts';
import type { ConfigMap } from '../config/settings.ts';
import type { AlterConfigs, ConfigKind, ConfigResource, Verdict } from './metadata-calls.ts';
import type { ConfigEntry, MetadataEntry } from './metadata-entries.ts';

const NOTHING: ConfigMap = {};

/** What was set for brokers, groups and client metrics subscriptions; a part of the metadata machine. */
export class ResourceConfigs {
  readonly #rules: (kind: ConfigResource['kind']) => ConfigRules;
  readonly #configs: Record<ConfigKind, Map<string, ConfigMap>> = {
    // A new Kafka 4.1 cluster has this from its feature eligible.leader.replicas.version (KIP-966).
    broker: new Map([['', { 'min.insync.replicas': '1' }]]),
    group: new Map(),
    'client-metrics': new Map(),
  };
  #version = 0;

  constructor(rules: (kind: ConfigResource['kind']) => ConfigRules) {
    this.#rules = rules;
  }

  /** Rises with every change: whoever derives something from configs compares it. */
  get version(): number {
    return this.#version;
  }

  of(kind: ConfigKind, name: string): ConfigMap {
    return this.#configs[kind].get(name) ?? NOTHING;
  }

  /** The names for which something is set. */
  names(kind: ConfigKind): readonly string[] {
    return [...this.#configs[kind].keys()];
  }

  alter(
    { kind, name }: { readonly kind: ConfigKind; readonly name: string },
    { changes, replacesAll, validateOnly }: AlterConfigs,
    entries: MetadataEntry[],
  ): Verdict {
    const before = replacesAll ? NOTHING : this.of(kind, name);
    const altered = alterConfig(this.#rules(kind), name, before, changes);
    if ('error' in altered) return altered;
    const value = Object.keys(altered.config).length > 0 ? altered.config : null;
    if (!validateOnly) entries.push({ kind: 'config', resource: { kind, name }, value });
    return { error: 'NONE', message: null };
  }

  replay({ resource: { kind, name }, value }: ConfigEntry): void {
    this.#version++;
    if (value === null) this.#configs[kind].delete(name);
    else this.#configs[kind].set(name, value);
  }
}
