import { type Assignment, isEqual } from './assignment.ts';
import type { ConsumerGroupConfig } from './consumer-config.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, progressOf } from './consumer-member.ts';
import type { ConsumerTimers } from './consumer-timers.ts';
import type { GroupDraft } from './group-draft.ts';
import { type GroupTopics, topicsHash } from './group-topics.ts';
import { reconcile } from './reconcile.ts';
import { hasStaleRegexes, refreshRegexes } from './regexes.ts';
import { topicIdsOf, updateTargets } from './target.ts';

export interface SubscriptionChange {
  readonly topics: boolean;
  readonly regex: boolean;
}

/** What the rest of a step needs to know of the call that caused it. */
export interface StepContext {
  readonly topics: GroupTopics;
  readonly config: ConsumerGroupConfig;
  readonly timers: ConsumerTimers;
  readonly mayDescribe: (topic: string) => boolean;
  readonly nowMs: number;
}

/** Raises the group's epoch when a subscription or a topic behind one changed; tells whether it did. */
export function updateEpoch(
  real: ConsumerGroup | undefined,
  draft: GroupDraft,
  change: SubscriptionChange,
  context: StepContext,
): boolean {
  const { topics, nowMs, config } = context;
  const { group } = draft;
  const sawAll = group.topicsSeen === topics.version;
  const isRefreshDue = group.regexes.size > 0 && nowMs >= group.regexesSeenAtMs + config.regexRefreshMs;
  if (group.epoch > 0 && sawAll && !isRefreshDue && !change.topics && !change.regex) return false;

  const entriesBefore = draft.effects.entries.length;
  if (change.regex || isRefreshDue || !sawAll || hasStaleRegexes(draft)) refreshRegexes(draft, context);
  const regexesChanged = draft.effects.entries.length > entriesBefore;
  const metadataHash = topicsHash(draft.group.subscribedTopics(), topics);
  const mustRise =
    group.epoch === 0 ||
    change.topics ||
    change.regex ||
    regexesChanged ||
    metadataHash !== group.metadataHash;
  if (mustRise) draft.write({ kind: 'consumer epoch', value: { epoch: group.epoch + 1, metadataHash } });
  if (real !== undefined) {
    real.regexesSeenAtMs = nowMs;
    // Only what needs no entries is seen for good: entries may still be refused.
    if (!mustRise) real.topicsSeen = topics.version;
  }
  return mustRise;
}

/** Computes the targets when the group's epoch is ahead of them. */
export function followEpoch(draft: GroupDraft, { topics, config }: StepContext): void {
  if (draft.group.epoch > draft.group.targetEpoch) updateTargets(draft, topics, config.assignors);
}

/** Takes the member a step towards its target; returns it as it is then. */
export function reconcileMember(
  draft: GroupDraft,
  memberId: string,
  owned: Assignment | null,
  subscriptionChanged: boolean,
  { topics, timers, nowMs }: StepContext,
): ConsumerMember {
  const { group } = draft;
  const member = group.members.get(memberId)!;
  if (!subscriptionChanged && group.isReconciled(member)) return member;
  const subscribed = topicIdsOf(group.topicsOf(member), topics);
  const next = reconcile({
    member,
    target: group.targetOf(memberId),
    targetEpoch: group.targetEpoch,
    isSubscribed: (topicId) => subscribed.has(topicId),
    subscriptionChanged,
    isFree: (topicId, partition) => {
      const owner = group.ownerOf(topicId, partition);
      return owner === undefined || owner === memberId;
    },
    owned,
  });
  const isSame =
    next.epoch === member.epoch &&
    next.previousEpoch === member.previousEpoch &&
    next.state === member.state &&
    isEqual(next.assigned, member.assigned) &&
    isEqual(next.revoking, member.revoking);
  if (isSame) return member;
  const after = { ...member, ...next };
  draft.write({ kind: 'consumer progress', memberId, value: progressOf(after) });
  timers.reconciled(group.groupId, after, nowMs);
  return after;
}
