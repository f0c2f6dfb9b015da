import type { ErrorName } from '../../../protocol/errors.ts';
import { EMBEDDED_PROTOCOL, encodeAssignment } from '../embedded-protocol.ts';
import type { LeaveReply, LeaveRequest, MemberIdentity, SyncReply, SyncRequest } from '../group-calls.ts';
import type { GroupEffects } from '../group-effects.ts';
import { failedSync } from '../rebalance.ts';
import { isRefusal } from './consumer-calls.ts';
import type { ConsumerContext } from './consumer-context.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import type { ConsumerRemoval } from './consumer-removal.ts';
import { knownMember } from './find-member.ts';
import { GroupDraft } from './group-draft.ts';
import { toNamedPartitions } from './named-partitions.ts';

/** SyncGroup, Heartbeat and LeaveGroup in a consumer group: what members of the classic protocol do there. */
export class ClassicMembers {
  readonly #context: ConsumerContext;
  readonly #removal: ConsumerRemoval;

  constructor(context: ConsumerContext, removal: ConsumerRemoval) {
    this.#context = context;
    this.#removal = removal;
  }

  sync(group: ConsumerGroup, request: SyncRequest, nowMs: number): SyncReply {
    const member = classicMember(group, request);
    if (typeof member === 'string') return failedSync(member);
    const [first] = member.classic!.protocols;
    const typeDiffers = request.protocolType !== null && request.protocolType !== EMBEDDED_PROTOCOL;
    const protocolDiffers = request.protocol !== null && request.protocol !== first!.name;
    if (typeDiffers || protocolDiffers) return failedSync('INCONSISTENT_GROUP_PROTOCOL');
    const { timers, topics } = this.#context;
    // One that has partitions to give up first gives them up; a new round would only take longer.
    if (group.epoch > member.epoch && member.state !== 'unrevoked') {
      timers.awaitRejoin(group.groupId, member, nowMs);
      return failedSync('REBALANCE_IN_PROGRESS');
    }
    timers.synced(group.groupId, member.memberId);
    timers.heard(group.groupId, member, nowMs);
    return {
      error: 'NONE',
      protocolType: request.protocolType,
      protocol: request.protocol,
      assignment: encodeAssignment(
        first!.metadata.readInt16BE(0),
        toNamedPartitions(member.assigned, topics),
      ),
    };
  }

  heartbeat(group: ConsumerGroup, identity: MemberIdentity, nowMs: number): ErrorName {
    const member = classicMember(group, identity);
    if (typeof member === 'string') return member;
    const { timers } = this.#context;
    timers.heard(group.groupId, member, nowMs);
    if (!mustRejoin(group, member)) return 'NONE';
    timers.awaitRejoin(group.groupId, member, nowMs);
    return 'REBALANCE_IN_PROGRESS';
  }

  leave(group: ConsumerGroup, request: LeaveRequest, effects: GroupEffects, nowMs: number): LeaveReply {
    const leaving = new Set<ConsumerMember>();
    const members = request.members.map(({ memberId, instanceId }) => {
      // An operator removes a static member by its instance id alone.
      const ownId =
        memberId === '' && instanceId !== null
          ? (group.memberOfInstance(instanceId)?.memberId ?? '')
          : memberId;
      const member = knownMember(group, { memberId: ownId, instanceId });
      if (isRefusal(member)) return { memberId, instanceId, error: member.error };
      leaving.add(member);
      return { memberId, instanceId, error: 'NONE' as const };
    });
    this.#removal.remove(new GroupDraft(group, effects), [...leaving], nowMs);
    return { error: 'NONE', members };
  }
}

function classicMember(group: ConsumerGroup, identity: MemberIdentity): ConsumerMember | ErrorName {
  const member = knownMember(group, identity);
  if (isRefusal(member)) return member.error;
  if (member.classic === null) return 'UNKNOWN_MEMBER_ID';
  return identity.generation === member.epoch ? member : 'ILLEGAL_GENERATION';
}

/** Only a join moves a classic member: to a newer epoch, to give partitions up, to get those that became free. */
function mustRejoin(group: ConsumerGroup, member: ConsumerMember): boolean {
  if (member.epoch < group.epoch || member.state === 'unrevoked') return true;
  return member.state === 'unreleased' && !waitsForOthers(group, member);
}

function waitsForOthers(group: ConsumerGroup, { memberId }: ConsumerMember): boolean {
  for (const [topicId, partitions] of group.targetOf(memberId)) {
    for (const partition of partitions) {
      const owner = group.ownerOf(topicId, partition);
      if (owner !== undefined && owner !== memberId) return true;
    }
  }
  return false;
}
