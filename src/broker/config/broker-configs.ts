import { CLUSTER_CONFIGS } from './broker/cluster-configs.ts';
import { GROUP_CONFIGS } from './broker/groups-configs.ts';
import { NETWORK_CONFIGS } from './broker/network-configs.ts';
import { SECURITY_CONFIGS } from './broker/security-configs.ts';
import { STORAGE_CONFIGS } from './broker/storage-configs.ts';
import { configRows } from './config-rows.ts';
import { type ConfigDefinition, configTable } from './config-table.ts';

const OWN_CONFIGS = configRows(`
allow.everyone.if.no.acl.found | boolean | false | | internal | Whether everybody may do what no rule is about, where there is an authorizer.
kafka.old.versions.enable | boolean | false | | internal | Whether requests in versions from before Kafka 2.1 are accepted, which Kafka 4.0 dropped (KIP-896).
log.durability | string | sync | sync,os | cluster | Durability of a topic that names none: sync or os.
sasl.plain.users | password | - | | internal | Users of PLAIN as NAME:PASSWORD with commas between.
super.users | string | | | internal | Principals no rule concerns, with semicolons between.
`);

/** Every broker config of Kafka 4.1 with its default, and what is ours. */
export const BROKER_CONFIGS = configTable([
  ...STORAGE_CONFIGS,
  ...GROUP_CONFIGS,
  ...NETWORK_CONFIGS,
  ...CLUSTER_CONFIGS,
  ...SECURITY_CONFIGS,
  ...OWN_CONFIGS,
]);

/**
 * Several names for one thing, in other units; the first that has a value counts. A topic's config takes its default
 * from the first, in milliseconds.
 */
const SYNONYMS: readonly (readonly (readonly [name: string, factor: number])[])[] = [
  [
    ['log.roll.ms', 1],
    ['log.roll.hours', 3_600_000],
  ],
  [
    ['log.roll.jitter.ms', 1],
    ['log.roll.jitter.hours', 3_600_000],
  ],
  [
    ['log.retention.ms', 1],
    ['log.retention.minutes', 60_000],
    ['log.retention.hours', 3_600_000],
  ],
];
const FLUSH: (typeof SYNONYMS)[number] = [
  ['log.flush.interval.ms', 1],
  ['log.flush.scheduler.interval.ms', 1],
];

const SYNONYMS_OF = new Map(SYNONYMS.flatMap((family) => family.map(([name]) => [name, family] as const)));
// The scheduler's interval is a config of its own, which the other falls back to.
SYNONYMS_OF.set('log.flush.interval.ms', FLUSH);

export function brokerSynonyms(name: string): (typeof SYNONYMS)[number] {
  return SYNONYMS_OF.get(name) ?? [[name, 1]];
}

const LISTENER = /^listener\.name\.[^.]*\.(?:(?:plain|scram-sha-\d+|oauthbearer|gssapi)\.)?(.*)$/;

/** A config name without the listener, and the SASL mechanism, it is meant for: `listener.name.NAME.max.connections`. */
export function withoutListener(name: string): string {
  return LISTENER.exec(name)?.[1] ?? name;
}

/** Known only once they are set: what replication may take, which nothing is measured against here. */
const THROTTLES = new Set([
  'leader.replication.throttled.rate',
  'follower.replication.throttled.rate',
  'replica.alter.log.dirs.io.max.bytes.per.second',
]);

/** A name the table does not have. It may belong to a plugin and may be a secret: Kafka keeps it and shows nothing of it. */
export function otherConfig(name: string): ConfigDefinition {
  if (THROTTLES.has(name)) return { name, type: 'long', default: null, min: 0, doc: '', readOnly: true };
  return { name, type: 'password', default: null, doc: '', readOnly: true, unknown: true };
}
