/** Partitions by topic id: numbers ascending, no topic without partitions. Never changed, only replaced. */
export type Assignment = ReadonlyMap<string, readonly number[]>;

/** How messages and records spell an assignment. */
export interface TopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export const NO_PARTITIONS: Assignment = new Map();

export function toAssignment(topics: Iterable<TopicPartitions>): Assignment {
  const all = new Map<string, Set<number>>();
  for (const { topicId, partitions } of topics) {
    const known = all.get(topicId);
    if (known === undefined) all.set(topicId, new Set(partitions));
    else for (const partition of partitions) known.add(partition);
  }
  return fromSets(all);
}

export function toTopicPartitions(assignment: Assignment): TopicPartitions[] {
  return [...assignment].map(([topicId, partitions]) => ({ topicId, partitions }));
}

export function fromSets(sets: ReadonlyMap<string, ReadonlySet<number>>): Assignment {
  const assignment = new Map<string, readonly number[]>();
  for (const [topicId, partitions] of sets) {
    if (partitions.size > 0)
      assignment.set(
        topicId,
        [...partitions].sort((a, b) => a - b),
      );
  }
  return assignment;
}

export function has(assignment: Assignment, topicId: string, partition: number): boolean {
  return assignment.get(topicId)?.includes(partition) ?? false;
}

export function isEqual(one: Assignment, other: Assignment): boolean {
  if (one === other) return true;
  return one.size === other.size && isSubset(one, other) && isSubset(other, one);
}

export function isSubset(part: Assignment, whole: Assignment): boolean {
  return minus(part, whole).size === 0;
}

export function overlaps(one: Assignment, other: Assignment): boolean {
  return [...one].some(([topicId, partitions]) => partitions.some((p) => has(other, topicId, p)));
}

export function minus(one: Assignment, other: Assignment): Assignment {
  return filter(one, (topicId, partition) => !has(other, topicId, partition));
}

export function union(one: Assignment, other: Assignment): Assignment {
  if (other.size === 0) return one;
  return toAssignment([...toTopicPartitions(one), ...toTopicPartitions(other)]);
}

export function filter(
  assignment: Assignment,
  keeps: (topicId: string, partition: number) => boolean,
): Assignment {
  const kept = new Map<string, readonly number[]>();
  for (const [topicId, partitions] of assignment) {
    const left = partitions.filter((partition) => keeps(topicId, partition));
    if (left.length > 0) kept.set(topicId, left);
  }
  return kept;
}
