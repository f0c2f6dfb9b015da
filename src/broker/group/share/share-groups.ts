import type { ErrorName } from '../../../protocol/errors.ts';
import type { Deadlines } from '../../../topics/deadlines.ts';
import type { Call } from '../../../topics/state-machine.ts';
import type { GroupTopics } from '../consumer/group-topics.ts';
import type { GroupSummary } from '../group-calls.ts';
import type { GroupEffects } from '../group-effects.ts';
import { type GroupDeadline, groupDeadline } from '../rebalance.ts';
import { newShareMember, ShareGroup, type ShareMember } from './share-group.ts';
import type {
  ShareGroupCalls,
  ShareGroupDescription,
  ShareHeartbeat,
  ShareHeartbeatReply,
} from './share-group-calls.ts';
import type { ShareGroupConfig } from './share-group-config.ts';
import type { ShareGroupEntry } from './share-group-entries.ts';
import { isSameAssignment, rebalance, withTopics } from './share-rebalance.ts';

export interface ShareGroupsOptions {
  readonly config: (groupId: string) => ShareGroupConfig;
  readonly topics: GroupTopics;
  /** Those of the whole machine, which calls back when a session is over. */
  readonly deadlines: Deadlines<GroupDeadline>;
  /** Whether a group of another type has this name. */
  readonly isOther: (groupId: string) => boolean;
}

const JOIN = 0;
const LEAVE = -1;

/**
 * The share groups of one `__consumer_offsets` partition (KIP-932). Members are told what to read in the answers to
 * their heartbeats; since records have holders and partitions have not, nobody waits for anybody to give something up.
 */
export class ShareGroups {
  readonly #options: ShareGroupsOptions;
  readonly #groups = new Map<string, ShareGroup>();

  constructor(options: ShareGroupsOptions) {
    this.#options = options;
  }

  find(groupId: string): ShareGroup | undefined {
    return this.#groups.get(groupId);
  }

