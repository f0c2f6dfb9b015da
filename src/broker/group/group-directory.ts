import type { ErrorName } from '../../protocol/errors.ts';
import { ClassicGroup, type Member } from './classic-group.ts';
import type { MemberIdentity } from './group-calls.ts';

/** The groups of one coordinator partition, by id. */
export class GroupDirectory {
  readonly #groups = new Map<string, ClassicGroup>();

  find(groupId: string): ClassicGroup | undefined {
    return this.#groups.get(groupId);
  }

  findOrCreate(groupId: string): ClassicGroup {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = new ClassicGroup(groupId);
      this.#groups.set(groupId, group);
    }
    return group;
  }

  delete(groupId: string): void {
    this.#groups.delete(groupId);
  }

  all(): readonly ClassicGroup[] {
    return [...this.#groups.values()];
  }

  /** The member that speaks, or why it may not: replaced by another process, or not a member at all. */
  memberOf(
    identity: Omit<MemberIdentity, 'generation'>,
  ): { group: ClassicGroup; member: Member } | ErrorName {
    const group = this.#groups.get(identity.groupId);
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
