import { type Assignment, isSubset } from './assignment.ts';
import { type Refusal, refusal } from './consumer-calls.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import {
  type ConsumerMember,
  detailsOf,
  JOIN_EPOCH,
  newMember,
  progressOf,
  STATIC_LEAVE_EPOCH,
} from './consumer-member.ts';
import type { GroupDraft } from './group-draft.ts';

/** Who speaks: by id, and for static members also by the name their id belongs to. */
export interface Speaker {
  readonly memberId: string;
  readonly instanceId: string | null;
}

/** A member of the group, or why the speaker is none. */
export function knownMember(
  group: ConsumerGroup,
  { memberId, instanceId }: Speaker,
): ConsumerMember | Refusal {
  if (instanceId === null) {
    const member = group.members.get(memberId);
    if (member !== undefined) return member;
    return refusal('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${group.groupId}.`);
  }
  const member = group.memberOfInstance(instanceId);
  if (member === undefined) return refusal('UNKNOWN_MEMBER_ID', `Instance id ${instanceId} is unknown.`);
  if (member.memberId === memberId) return member;
  return refusal(
    'FENCED_INSTANCE_ID',
    `Static member ${memberId} with instance id ${instanceId} was fenced by member ${member.memberId}.`,
  );
}

/** The member that joins: a new one, the same once more, or one that takes a static member's place. */
export function joiningMember(
  draft: GroupDraft,
  { memberId, instanceId }: Speaker,
  usesClassic: boolean,
): ConsumerMember | Refusal {
  const { group } = draft;
  const same = group.members.get(memberId);
  const previous = instanceId === null ? undefined : group.memberOfInstance(instanceId);
  if (previous === undefined || previous.memberId === memberId) return same ?? newMember(memberId);
  // A process that did not say goodbye may still be at work; a classic one cannot say it this way.
  const isReleased = previous.epoch === STATIC_LEAVE_EPOCH || usesClassic || previous.classic !== null;
  if (!isReleased)
    return refusal(
      'UNRELEASED_INSTANCE_ID',
      `Static member ${memberId} with instance id ${instanceId} cannot join the group because the instance id is owned by ${previous.memberId} member.`,
    );
  const member = { ...previous, memberId, epoch: JOIN_EPOCH, previousEpoch: JOIN_EPOCH };
  const target = group.targetOf(previous.memberId);
  writeRemoval(draft, previous.memberId);
  draft.write({ kind: 'consumer member', memberId, value: detailsOf(member) });
  draft.write({ kind: 'consumer target', memberId, value: target });
  draft.write({ kind: 'consumer progress', memberId, value: progressOf(member) });
  return member;
}

export function writeRemoval(draft: GroupDraft, memberId: string): void {
  draft.write({ kind: 'consumer progress', memberId, value: null });
  draft.write({ kind: 'consumer target', memberId, value: null });
  draft.write({ kind: 'consumer member', memberId, value: null });
}

/** Fences a member whose epoch is not ours, unless it only missed our last answer. */
export function epochProblem(
  member: ConsumerMember,
  memberEpoch: number,
  owned: Assignment | null,
): Refusal | undefined {
  if (memberEpoch === JOIN_EPOCH || memberEpoch === member.epoch) return undefined;
  const missedAnswer = memberEpoch === member.previousEpoch && memberEpoch < member.epoch;
  if (missedAnswer && owned !== null && isSubset(owned, member.assigned)) return undefined;
  const size = memberEpoch > member.epoch ? 'greater' : 'smaller';
  return refusal(
    'FENCED_MEMBER_EPOCH',
    `The consumer group member has a ${size} member epoch (${memberEpoch}) than the one known by the group coordinator (${member.epoch}). The member must abandon all its partitions and rejoin.`,
  );
}