  summaries(): GroupSummary[] {
    return [...this.#groups.values()].map(({ groupId, state }) => ({
      ...{ groupId, type: 'share', protocolType: 'share', state },
    }));
  }

  handle(call: Call<ShareGroupCalls>, effects: GroupEffects, nowMs: number): void {
    switch (call.kind) {
      case 'shareHeartbeat':
        effects.reply(call.kind, call.token, this.#heartbeat(call.request, effects, nowMs));
        break;
      case 'shareDescribe':
        effects.reply(call.kind, call.token, this.#describe(call.request.groupId));
        break;
      case 'shareAddPartitions': {
        const { groupId, topics } = call.request;
        const known = topics.map((topic) => ({ ...topic, partitionCount: topic.partitions.length }));
        const before = this.#groups.get(groupId)?.partitions ?? [];
        const value = withTopics(before, known);
        if (value !== before) effects.write({ kind: 'share partitions', groupId, value });
        effects.reply(call.kind, call.token, {});
        break;
      }
      case 'shareRemoveTopics': {
        const ids = new Set(call.request.topicIds);
        this.#removeTopics(call.request.groupId, ({ topicId }) => ids.has(topicId), effects);
        effects.reply(call.kind, call.token, {});
        break;
      }
    }
  }

  /** The sessions of reloaded members start anew at the load. */
  loaded(nowMs: number): void {
    for (const group of this.#groups.values())
      for (const memberId of group.members.keys()) this.#heard(group.groupId, memberId, nowMs);
  }

  sessionOver(groupId: string, memberId: string, effects: GroupEffects): void {
    const group = this.#groups.get(groupId);
    if (group?.members.has(memberId) === true) this.#remove(group, memberId, effects);
  }

  replay(entry: ShareGroupEntry): void {
    const { groupId } = entry;
    if (entry.kind === 'share group' && entry.value === null) {
      this.#groups.delete(groupId);
      return;
    }
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      // What ends nothing need not begin.
      if (entry.value === null) return;
      group = new ShareGroup(groupId);
      this.#groups.set(groupId, group);
    }
    group.apply(entry);
  }

  /** Forgets what the group keeps of topics that are gone. */
  forget(isGone: (topic: string) => boolean, effects: GroupEffects): void {
    for (const groupId of this.#groups.keys())
      this.#removeTopics(groupId, ({ name }) => isGone(name), effects);
  }

  /** Undefined when there is no such share group. */
  delete(groupId: string, effects: GroupEffects): ErrorName | undefined {
    const group = this.#groups.get(groupId);
    if (group === undefined) return undefined;
    if (group.members.size > 0) return 'NON_EMPTY_GROUP';
    if (group.partitions.length > 0) effects.write({ kind: 'share partitions', groupId, value: null });
    if (group.assignmentEpoch > 0) effects.write({ kind: 'share target', groupId, value: null });
    // Last: it ends the group.
    effects.write({ kind: 'share group', groupId, value: null });
    return 'NONE';
  }

  #heartbeat(request: ShareHeartbeat, effects: GroupEffects, nowMs: number): ShareHeartbeatReply {
    const { groupId, memberId, memberEpoch } = request;
    const problem = requestProblem(request);
    if (problem !== undefined) return refused('INVALID_REQUEST', problem);
    const group = this.#groups.get(groupId) ?? this.#mayBegin(groupId, memberEpoch === JOIN);
    if (typeof group === 'string') return refused('GROUP_ID_NOT_FOUND', group);
    if (memberEpoch === LEAVE) return this.#leave(group, memberId, effects);
    const before = group.members.get(memberId);
    const { maxSize, heartbeatIntervalMs } = this.#options.config(groupId);
    if (before === undefined && group.members.size >= maxSize)
      return refused(
        'GROUP_MAX_SIZE_REACHED',
        `The share group has reached its maximum capacity of ${maxSize} members.`,
      );
    if (before === undefined && memberEpoch !== JOIN)
      return refused('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${groupId}.`);
    const known = before ?? newShareMember(memberId);
    const fenced = epochProblem(known, memberEpoch);
    if (fenced !== undefined) return refused('FENCED_MEMBER_EPOCH', fenced);

    const member = changed(known, request);
    const hasNewTopics = before === undefined || !isSameSet(before.topics, member.topics);
    if (before === undefined || hasNewTopics || differs(before, member)) {
      const { rackId, clientId, clientHost, topics } = member;
      const value = { rackId, clientId, clientHost, topics };
      effects.write({ kind: 'share member', groupId, memberId, value });
    }
    const members = new Map(group.members).set(memberId, member);
    const { entries, assignmentEpoch, targetOf } = rebalance(
      group,
      members,
      this.#options.topics,
      hasNewTopics,
    );
    for (const entry of entries) effects.write(entry);
    const assignment = targetOf(memberId);
    if (member.memberEpoch !== assignmentEpoch) {
      const value = { memberEpoch: assignmentEpoch, previousMemberEpoch: member.memberEpoch, assignment };
      effects.write({ kind: 'share assignment', groupId, memberId, value });
    }
    this.#heard(groupId, memberId, nowMs);
    const mustTell = memberEpoch === JOIN || !isSameAssignment(member.assignment, assignment);
    return {
      error: 'NONE',
      memberEpoch: assignmentEpoch,
      heartbeatIntervalMs,
      assignment: mustTell ? assignment : null,
    };
  }

  /** A group begins with its first member; a text says why it may not. */
  #mayBegin(groupId: string, isJoin: boolean): ShareGroup | string {
    if (this.#options.isOther(groupId)) return `Group ${groupId} is not a share group.`;
    return isJoin ? new ShareGroup(groupId) : `Share group ${groupId} not found.`;
  }

  #leave(group: ShareGroup, memberId: string, effects: GroupEffects): ShareHeartbeatReply {
    const { groupId } = group;
    if (!group.members.has(memberId))
      return refused('UNKNOWN_MEMBER_ID', `Member ${memberId} is not a member of group ${groupId}.`);
    this.#remove(group, memberId, effects);
    return { error: 'NONE', memberEpoch: LEAVE, heartbeatIntervalMs: 0, assignment: null };
  }

  /** The others learn what is theirs now from their next heartbeats. */
  #remove(group: ShareGroup, memberId: string, effects: GroupEffects): void {
    const { groupId } = group;
    effects.write({ kind: 'share assignment', groupId, memberId, value: null });
    effects.write({ kind: 'share target of member', groupId, memberId, value: null });
    effects.write({ kind: 'share member', groupId, memberId, value: null });
    const members = new Map(group.members);
    members.delete(memberId);
    const { entries } = rebalance(group, members, this.#options.topics, true);
    for (const entry of entries) effects.write(entry);
    this.#options.deadlines.delete(groupDeadline('session', groupId, memberId));
  }

  #describe(groupId: string): ShareGroupDescription | string {
    const group = this.#groups.get(groupId);
    if (group === undefined) {
      const isOther = this.#options.isOther(groupId);
      return isOther ? `Group ${groupId} is not a share group.` : `Group ${groupId} not found.`;
    }
    const { state, epoch, assignmentEpoch, partitions } = group;
    return { groupId, state, epoch, assignmentEpoch, partitions, members: [...group.members.values()] };
  }

  #removeTopics(
    groupId: string,
    isMeant: (topic: ShareGroup['partitions'][number]) => boolean,
    effects: GroupEffects,
  ): void {
    const before = this.#groups.get(groupId)?.partitions ?? [];
    const value = before.filter((topic) => !isMeant(topic));
    if (value.length < before.length) effects.write({ kind: 'share partitions', groupId, value });
  }

  #heard(groupId: string, memberId: string, nowMs: number): void {
    const { config, deadlines } = this.#options;
    deadlines.set(groupDeadline('session', groupId, memberId), nowMs + config(groupId).sessionTimeoutMs);
  }
}

