import { Buffer } from 'node:buffer';
import type { ErrorName } from '../../protocol/errors.ts';
import type { Deadlines } from '../../topics/deadlines.ts';
import type { ClassicGroup, Member } from './classic-group.ts';
import type { LeaveReply, LeaveRequest, MemberIdentity, SyncRequest } from './group-calls.ts';
import type { GroupDirectory } from './group-directory.ts';
import type { GroupEffects } from './group-effects.ts';
import { failedSync, type GroupDeadline, groupDeadline, type Rebalance } from './rebalance.ts';

const NOTHING = Buffer.alloc(0);

/** What members do after they joined: sync, heartbeat, leave, or fall silent. */
export class Membership {
  readonly #groups: GroupDirectory;
  readonly #rebalance: Rebalance;
  readonly #deadlines: Deadlines<GroupDeadline>;

  constructor(groups: GroupDirectory, rebalance: Rebalance, deadlines: Deadlines<GroupDeadline>) {
    this.#groups = groups;
    this.#rebalance = rebalance;
    this.#deadlines = deadlines;
  }

  sync(token: number, request: SyncRequest, effects: GroupEffects, nowMs: number): void {
    const found = this.#memberOfGeneration(request);
    if (typeof found === 'string') {
      effects.reply('sync', token, failedSync(found));
      return;
    }
    const { group, member } = found;
    const typeDiffers = request.protocolType !== null && request.protocolType !== group.protocolType;
    const protocolDiffers = request.protocol !== null && request.protocol !== group.protocol;
    if (typeDiffers || protocolDiffers) {
      effects.reply('sync', token, failedSync('INCONSISTENT_GROUP_PROTOCOL'));
      return;
    }
    if (group.state === 'PreparingRebalance') {
      effects.reply('sync', token, failedSync('REBALANCE_IN_PROGRESS'));
      return;
    }
    group.awaitedSyncs.delete(member.memberId);
    this.#rebalance.heard(group, member, nowMs);
    if (group.state === 'Stable') {
      effects.reply('sync', token, settled(group, member.assignment));
      return;
    }
    if (member.syncToken !== undefined)
      effects.reply('sync', member.syncToken, failedSync('REBALANCE_IN_PROGRESS'));
    member.syncToken = token;
    if (member.memberId === group.leader) this.#settle(group, request, effects, nowMs);
  }

  /** The leader's assignment arrived: it is written down, and with that the group is stable. */
  #settle(group: ClassicGroup, request: SyncRequest, effects: GroupEffects, nowMs: number): void {
    const given = new Map(request.assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    const assignmentOf = ({ memberId }: Member) => given.get(memberId) ?? NOTHING;
    const value = group.record(assignmentOf, nowMs);
    effects.write({ kind: 'group', groupId: group.groupId, value });
    for (const member of group.members.values()) {
      if (member.syncToken === undefined) continue;
      effects.reply('sync', member.syncToken, settled(group, assignmentOf(member)));
      member.syncToken = undefined;
      this.#rebalance.heard(group, member, nowMs);
    }
  }

  heartbeat(identity: MemberIdentity, nowMs: number): ErrorName {
    const found = this.#memberOfGeneration(identity);
    if (typeof found === 'string') return found;
    const { group, member } = found;
    this.#rebalance.heard(group, member, nowMs);
    return group.state === 'PreparingRebalance' ? 'REBALANCE_IN_PROGRESS' : 'NONE';
  }

  #memberOfGeneration(identity: MemberIdentity): { group: ClassicGroup; member: Member } | ErrorName {
    const found = this.#groups.memberOf(identity);
    if (typeof found === 'string') return found;
    return identity.generation === found.group.generation ? found : 'ILLEGAL_GENERATION';
  }

  leave(request: LeaveRequest, effects: GroupEffects, nowMs: number): LeaveReply {
    const group = this.#groups.classic(request.groupId);
    const members = request.members.map((leaving) => ({
      ...leaving,
      error:
        group === undefined ? ('UNKNOWN_MEMBER_ID' as const) : this.#leaveOne(group, leaving, effects, nowMs),
    }));
    return { error: 'NONE', members };
  }

  #leaveOne(
    group: ClassicGroup,
    leaving: LeaveRequest['members'][number],
    effects: GroupEffects,
    nowMs: number,
  ): ErrorName {
    if (leaving.instanceId === null && group.pendingMembers.delete(leaving.memberId)) {
      this.#deadlines.delete(groupDeadline('pending', group.groupId, leaving.memberId));
      this.#rebalance.completeJoinIfAllIn(group, effects, nowMs);
      return 'NONE';
    }
    const { groupId } = group;
    // An operator removes a static member by its instance id alone.
    const memberId =
      leaving.memberId === '' && leaving.instanceId !== null
        ? (group.memberOfInstance(leaving.instanceId)?.memberId ?? '')
        : leaving.memberId;
    const found = this.#groups.memberOf({ groupId, memberId, instanceId: leaving.instanceId });
    if (typeof found === 'string') return found;
    this.#rebalance.removeMember(group, found.member, effects, nowMs);
    return 'NONE';
  }

  sessionOver(groupId: string, memberId: string, effects: GroupEffects, nowMs: number): void {
    const group = this.#groups.classic(groupId);
    const member = group?.members.get(memberId);
    if (group === undefined || member === undefined) return;
    const isParked = member.syncToken !== undefined || (member.joinToken !== undefined && !member.isNew);
    // A parked call is a sign of life: its answer is ours to give.
    if (isParked) this.#rebalance.heard(group, member, nowMs);
    else this.#rebalance.removeMember(group, member, effects, nowMs);
  }

  pendingOver(groupId: string, memberId: string, effects: GroupEffects, nowMs: number): void {
    const group = this.#groups.classic(groupId);
    if (group?.pendingMembers.delete(memberId)) this.#rebalance.completeJoinIfAllIn(group, effects, nowMs);
  }
}

function settled(group: ClassicGroup, assignment: Buffer) {
  return { error: 'NONE' as const, protocolType: group.protocolType, protocol: group.protocol, assignment };
}
