import { type Assignment, NO_PARTITIONS } from './assignment.ts';
import type { ConsumerGroupEntry, ResolvedRegex } from './consumer-entries.ts';
import {
  type ConsumerMember,
  detailsOf,
  type MemberDetails,
  type MemberProgress,
  NO_PROGRESS,
  newMember,
  progressOf,
} from './consumer-member.ts';

export type ConsumerStateName = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable' | 'Dead';

/**
 * One group of the consumer protocol (KIP-848), whose coordinator decides who gets what.
 *
 * ```
 *  membership, subscriptions, topics ──> group epoch
 *                                             │ assignor
 *                                        target epoch ──> a target per member
 *                                                              │ reconcile, a heartbeat at a time
 *                                                         member epoch, what the member has
 * ```
 * Each epoch follows the one above it. A partition has at most one member among all that have it assigned or are
 * still letting go of it. Everything here comes out of records and changes only with them; `fork` gives a copy to
 * try records on before they are written.
 */
export class ConsumerGroup {
  readonly type = 'consumer';
  readonly protocolType = 'consumer';
  readonly groupId: string;
  epoch = 0;
  metadataHash = 0;
  targetEpoch = 0;
  readonly members = new Map<string, ConsumerMember>();
  readonly targets = new Map<string, Assignment>();
  readonly regexes = new Map<string, ResolvedRegex>();
  readonly #memberOfInstance = new Map<string, string>();
  #owners: Map<string, Map<number, string>> | undefined;
  /** The version of the topics that this group has been compared with; not kept. */
  topicsSeen: number | undefined;
  /** When its regular expressions were last resolved; not kept. */
  regexesSeenAtMs = Number.NEGATIVE_INFINITY;

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  fork(): ConsumerGroup {
    const copy = new ConsumerGroup(this.groupId);
    copy.epoch = this.epoch;
    copy.metadataHash = this.metadataHash;
    copy.targetEpoch = this.targetEpoch;
    copy.topicsSeen = this.topicsSeen;
    copy.regexesSeenAtMs = this.regexesSeenAtMs;
    for (const [memberId, member] of this.members) copy.members.set(memberId, member);
    for (const [memberId, target] of this.targets) copy.targets.set(memberId, target);
    for (const [regex, resolved] of this.regexes) copy.regexes.set(regex, resolved);
    for (const [instanceId, memberId] of this.#memberOfInstance)
      copy.#memberOfInstance.set(instanceId, memberId);
    return copy;
  }

  apply(entry: ConsumerGroupEntry): void {
    switch (entry.kind) {
      case 'consumer epoch':
        this.epoch = entry.value?.epoch ?? 0;
        this.metadataHash = entry.value?.metadataHash ?? 0;
        break;
      case 'consumer target epoch':
        this.targetEpoch = entry.value?.epoch ?? 0;
        break;
      case 'consumer target':
        setOrDelete(this.targets, entry.memberId, entry.value);
        break;
      case 'consumer regex':
        setOrDelete(this.regexes, entry.regex, entry.value);
        break;
      case 'consumer member':
        if (entry.value === null) this.#remove(entry.memberId);
        else this.#set(entry.memberId, entry.value, undefined);
        break;
      case 'consumer progress':
        this.#set(entry.memberId, undefined, entry.value ?? NO_PROGRESS);
        break;
    }
  }

  /** Records of a member may come without one another: compaction keeps each for itself. */
  #set(memberId: string, details: MemberDetails | undefined, progress: MemberProgress | undefined): void {
    const known = this.members.get(memberId);
    if (known === undefined && progress === NO_PROGRESS) return;
    const base = known ?? newMember(memberId);
    const member = {
      memberId,
      ...(details ?? detailsOf(base)),
      ...(progress ?? progressOf(base)),
    };
    this.members.set(memberId, member);
    if (member.instanceId !== null) this.#memberOfInstance.set(member.instanceId, memberId);
    if (progress !== undefined) this.#owners = undefined;
  }

  #remove(memberId: string): void {
    const instanceId = this.members.get(memberId)?.instanceId ?? null;
    if (instanceId !== null && this.#memberOfInstance.get(instanceId) === memberId)
      this.#memberOfInstance.delete(instanceId);
    this.members.delete(memberId);
    this.#owners = undefined;
  }

  /** Whether no record is left that speaks of it. */
  get isGone(): boolean {
    return this.epoch === 0 && this.targetEpoch === 0 && this.members.size === 0 && this.regexes.size === 0;
  }

  get state(): ConsumerStateName {
    if (this.members.size === 0) return 'Empty';
    if (this.epoch > this.targetEpoch) return 'Assigning';
    for (const member of this.members.values()) if (!this.isReconciled(member)) return 'Reconciling';
    return 'Stable';
  }

  isReconciled(member: ConsumerMember): boolean {
    return member.state === 'stable' && member.epoch === this.targetEpoch;
  }

  memberOfInstance(instanceId: string): ConsumerMember | undefined {
    return this.members.get(this.#memberOfInstance.get(instanceId) ?? '');
  }

  targetOf(memberId: string): Assignment {
    return this.targets.get(memberId) ?? NO_PARTITIONS;
  }

  /** Who has a partition, assigned or still letting go of it. */
  ownerOf(topicId: string, partition: number): string | undefined {
    this.#owners ??= this.#findOwners();
    return this.#owners.get(topicId)?.get(partition);
  }

  #findOwners(): Map<string, Map<number, string>> {
    const owners = new Map<string, Map<number, string>>();
    for (const { memberId, assigned, revoking } of this.members.values()) {
      for (const assignment of [assigned, revoking]) {
        for (const [topicId, partitions] of assignment) {
          const ofTopic = owners.get(topicId) ?? new Map<number, string>();
          owners.set(topicId, ofTopic);
          for (const partition of partitions) ofTopic.set(partition, memberId);
        }
      }
    }
    return owners;
  }

  /** The topics a member subscribes to, by name and by what its regular expression stands for. */
  topicsOf({ subscribedTopics, subscribedRegex }: ConsumerMember): ReadonlySet<string> {
    const topics = new Set(subscribedTopics);
    for (const topic of this.regexes.get(subscribedRegex)?.topics ?? []) topics.add(topic);
    return topics;
  }

  /** The topics all members together subscribe to. */
  subscribedTopics(): ReadonlySet<string> {
    const topics = new Set<string>();
    for (const { subscribedTopics } of this.members.values())
      for (const topic of subscribedTopics) topics.add(topic);
    for (const { topics: matching } of this.regexes.values()) for (const topic of matching) topics.add(topic);
    return topics;
  }

  /** The regular expressions members subscribe to. */
  subscribedRegexes(): ReadonlySet<string> {
    const regexes = new Set<string>();
    for (const { subscribedRegex } of this.members.values())
      if (subscribedRegex !== '') regexes.add(subscribedRegex);
    return regexes;
  }
}

function setOrDelete<Value>(map: Map<string, Value>, key: string, value: Value | null): void {
  if (value === null) map.delete(key);
  else map.set(key, value);
}
