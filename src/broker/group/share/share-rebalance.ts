import { type GroupTopics, topicsHash } from '../consumer/group-topics.ts';
import type { ShareGroup, ShareMember } from './share-group.ts';
import type { Assignment, SharedTopic, ShareGroupEntry } from './share-group-entries.ts';
import { type AssignableTopic, assignSimply } from './simple-assignor.ts';

/** What the rebalance must know of a topic. */
export interface KnownTopic extends AssignableTopic {
  readonly name: string;
}

export interface Rebalanced {
  readonly entries: readonly ShareGroupEntry[];
  readonly assignmentEpoch: number;
  targetOf(memberId: string): Assignment;
}

/**
 * What follows for a group from having these members: a new epoch when they or the topics they want have changed,
 * and with it a new target for each. Partitions that nobody has shared yet get a state at once, since on one node
 * there is no other broker to ask for it first.
 */
export function rebalance(
  group: ShareGroup,
  members: ReadonlyMap<string, ShareMember>,
  known: GroupTopics,
  hasChanged: boolean,
): Rebalanced {
  const { groupId } = group;
  const names = new Set([...members.values()].flatMap(({ topics }) => topics));
  const topics = [...names].sort().flatMap((name) => known.find(name) ?? []);
  const metadataHash = topicsHash(names, known);
  const entries: ShareGroupEntry[] = [];
  const isStale = hasChanged || metadataHash !== group.metadataHash;
  const epoch = isStale ? group.epoch + 1 : group.epoch;
  if (isStale) entries.push({ kind: 'share group', groupId, value: { epoch, metadataHash } });
  const partitions = withTopics(group.partitions, topics);
  if (partitions !== group.partitions) entries.push({ kind: 'share partitions', groupId, value: partitions });
  if (epoch === group.assignmentEpoch || members.size === 0)
    return {
      entries,
      assignmentEpoch: group.assignmentEpoch,
      targetOf: (memberId) => group.targets.get(memberId) ?? [],
    };
  const targets = newTargets(group, members, topics);
  for (const [memberId, value] of targets) {
    const before = group.targets.get(memberId);
    if (before === undefined || !isSameAssignment(before, value))
      entries.push({ kind: 'share target of member', groupId, memberId, value });
  }
  entries.push({ kind: 'share target', groupId, value: { assignmentEpoch: epoch } });
  return { entries, assignmentEpoch: epoch, targetOf: (memberId) => targets.get(memberId) ?? [] };
}

function newTargets(
  group: ShareGroup,
  members: ReadonlyMap<string, ShareMember>,
  topics: readonly KnownTopic[],
) {
  const assignable = [...members.values()].map((member) => ({
    memberId: member.memberId,
    topicIds: new Set(
      topics.filter(({ name }) => member.topics.includes(name)).map(({ topicId }) => topicId),
    ),
    before: group.targets.get(member.memberId) ?? [],
  }));
  return assignSimply(assignable, topics);
}

/** The same array when there is nothing to add. */
export function withTopics(
  before: readonly SharedTopic[],
  topics: readonly KnownTopic[],
): readonly SharedTopic[] {
  const added = topics.filter(({ topicId, partitionCount }) => {
    const known = before.find((topic) => topic.topicId === topicId);
    return known === undefined || known.partitions.length < partitionCount;
  });
  if (added.length === 0) return before;
  const ids = new Set(added.map(({ topicId }) => topicId));
  return [
    ...before.filter(({ topicId }) => !ids.has(topicId)),
    ...added.map(({ topicId, name, partitionCount }) => ({
      topicId,
      name,
      partitions: Array.from({ length: partitionCount }, (_, partition) => partition),
    })),
  ];
}

export function isSameAssignment(a: Assignment, b: Assignment): boolean {
  return (
    a.length === b.length &&
    a.every(
      ({ topicId, partitions }, index) =>
        topicId === b[index]!.topicId && partitions.join() === b[index]!.partitions.join(),
    )
  );
}
