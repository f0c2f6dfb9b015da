import { Buffer } from 'node:buffer';
import type { ClassicStateName, GroupDescription, JoinReply, Protocol } from './group-calls.ts';
import type { RecordedGeneration } from './group-entries.ts';

/** A member as its coordinator knows it. Tokens are of parked calls and do not survive a restart. */
export interface Member {
  memberId: string;
  readonly instanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly Protocol[];
  assignment: Buffer;
  joinToken: number | undefined;
  syncToken: number | undefined;
  /** In its first join phase: it cannot heartbeat yet. */
  isNew: boolean;
}

const NOTHING = Buffer.alloc(0);

/**
 * One classic consumer group: who belongs to it and how far its rebalance has come.
 *
 * ```
 *  Empty ──join──> PreparingRebalance ──all joined or timeout──> CompletingRebalance ──leader syncs──> Stable
 *    ^                  │      ^                                        │                               │
 *    └──nobody left─────┘      └──join, leave, expiry───────────────────┴───────────────────────────────┘
 * ```
 * The generation rises whenever the join phase ends, also when it ends with nobody.
 */
export class ClassicGroup {
  readonly type = 'classic';
  readonly groupId: string;
  state: ClassicStateName = 'Empty';
  generation = 0;
  protocolType: string | null = null;
  protocol: string | null = null;
  leader: string | null = null;
  stateSinceMs = -1;
  /** In the order they came; the first one becomes leader. */
  readonly members = new Map<string, Member>();
  readonly #memberOfInstance = new Map<string, string>();
  /** Ids handed out to members that have not come back with them. */
  readonly pendingMembers = new Set<string>();
  /** Members that were told a new generation and have not synced. */
  readonly awaitedSyncs = new Set<string>();
  /** How much longer the first join phase of an empty group may still be extended; undefined outside it. */
  initialDelayLeftMs: number | undefined;
  joinedDuringInitialDelay = false;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  enter(state: ClassicStateName, nowMs: number): void {
    this.state = state;
    this.stateSinceMs = nowMs;
  }

  add(member: Member): void {
    this.members.set(member.memberId, member);
    if (member.instanceId !== null) this.#memberOfInstance.set(member.instanceId, member.memberId);
    this.leader ??= member.memberId;
  }

  remove(memberId: string): void {
    const member = this.members.get(memberId);
    if (member === undefined) return;
    this.members.delete(memberId);
    this.awaitedSyncs.delete(memberId);
    if (member.instanceId !== null && this.#memberOfInstance.get(member.instanceId) === memberId)
      this.#memberOfInstance.delete(member.instanceId);
    if (this.leader === memberId) this.leader = this.members.keys().next().value ?? null;
  }

  /** Gives a static member's place to the process that now has its instance id. */
  replaceStatic(member: Member, memberId: string): void {
    const wasLeader = this.leader === member.memberId;
    const others = [...this.members.values()];
    this.members.clear();
    this.awaitedSyncs.delete(member.memberId);
    member.memberId = memberId;
    for (const other of others) this.members.set(other.memberId, other);
    this.#memberOfInstance.set(member.instanceId!, memberId);
    if (wasLeader) this.leader = memberId;
  }

  memberOfInstance(instanceId: string): Member | undefined {
    const memberId = this.#memberOfInstance.get(instanceId);
    return memberId === undefined ? undefined : this.members.get(memberId);
  }

  /** Whether a member with these protocols could share a generation with the present members. */
  accepts(protocolType: string, protocols: readonly Protocol[]): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    if (this.members.size === 0) return true;
    return protocolType === this.protocolType && protocols.some(({ name }) => this.#isCommon(name));
  }

  #isCommon(name: string): boolean {
    return [...this.members.values()].every((member) =>
      member.protocols.some((offer) => offer.name === name),
    );
  }

