import { Buffer } from 'node:buffer';
import type { Deadlines } from '../../topics/deadlines.ts';
import type { ClassicGroup, Member } from './classic-group.ts';
import type { SyncReply } from './group-calls.ts';
import type { GroupConfig } from './group-config.ts';
import type { GroupEffects } from './group-effects.ts';

/** What a deadline of the group machine is about. */
type DeadlineKind =
  | ClassicDeadline
  | ConsumerDeadline
  /** Of a member of any protocol. */
  | 'session'
  | 'expire offsets';
type ClassicDeadline = 'pending' | 'join' | 'sync' | 'rebalance';
/** See consumer/consumer-timers.ts. */
type ConsumerDeadline = 'revoke' | 'rejoin' | 'resync';

/** JSON, because group and member ids may hold any character. */
export type GroupDeadline = string & { readonly kind: 'group deadline' };

export function groupDeadline(kind: DeadlineKind, groupId = '', memberId = ''): GroupDeadline {
  return JSON.stringify([kind, groupId, memberId]) as GroupDeadline;
}

export function parseDeadline(deadline: GroupDeadline): [DeadlineKind, string, string] {
  return JSON.parse(deadline) as [DeadlineKind, string, string];
}

/** A member in its first join phase cannot heartbeat; its connection may be gone all the same. */
const NEW_MEMBER_JOIN_TIMEOUT_MS = 300_000;
const NOTHING = Buffer.alloc(0);

export function failedSync(error: SyncReply['error']): SyncReply {
  return { error, protocolType: null, protocol: null, assignment: NOTHING };
}

/** The phases of a rebalance: when one begins, when it is complete, and who falls out on the way. */
export class Rebalance {
  readonly #deadlines: Deadlines<GroupDeadline>;
  readonly #config: () => GroupConfig;

  constructor(deadlines: Deadlines<GroupDeadline>, config: () => GroupConfig) {
    this.#deadlines = deadlines;
    this.#config = config;
  }

  /** A sign of life: the member's session ends later. */
  heard(group: ClassicGroup, member: Member, nowMs: number): void {
    const timeoutMs = member.isNew ? NEW_MEMBER_JOIN_TIMEOUT_MS : member.sessionTimeoutMs;
    this.#deadlines.set(groupDeadline('session', group.groupId, member.memberId), nowMs + timeoutMs);
  }

  /** Begins the join phase, or goes on with the one that runs. */
  prepare(group: ClassicGroup, effects: GroupEffects, nowMs: number): void {
    if (group.state === 'PreparingRebalance') {
      this.completeJoinIfAllIn(group, effects, nowMs);
      return;
    }
    for (const member of group.members.values()) {
      if (member.syncToken === undefined) continue;
      effects.reply('sync', member.syncToken, failedSync('REBALANCE_IN_PROGRESS'));
      member.syncToken = undefined;
      this.heard(group, member, nowMs);
    }
    group.awaitedSyncs.clear();
    this.#deadlines.delete(groupDeadline('sync', group.groupId));
    // Members that learned of a generation have given up what they had in the one before.
    if (group.state === 'CompletingRebalance')
      for (const member of group.members.values()) member.assignment = NOTHING;
    const wasEmpty = group.state === 'Empty';
    group.enter('PreparingRebalance', nowMs);
    const { initialRebalanceDelayMs } = this.#config();
    if (wasEmpty && initialRebalanceDelayMs > 0) {
      // Members of a starting application arrive together: wait for the others before the first generation.
      group.initialDelayLeftMs = group.longestRebalanceMs;
      this.#extendInitialDelay(group, nowMs);
      return;
    }
    this.#deadlines.set(groupDeadline('join', group.groupId), nowMs + group.longestRebalanceMs);
    this.completeJoinIfAllIn(group, effects, nowMs);
  }

  completeJoinIfAllIn(group: ClassicGroup, effects: GroupEffects, nowMs: number): void {
    if (group.state !== 'PreparingRebalance') return;
    if (group.initialDelayLeftMs !== undefined && group.members.size > 0) return;
    if (group.allJoined) this.#completeJoin(group, effects, nowMs);
  }

