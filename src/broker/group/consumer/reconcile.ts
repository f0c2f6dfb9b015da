import { type Assignment, filter, has, minus, NO_PARTITIONS, overlaps, union } from './assignment.ts';
import type { ConsumerMember, MemberProgress } from './consumer-member.ts';

export interface ReconcileInput {
  readonly member: ConsumerMember;
  readonly target: Assignment;
  readonly targetEpoch: number;
  /** Whether the member's subscription names the topic; what it no longer names it must let go of at once. */
  isSubscribed(topicId: string): boolean;
  readonly subscriptionChanged: boolean;
  /** Whether nobody but this member has the partition. */
  isFree(topicId: string, partition: number): boolean;
  /** What the member says it has; null: it says nothing. */
  readonly owned: Assignment | null;
}

/**
 * Takes a member a step towards its target (KIP-848).
 *
 * ```
 *            must give up partitions                      others still have some of its partitions
 *  stable ─────────────────────────> unrevoked ──let go──> unreleased ──all released──> stable
 *    └──────nothing to give up: the target's epoch at once─────^─────────────────────────^
 * ```
 * A partition is assigned only when no other member has it, neither assigned nor being revoked. A member in
 * `unrevoked` keeps its epoch, so that commits for what it is about to lose still count.
 */
export function reconcile(input: ReconcileInput): MemberProgress {
  const { member, targetEpoch, subscriptionChanged } = input;
  if (member.state === 'stable' && member.epoch === targetEpoch)
    return subscriptionChanged ? dropUnsubscribed(input) : member;
  if (member.state === 'unrevoked' && mayOwn(input, member.revoking))
    return subscriptionChanged ? dropUnsubscribed(input) : member;
  return advance(input);
}

/** Silence counts as owning: only a heartbeat that lists what is owned proves that something is not. */
function mayOwn({ owned }: ReconcileInput, partitions: Assignment): boolean {
  return owned === null || overlaps(owned, partitions);
}

function dropUnsubscribed(input: ReconcileInput): MemberProgress {
  const { member } = input;
  const assigned = filter(member.assigned, (topicId) => input.isSubscribed(topicId));
  const dropped = minus(member.assigned, assigned);
  if (dropped.size === 0) return member;
  const revoking = union(member.revoking, dropped);
  if (mayOwn(input, revoking)) return { ...member, state: 'unrevoked', assigned, revoking };
  return { ...member, assigned };
}

function advance(input: ReconcileInput): MemberProgress {
  const { member, targetEpoch } = input;
  const target = filter(input.target, (topicId) => input.isSubscribed(topicId));
  const kept = filter(member.assigned, (topicId, partition) => has(target, topicId, partition));
  const revoking = minus(member.assigned, kept);
  if (revoking.size > 0 && mayOwn(input, revoking))
    return { ...member, state: 'unrevoked', assigned: kept, revoking };
  const wanted = minus(target, kept);
  const free = filter(wanted, (topicId, partition) => input.isFree(topicId, partition));
  return {
    epoch: targetEpoch,
    previousEpoch: member.epoch === targetEpoch ? member.previousEpoch : member.epoch,
    state: minus(wanted, free).size > 0 ? 'unreleased' : 'stable',
    assigned: union(kept, free),
    revoking: NO_PARTITIONS,
  };
}
