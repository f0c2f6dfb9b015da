import { ClassicGroup } from '../classic-group.ts';
import { encodeAssignment } from '../embedded-protocol.ts';
import type { GroupConfig } from '../group-config.ts';
import type { ConsumerContext } from './consumer-context.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import type { ConsumerMember } from './consumer-member.ts';
import { writeRemoval } from './find-member.ts';
import type { GroupDraft } from './group-draft.ts';
import { toNamedPartitions } from './named-partitions.ts';

/** Whether those who would be left all speak the classic protocol, and may have the group to themselves. */
export function canDowngrade(members: readonly ConsumerMember[], config: GroupConfig): boolean {
  const { migrationPolicy } = config.consumer;
  if (migrationPolicy !== 'bidirectional' && migrationPolicy !== 'downgrade') return false;
  return (
    members.length > 0 &&
    members.length <= config.maxGroupSize &&
    members.every(({ classic }) => classic !== null)
  );
}

/** A consumer group becomes a classic one when the last member of the new protocol is gone. */
export class Downgrade {
  readonly #context: ConsumerContext;

  constructor(context: ConsumerContext) {
    this.#context = context;
  }

  /** The group's epoch goes on as generation; members that are behind learn it from ILLEGAL_GENERATION. */
  convert(
    draft: GroupDraft,
    members: readonly ConsumerMember[],
    { mustRebalance }: { readonly mustRebalance: boolean },
    nowMs: number,
  ): void {
    const { timers } = this.#context;
    const { group } = draft;
    const { groupId } = group;
    const classic = this.#classicGroup(group, members, nowMs);
    writeGroupRemoval(draft);
    const value = classic.record(({ assignment }) => assignment, nowMs);
    draft.effects.write({ kind: 'group', groupId, value });
    for (const { memberId, classic: details } of members)
      timers.becameClassic(groupId, memberId, details!.sessionTimeoutMs, nowMs);
    const isSettled = members.every((member) => member.state === 'stable' && member.epoch === group.epoch);
    if (mustRebalance || !isSettled) timers.rebalanceSoon(groupId, nowMs);
  }

  #classicGroup(group: ConsumerGroup, members: readonly ConsumerMember[], nowMs: number): ClassicGroup {
    const classic = new ClassicGroup(group.groupId);
    classic.protocolType = 'consumer';
    classic.generation = group.epoch;
    for (const member of members) {
      const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs } = member;
      const { sessionTimeoutMs, protocols } = member.classic!;
      // The version in front of its own subscription is one it can read.
      const version = protocols[0]!.metadata.readInt16BE(0);
      classic.add({
        ...{ memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols },
        assignment: encodeAssignment(version, toNamedPartitions(member.assigned, this.#context.topics)),
        joinToken: undefined,
        syncToken: undefined,
        isNew: false,
      });
    }
    classic.protocol = classic.selectProtocol();
    classic.enter('Stable', nowMs);
    return classic;
  }
}

/** Everything that speaks of the group, members first: the record of its epoch is its end. */
export function writeGroupRemoval(draft: GroupDraft): void {
  for (const memberId of [...draft.group.members.keys()]) writeRemoval(draft, memberId);
  for (const memberId of [...draft.group.targets.keys()])
    draft.write({ kind: 'consumer target', memberId, value: null });
  for (const regex of [...draft.group.regexes.keys()])
    draft.write({ kind: 'consumer regex', regex, value: null });
  draft.write({ kind: 'consumer target epoch', value: null });
  draft.write({ kind: 'consumer epoch', value: null });
}
