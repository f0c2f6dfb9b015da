import type { ErrorName } from '../../protocol/errors.ts';
import { ClassicGroup, type Member } from './classic-group.ts';
import type { ConsumerGroupEntry } from './consumer/consumer-entries.ts';
import { ConsumerGroup } from './consumer/consumer-group.ts';
import type { MemberIdentity } from './group-calls.ts';
import type { GroupEntry } from './group-entries.ts';

export type Group = ClassicGroup | ConsumerGroup;

/** The groups of one coordinator partition, by id; a group is of one protocol at a time. */
export class GroupDirectory {
  readonly #groups = new Map<string, Group>();

  find(groupId: string): Group | undefined {
    return this.#groups.get(groupId);
  }

  classic(groupId: string): ClassicGroup | undefined {
    const group = this.#groups.get(groupId);
    return group?.type === 'classic' ? group : undefined;
  }

  consumer(groupId: string): ConsumerGroup | undefined {
    const group = this.#groups.get(groupId);
    return group?.type === 'consumer' ? group : undefined;
  }

  /** A group of another protocol with this id gives way. */
  findOrCreateClassic(groupId: string): ClassicGroup {
    let group = this.classic(groupId);
    if (group === undefined) {
      group = new ClassicGroup(groupId);
      this.#groups.set(groupId, group);
    }
    return group;
  }

  /** The end of a group of the other protocol may be written after the beginning of this one: it ends only its own. */
  applyClassic({ groupId, value }: GroupEntry): void {
    if (value !== null) this.findOrCreateClassic(groupId).apply(value);
    else if (this.classic(groupId) !== undefined) this.#groups.delete(groupId);
  }

  applyConsumer(entry: ConsumerGroupEntry): void {
    const { groupId } = entry;
    let group = this.consumer(groupId);
    if (group === undefined) {
      if (entry.value === null) return;
      group = new ConsumerGroup(groupId);
      this.#groups.set(groupId, group);
    }
    group.apply(entry);
    if (entry.kind === 'consumer epoch' && entry.value === null) this.#groups.delete(groupId);
  }

  all(): readonly Group[] {
    return [...this.#groups.values()];
  }

  /** The member that speaks, or why it may not: replaced by another process, or not a member at all. */
  memberOf(
    identity: Omit<MemberIdentity, 'generation'>,
  ): { group: ClassicGroup; member: Member } | ErrorName {
    const group = this.classic(identity.groupId);
    if (group === undefined) return 'UNKNOWN_MEMBER_ID';
    if (identity.instanceId !== null) {
      const owner = group.memberOfInstance(identity.instanceId);
      if (owner === undefined) return 'UNKNOWN_MEMBER_ID';
      if (owner.memberId !== identity.memberId) return 'FENCED_INSTANCE_ID';
    }
    const member = group.members.get(identity.memberId);
    return member === undefined ? 'UNKNOWN_MEMBER_ID' : { group, member };
  }
}