function refused(error: ErrorName, message: string): ShareHeartbeatReply {
  return { error, message, memberEpoch: 0, heartbeatIntervalMs: 0, assignment: null };
}

function requestProblem({
  groupId,
  memberId,
  memberEpoch,
  rackId,
  topics,
}: ShareHeartbeat): string | undefined {
  if (memberId.trim() === '') return "MemberId can't be empty.";
  if (groupId.trim() === '') return "GroupId can't be empty.";
  if (rackId !== null && rackId.trim() === '') return "RackId can't be empty.";
  if (memberEpoch === JOIN && (topics === null || topics.length === 0))
    return 'SubscribedTopicNames must be set in first request.';
  return memberEpoch < LEAVE ? 'MemberEpoch is invalid.' : undefined;
}

/** The epoch before is fine too: the answer that told the new one may have been lost. */
function epochProblem(member: ShareMember, received: number): string | undefined {
  const { memberEpoch, previousMemberEpoch } = member;
  const advice = 'The member must abandon all its partitions and rejoin.';
  if (received > memberEpoch)
    return `The share group member has a greater member epoch (${received}) than the one known by the group coordinator (${memberEpoch}). ${advice}`;
  if (received < memberEpoch && received !== previousMemberEpoch)
    return `The share group member has a smaller member epoch (${received}) than the one known by the group coordinator (${memberEpoch}). ${advice}`;
  return undefined;
}

function changed(member: ShareMember, request: ShareHeartbeat): ShareMember {
  return {
    ...member,
    rackId: request.rackId ?? member.rackId,
    topics: request.topics === null ? member.topics : [...new Set(request.topics)].sort(),
    clientId: request.clientId,
    clientHost: request.clientHost,
  };
}

function differs(a: ShareMember, b: ShareMember): boolean {
  return a.rackId !== b.rackId || a.clientId !== b.clientId || a.clientHost !== b.clientHost;
}

function isSameSet(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((item) => b.includes(item));
}
