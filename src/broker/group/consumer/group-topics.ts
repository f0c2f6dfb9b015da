/** Of a topic, what consumer groups need to know. */
export interface TopicShape {
  readonly name: string;
  readonly topicId: string;
  readonly partitionCount: number;
}

/** The topics that exist, as the coordinator of groups sees them. */
export interface GroupTopics {
  /** Another one whenever a topic was created or deleted, or grew. */
  readonly version: number;
  find(name: string): TopicShape | undefined;
  findById(topicId: string): TopicShape | undefined;
  list(): Iterable<TopicShape>;
}

export const NO_TOPICS: GroupTopics = {
  version: 0,
  find: () => undefined,
  findById: () => undefined,
  list: () => [],
};

/**
 * A number that differs when the topics a group subscribes to came, went or grew. Kept with the group's epoch, so
 * that changes during a restart are noticed after it. FNV-1a over two lanes, cut to the 53 bits a number holds.
 */
export function topicsHash(names: Iterable<string>, topics: GroupTopics): number {
  const known = [...names]
    .map((name) => topics.find(name))
    .filter((topic) => topic !== undefined)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (known.length === 0) return 0;
  const text = known.map((topic) => `${topic.name}\0${topic.topicId}\0${topic.partitionCount}`).join('\n');
  let low = 0x811c9dc5;
  let high = 0xcbf29ce4;
  for (let index = 0; index < text.length; index++) {
    low = Math.imul(low ^ text.charCodeAt(index), 0x01000193);
    high = Math.imul(high ^ low, 0x01000193);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
