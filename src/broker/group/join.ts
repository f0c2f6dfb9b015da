import { Buffer } from 'node:buffer';
import type { Random } from '../../base/random.ts';
import type { Deadlines } from '../../topics/deadlines.ts';
import type { ClassicGroup, Member } from './classic-group.ts';
import type { JoinRequest, Protocol } from './group-calls.ts';
import type { GroupConfig } from './group-config.ts';
import type { GroupDirectory } from './group-directory.ts';
import type { GroupEffects } from './group-effects.ts';
import { newMemberId } from './member-id.ts';
import { failedJoin, failedSync, type GroupDeadline, groupDeadline, type Rebalance } from './rebalance.ts';

/** JoinGroup: how a process becomes, stays or replaces a member. Replies now or when the join phase ends. */
export class Join {
  readonly #groups: GroupDirectory;
  readonly #rebalance: Rebalance;
  readonly #deadlines: Deadlines<GroupDeadline>;
  readonly #config: () => GroupConfig;
  readonly #random: Random;

  constructor(
    groups: GroupDirectory,
    rebalance: Rebalance,
    deadlines: Deadlines<GroupDeadline>,
    config: () => GroupConfig,
    random: Random,
  ) {
    this.#groups = groups;
    this.#rebalance = rebalance;
    this.#deadlines = deadlines;
    this.#config = config;
    this.#random = random;
  }

  handle(token: number, request: JoinRequest, effects: GroupEffects, nowMs: number): void {
    const error = this.#refusal(request);
    if (error !== undefined) {
      effects.reply('join', token, failedJoin(error, request.memberId));
      return;
    }
    const group = this.#groups.findOrCreateClassic(request.groupId);
    if (request.memberId === '') this.#joinNew(group, token, request, effects, nowMs);
    else this.#joinKnown(group, token, request, effects, nowMs);
  }