  /** Of the protocols all members know, the one most of them prefer. */
  selectProtocol(): string | null {
    const votes = new Map<string, number>();
    for (const member of this.members.values()) {
      const choice = member.protocols.find(({ name }) => this.#isCommon(name));
      if (choice !== undefined) votes.set(choice.name, (votes.get(choice.name) ?? 0) + 1);
    }
    let winner: string | null = null;
    for (const [name, count] of votes) {
      if (winner === null || count > votes.get(winner)!) winner = name;
    }
    return winner;
  }

  get allJoined(): boolean {
    if (this.pendingMembers.size > 0) return false;
    return [...this.members.values()].every((member) => member.joinToken !== undefined);
  }

  get longestRebalanceMs(): number {
    return Math.max(0, ...[...this.members.values()].map((member) => member.rebalanceTimeoutMs));
  }

  /** What a member learns about the running generation. */
  joinReply(member: Member): JoinReply {
    const isLeader = member.memberId === this.leader;
    return {
      error: 'NONE',
      generation: this.generation,
      protocolType: this.protocolType,
      protocol: this.protocol,
      leader: this.leader ?? '',
      skipAssignment: false,
      memberId: member.memberId,
      members: isLeader ? this.#memberList() : [],
    };
  }

  /** What a returning static member learns in a generation that goes on unchanged. */
  unchangedReply(member: Member, previousId: string, canSkipAssignment: boolean): JoinReply {
    if (canSkipAssignment) {
      return { ...this.joinReply(member), skipAssignment: member.memberId === this.leader };
    }
    // An old client that learned it is the leader would compute an assignment nobody waits for.
    const leader = member.memberId === this.leader ? previousId : (this.leader ?? '');
    return { ...this.joinReply(member), leader, members: [] };
  }

  #memberList(): JoinReply['members'] {
    return [...this.members.values()].map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      metadata: this.subscription(member),
    }));
  }

  subscription(member: Member): Buffer {
    return member.protocols.find(({ name }) => name === this.protocol)?.metadata ?? NOTHING;
  }

  /** The durable form of this generation, with these assignments. */
  record(assignmentOf: (member: Member) => Buffer, stateSinceMs: number): RecordedGeneration {
    return {
      protocolType: this.protocolType ?? '',
      generation: this.generation,
      protocol: this.protocol,
      leader: this.leader,
      stateSinceMs,
      members: [...this.members.values()].map((member) => ({
        memberId: member.memberId,
        instanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        rebalanceTimeoutMs: member.rebalanceTimeoutMs,
        sessionTimeoutMs: member.sessionTimeoutMs,
        subscription: this.subscription(member),
        assignment: assignmentOf(member),
      })),
    };
  }

  /** Makes the recorded generation the running one; what is known beyond it (parked calls) is kept. */
  apply(recorded: RecordedGeneration): void {
    this.generation = recorded.generation;
    this.protocolType = recorded.protocolType === '' ? null : recorded.protocolType;
    this.protocol = recorded.protocol;
    const names = new Set(recorded.members.map(({ memberId }) => memberId));
    for (const memberId of [...this.members.keys()]) if (!names.has(memberId)) this.remove(memberId);
    for (const member of recorded.members) {
      const known = this.members.get(member.memberId);
      if (known !== undefined) known.assignment = member.assignment;
      else {
        const protocols = [{ name: recorded.protocol ?? '', metadata: member.subscription }];
        const { subscription: _, ...rest } = member;
        this.add({ ...rest, protocols, joinToken: undefined, syncToken: undefined, isNew: false });
      }
    }
    this.leader = recorded.leader;
    this.enter(recorded.members.length === 0 ? 'Empty' : 'Stable', recorded.stateSinceMs);
  }

  describe(): GroupDescription {
    const isStable = this.state === 'Stable';
    return {
      groupId: this.groupId,
      protocolType: this.protocolType ?? '',
      state: this.state,
      generation: this.generation,
      // Kafka shows protocol and metadata only of a generation that is settled, assignments also of the one before.
      protocol: isStable ? (this.protocol ?? '') : '',
      members: [...this.members.values()].map((member) => ({
        memberId: member.memberId,
        instanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        metadata: isStable ? this.subscription(member) : NOTHING,
        assignment: member.assignment,
      })),
    };
  }
}
