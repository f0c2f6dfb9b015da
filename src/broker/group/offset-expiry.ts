import type { Group } from './group-directory.ts';
import type { RecordedOffset } from './group-entries.ts';
import type { OffsetStore } from './offset-store.ts';
import { subscribedTopics } from './subscription.ts';

/** The topics the members of a consumer group want; `undefined` when a member's subscription is not readable. */
export function topicsOfGroup(group: Group): ReadonlySet<string> | undefined {
  if (group.type === 'consumer') return group.subscribedTopics();
  if (group.protocolType !== 'consumer') return undefined;
  const topics = new Set<string>();
  for (const member of group.members.values()) {
    for (const { metadata } of member.protocols) {
      const subscribed = subscribedTopics(metadata);
      if (subscribed === undefined) return undefined;
      for (const topic of subscribed) topics.add(topic);
    }
  }
  return topics;
}

/**
 * KIP-211: offsets age from the moment nobody needs them: the group became empty, a live group's members no
 * longer subscribe to the topic, or (without any group) they were committed. Records of consumer groups do not tell
 * since when they are empty: theirs age from the commit, as Kafka's do.
 */
export function* expiredOffsets(
  groupId: string,
  group: Group | undefined,
  store: OffsetStore,
  retentionMs: number,
  nowMs: number,
) {
  const hasGroup = group !== undefined && (group.type !== 'classic' || group.protocolType !== null);
  const isEmpty = hasGroup && group.state === 'Empty';
  const wanted = hasGroup && !isEmpty ? topicsOfGroup(group) : undefined;
  if (hasGroup && !isEmpty && wanted === undefined) return;
  const emptySinceMs = isEmpty && group.type === 'classic' ? group.stateSinceMs : 0;
  for (const offset of store.ofGroup(groupId)) {
    if (wanted?.has(offset.topic) || store.isPending(groupId, offset)) continue;
    const sinceMs = Math.max(offset.value.committedAtMs, emptySinceMs);
    if (expiryMs(offset.value, sinceMs, retentionMs) <= nowMs) yield offset;
  }
}

function expiryMs(offset: RecordedOffset, sinceMs: number, retentionMs: number): number {
  return offset.expiresAtMs ?? sinceMs + retentionMs;
}