  #refusal(request: JoinRequest) {
    const config = this.#config();
    if (request.groupId === '') return 'INVALID_GROUP_ID';
    const { sessionTimeoutMs } = request;
    if (sessionTimeoutMs < config.minSessionTimeoutMs || sessionTimeoutMs > config.maxSessionTimeoutMs)
      return 'INVALID_SESSION_TIMEOUT';
    const group = this.#groups.classic(request.groupId);
    if (group === undefined) {
      if (request.memberId !== '') return 'UNKNOWN_MEMBER_ID';
      if (request.protocolType === '' || request.protocols.length === 0) return 'INCONSISTENT_GROUP_PROTOCOL';
      return undefined;
    }
    if (!hasRoom(group, request, config.maxGroupSize)) return 'GROUP_MAX_SIZE_REACHED';
    return group.accepts(request.protocolType, request.protocols) ? undefined : 'INCONSISTENT_GROUP_PROTOCOL';
  }

  #joinNew(
    group: ClassicGroup,
    token: number,
    request: JoinRequest,
    effects: GroupEffects,
    nowMs: number,
  ): void {
    const memberId = newMemberId(request, this.#random);
    if (request.instanceId !== null) {
      const previous = group.memberOfInstance(request.instanceId);
      if (previous === undefined) this.#addAndRebalance(group, memberId, token, request, effects, nowMs);
      else this.#replaceStatic(group, previous, memberId, token, request, effects, nowMs);
    } else if (request.mustKnowItsId) {
      group.pendingMembers.add(memberId);
      this.#deadlines.set(
        groupDeadline('pending', group.groupId, memberId),
        nowMs + request.sessionTimeoutMs,
      );
      effects.reply('join', token, failedJoin('MEMBER_ID_REQUIRED', memberId));
    } else {
      this.#addAndRebalance(group, memberId, token, request, effects, nowMs);
    }
  }

  #joinKnown(
    group: ClassicGroup,
    token: number,
    request: JoinRequest,
    effects: GroupEffects,
    nowMs: number,
  ): void {
    if (request.instanceId === null && group.pendingMembers.delete(request.memberId)) {
      this.#deadlines.delete(groupDeadline('pending', group.groupId, request.memberId));
      this.#addAndRebalance(group, request.memberId, token, request, effects, nowMs);
      return;
    }
    const found = this.#groups.memberOf(request);
    if (typeof found === 'string') {
      effects.reply('join', token, failedJoin(found, request.memberId));
      return;
    }
    const { member } = found;
    const isUnchanged = sameProtocols(member.protocols, request.protocols, group);
    const leaderRejoins = group.state === 'Stable' && member.memberId === group.leader;
    const keepsGeneration = group.state === 'Stable' || group.state === 'CompletingRebalance';
    if (keepsGeneration && isUnchanged && !leaderRejoins) {
      // A follower asks again because an answer was lost.
      this.#rebalance.heard(group, member, nowMs);
      effects.reply('join', token, group.joinReply(member));
      return;
    }
    this.#update(member, token, request, effects);
    this.#rebalance.heard(group, member, nowMs);
    this.#rebalance.prepare(group, effects, nowMs);
  }

  #addAndRebalance(
    group: ClassicGroup,
    memberId: string,
    token: number,
    request: JoinRequest,
    effects: GroupEffects,
    nowMs: number,
  ): void {
    if (group.members.size === 0) group.protocolType = request.protocolType;
    const member: Member = {
      memberId,
      instanceId: request.instanceId,
      clientId: request.clientId,
      clientHost: request.clientHost,
      sessionTimeoutMs: request.sessionTimeoutMs,
      rebalanceTimeoutMs: request.rebalanceTimeoutMs,
      protocols: request.protocols,
      assignment: Buffer.alloc(0),
      joinToken: token,
      syncToken: undefined,
      isNew: true,
    };
    if (group.initialDelayLeftMs !== undefined) group.joinedDuringInitialDelay = true;
    group.add(member);
    this.#rebalance.heard(group, member, nowMs);
    this.#rebalance.prepare(group, effects, nowMs);
  }

  /** KIP-345: a process with a known instance id takes the place of the one that had it. */
  #replaceStatic(
    group: ClassicGroup,
    member: Member,
    memberId: string,
    token: number,
    request: JoinRequest,
    effects: GroupEffects,
    nowMs: number,
  ): void {
    const previousId = member.memberId;
    if (member.joinToken !== undefined)
      effects.reply('join', member.joinToken, failedJoin('FENCED_INSTANCE_ID', previousId));
    if (member.syncToken !== undefined) {
      effects.reply('sync', member.syncToken, failedSync('FENCED_INSTANCE_ID'));
      member.syncToken = undefined;
    }
    member.joinToken = undefined;
    this.#deadlines.delete(groupDeadline('session', group.groupId, previousId));
    group.replaceStatic(member, memberId);
    this.#update(member, token, request, effects);
    this.#rebalance.heard(group, member, nowMs);
    // Not compared by content: a Java consumer's subscription names its partitions and generation, which are gone with
    // the process. One that really subscribes to something else joins again by itself, as a known member.
    if (group.state === 'Stable' && group.selectProtocol() === group.protocol) {
      member.joinToken = undefined;
      // The new member id must survive a restart, or the member would be unknown after it.
      const value = group.record(({ assignment }) => assignment, group.stateSinceMs);
      effects.write({ kind: 'group', groupId: group.groupId, value });
      effects.reply('join', token, group.unchangedReply(member, previousId, request.canSkipAssignment));
      return;
    }
    this.#rebalance.prepare(group, effects, nowMs);
  }

  #update(member: Member, token: number, request: JoinRequest, effects: GroupEffects): void {
    // A client that gave up waiting and asks again: the earlier call is answered nowhere.
    if (member.joinToken !== undefined)
      effects.reply('join', member.joinToken, failedJoin('REBALANCE_IN_PROGRESS', member.memberId));
    member.protocols = request.protocols;
    member.clientId = request.clientId;
    member.clientHost = request.clientHost;
    member.sessionTimeoutMs = request.sessionTimeoutMs;
    member.rebalanceTimeoutMs = request.rebalanceTimeoutMs;
    member.joinToken = token;
  }
}

/** One that is over its limit after a restart with another one keeps those who rejoin first. */
function hasRoom(group: ClassicGroup, { memberId, instanceId }: JoinRequest, maxGroupSize: number): boolean {
  const { members, pendingMembers } = group;
  if (group.state === 'PreparingRebalance' && members.size > maxGroupSize) {
    const joined = [...members.values()].filter(({ joinToken }) => joinToken !== undefined).length;
    return joined < maxGroupSize || members.get(memberId)?.joinToken !== undefined;
  }
  if (members.has(memberId) || pendingMembers.has(memberId)) return true;
  if (members.size + pendingMembers.size < maxGroupSize) return true;
  return instanceId !== null && group.memberOfInstance(instanceId) !== undefined;
}

/** After a restart only the chosen protocol of a member is known: comparing that one is enough. */
function sameProtocols(
  before: readonly Protocol[],
  after: readonly Protocol[],
  group: ClassicGroup,
): boolean {
  const knownInFull = before.length !== 1 || before[0]!.name !== group.protocol || after.length === 1;
  if (!knownInFull) {
    const chosen = after.find(({ name }) => name === group.protocol);
    return chosen?.metadata.equals(before[0]!.metadata) ?? false;
  }
  return (
    before.length === after.length &&
    before.every(({ name, metadata }, index) => {
      const other = after[index]!;
      return other.name === name && other.metadata.equals(metadata);
    })
  );
}
