/** One feature of the cluster: the levels this software knows, and the one a new data folder begins with. */
interface Feature {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  readonly initial: number;
}

const METADATA_VERSION = 'metadata.version';
const KRAFT_VERSION = 'kraft.version';
export const GROUP_VERSION = 'group.version';
/** 1 are share groups (KIP-932). */
export const SHARE_VERSION = 'share.version';
export const TRANSACTION_VERSION = 'transaction.version';

/**
 * What ApiVersions announces, as Kafka 4.1 does (KIP-584). Clients switch behaviour on by a level, so only what is
 * implemented is named here: `transaction.version` 2 is KIP-890, 1 the flexible format of `__transaction_state`;
 * `group.version` 1 is the consumer protocol (KIP-848).
 * `metadata.version` (7 = 3.3-IV3 to 27 = 4.1-IV1) and `kraft.version` mean nothing to one node but are read by
 * tools; of one replica there are no other eligible leaders.
 */
export const FEATURES: readonly Feature[] = [
  { name: 'eligible.leader.replicas.version', min: 0, max: 1, initial: 1 },
  { name: GROUP_VERSION, min: 0, max: 1, initial: 1 },
  // 0: the voters are those the server was started with.
  { name: KRAFT_VERSION, min: 0, max: 1, initial: 0 },
  { name: METADATA_VERSION, min: 7, max: 27, initial: 27 },
  { name: SHARE_VERSION, min: 0, max: 1, initial: 1 },
  // Known by name to tools that set all features of a release; not announced, since there is nothing but level 0.
  { name: 'streams.version', min: 0, max: 0, initial: 0 },
  { name: TRANSACTION_VERSION, min: 0, max: 2, initial: 2 },
];

/** Kafka changed what its metadata holds at this level last, and refuses to lose any of it. */
const LAST_METADATA_CHANGE = 23;

/** Levels by name; one that is missing is the initial one. */
export type FeatureLevels = Readonly<Record<string, number>>;

export function featureLevel(levels: FeatureLevels, { name, initial }: Feature): number {
  return levels[name] ?? initial;
}

export type UpgradeType = 'upgrade' | 'safe downgrade' | 'unsafe downgrade';

export interface FeatureUpdate {
  readonly name: string;
  readonly level: number;
  /** undefined: a number no version of the protocol knows. */
  readonly type: UpgradeType | undefined;
}

/** The levels after all updates, or why none of them happens (in Kafka's wording). */
export function updatedLevels(
  before: FeatureLevels,
  updates: readonly FeatureUpdate[],
  nodeId: number,
): { readonly levels: FeatureLevels } | { readonly problem: string } {
  for (const update of updates) {
    const problem = problemOf(before, update, nodeId);
    if (problem !== undefined) return { problem };
  }
  return { levels: { ...before, ...Object.fromEntries(updates.map(({ name, level }) => [name, level])) } };
}

function problemOf(before: FeatureLevels, update: FeatureUpdate, nodeId: number): string | undefined {
  const { name, level, type } = update;
  const invalid = (why: string) => `Invalid update version ${level} for feature ${name}. ${why}`;
  if (type === undefined) return invalid('The controller does not support the given upgrade type.');
  if (level < 0) return invalid('A feature version cannot be less than 0.');
  const feature = FEATURES.find((known) => known.name === name);
  if (feature === undefined || (feature.max === 0 && level > 0))
    return invalid(`Local controller ${nodeId} does not support this feature.`);
  const { min, max } = feature;
  if (level < min || level > max)
    return invalid(`Local controller ${nodeId} only supports versions ${min}-${max}`);
  const current = featureLevel(before, feature);
  if (level < current && type === 'upgrade')
    return invalid(
      "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade.",
    );
  if (level > current && type !== 'upgrade') return invalid("Can't downgrade to a newer version.");
  if (level < current && name === KRAFT_VERSION)
    return invalid("Can't downgrade the version of this feature.");
  if (level < current && name === METADATA_VERSION && level < LAST_METADATA_CHANGE)
    return type === 'unsafe downgrade'
      ? `Invalid metadata.version ${level}. Unsafe metadata downgrade is not supported in this version.`
      : `Invalid metadata.version ${level}. Refusing to perform the requested downgrade because it might delete metadata information.`;
  return undefined;
}