  /** The time of the join phase is up. */
  joinPhaseOver(group: ClassicGroup, effects: GroupEffects, nowMs: number): void {
    if (group.state !== 'PreparingRebalance') return;
    const leftMs = group.initialDelayLeftMs;
    if (leftMs !== undefined && group.joinedDuringInitialDelay && leftMs > 0) {
      this.#extendInitialDelay(group, nowMs);
      return;
    }
    this.#completeJoin(group, effects, nowMs);
  }

  #extendInitialDelay(group: ClassicGroup, nowMs: number): void {
    const delayMs = Math.min(this.#config().initialRebalanceDelayMs, group.initialDelayLeftMs!);
    group.initialDelayLeftMs! -= delayMs;
    group.joinedDuringInitialDelay = false;
    this.#deadlines.set(groupDeadline('join', group.groupId), nowMs + delayMs);
  }

  #completeJoin(group: ClassicGroup, effects: GroupEffects, nowMs: number): void {
    group.initialDelayLeftMs = undefined;
    for (const member of [...group.members.values()]) {
      // A static member keeps its place until its session ends, also when it is slow to rejoin.
      if (member.joinToken === undefined && member.instanceId === null) this.drop(group, member.memberId);
    }
    const joined = [...group.members.values()].filter(({ joinToken }) => joinToken !== undefined);
    if (group.members.size > 0 && joined.length === 0) {
      this.#deadlines.set(
        groupDeadline('join', group.groupId),
        nowMs + Math.max(1, group.longestRebalanceMs),
      );
      return;
    }
    this.#deadlines.delete(groupDeadline('join', group.groupId));
    if (joined.length === 0) {
      this.#becomeEmpty(group, effects, nowMs);
      return;
    }
    if (group.members.get(group.leader ?? '')?.joinToken === undefined) group.leader = joined[0]!.memberId;
    group.generation += 1;
    group.protocol = group.selectProtocol();
    group.enter('CompletingRebalance', nowMs);
    for (const member of joined) {
      effects.reply('join', member.joinToken!, group.joinReply(member));
      member.joinToken = undefined;
      member.isNew = false;
      group.awaitedSyncs.add(member.memberId);
      this.heard(group, member, nowMs);
    }
    this.#deadlines.set(groupDeadline('sync', group.groupId), nowMs + group.longestRebalanceMs);
  }

  #becomeEmpty(group: ClassicGroup, effects: GroupEffects, nowMs: number): void {
    effects.write({
      kind: 'group',
      groupId: group.groupId,
      value: {
        protocolType: group.protocolType ?? '',
        generation: group.generation + 1,
        protocol: null,
        leader: null,
        stateSinceMs: nowMs,
        members: [],
      },
    });
  }

  /** Members that took their generation and never asked for their assignment leave. */
  syncPhaseOver(group: ClassicGroup, effects: GroupEffects, nowMs: number): void {
    if (group.awaitedSyncs.size === 0) return;
    if (group.state !== 'CompletingRebalance' && group.state !== 'Stable') return;
    for (const memberId of [...group.awaitedSyncs]) this.drop(group, memberId);
    this.prepare(group, effects, nowMs);
  }

  /** Takes a member out, without what follows from it. */
  drop(group: ClassicGroup, memberId: string): void {
    group.remove(memberId);
    this.#deadlines.delete(groupDeadline('session', group.groupId, memberId));
  }

  /** A member left or its session ended. */
  removeMember(group: ClassicGroup, member: Member, effects: GroupEffects, nowMs: number): void {
    if (member.joinToken !== undefined) {
      effects.reply('join', member.joinToken, failedJoin('UNKNOWN_MEMBER_ID', member.memberId));
      member.joinToken = undefined;
    }
    if (member.syncToken !== undefined) {
      effects.reply('sync', member.syncToken, failedSync('UNKNOWN_MEMBER_ID'));
      member.syncToken = undefined;
    }
    this.drop(group, member.memberId);
    this.prepare(group, effects, nowMs);
  }
}

export function failedJoin(error: SyncReply['error'], memberId: string) {
  return {
    error,
    generation: -1,
    protocolType: null,
    protocol: null,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}
