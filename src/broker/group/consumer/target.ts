import { isEqual } from './assignment.ts';
import type { Assignor } from './assignor.ts';
import { assignRanges } from './assignor-range.ts';
import { assignUniformly } from './assignor-uniform.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { GroupDraft } from './group-draft.ts';
import type { GroupTopics } from './group-topics.ts';

/** What this server can assign with, by the names of `group.consumer.assignors`. */
export const ASSIGNORS: Readonly<Record<string, Assignor>> = {
  uniform: assignUniformly,
  range: assignRanges,
};

/** The assignor most members ask for; the first of the configured ones when they ask for none. */
export function assignorOf(group: ConsumerGroup, configured: readonly string[]): string {
  const votes = new Map(configured.map((name) => [name, 0]));
  for (const { serverAssignor } of group.members.values()) {
    const count = votes.get(serverAssignor ?? '');
    if (count !== undefined) votes.set(serverAssignor!, count + 1);
  }
  let [winner = 'uniform'] = configured;
  for (const [name, count] of votes) if (count > votes.get(winner)!) winner = name;
  return winner;
}

/** Brings the targets up to the group's epoch. */
export function updateTargets(
  draft: GroupDraft,
  topics: GroupTopics,
  configuredAssignors: readonly string[],
): void {
  const { group } = draft;
  const members = [...group.members.values()].map((member) => ({
    memberId: member.memberId,
    instanceId: member.instanceId,
    topicIds: topicIdsOf(group.topicsOf(member), topics),
    target: group.targetOf(member.memberId),
  }));
  const assign = ASSIGNORS[assignorOf(group, configuredAssignors)] ?? assignUniformly;
  const targets = assign(members, (topicId) => topics.findById(topicId)?.partitionCount ?? 0);
  for (const [memberId, target] of targets) {
    const known = group.targets.get(memberId);
    if (known === undefined || !isEqual(known, target))
      draft.write({ kind: 'consumer target', memberId, value: target });
  }
  draft.write({ kind: 'consumer target epoch', value: { epoch: group.epoch } });
}

export function topicIdsOf(names: Iterable<string>, topics: GroupTopics): ReadonlySet<string> {
  const topicIds = new Set<string>();
  for (const name of names) {
    const topic = topics.find(name);
    if (topic !== undefined) topicIds.add(topic.topicId);
  }
  return topicIds;
}
