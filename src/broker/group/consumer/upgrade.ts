import type { ClassicGroup, Member } from '../classic-group.ts';
import { decodeAssignment, decodeSubscription, EMBEDDED_PROTOCOL } from '../embedded-protocol.ts';
import type { GroupEffects } from '../group-effects.ts';
import { failedJoin, failedSync } from '../rebalance.ts';
import { type Refusal, refusal } from './consumer-calls.ts';
import type { ConsumerContext } from './consumer-context.ts';
import { ConsumerGroup } from './consumer-group.ts';
import { type ConsumerMember, detailsOf, NO_PROGRESS, newMember, progressOf } from './consumer-member.ts';
import type { Speaker } from './find-member.ts';
import { GroupDraft } from './group-draft.ts';
import { topicsHash } from './group-topics.ts';
import { fromNamedPartitions } from './named-partitions.ts';

/** A classic group becomes a consumer group when the first member of the new protocol joins it. */
export class Upgrade {
  readonly #context: ConsumerContext;

  constructor(context: ConsumerContext) {
    this.#context = context;
  }

  draftOf(
    classic: ClassicGroup,
    joining: Speaker,
    effects: GroupEffects,
    nowMs: number,
  ): GroupDraft | Refusal {
    const { groupId } = classic;
    if (classic.state === 'Empty') {
      effects.write({ kind: 'group', groupId, value: null });
      return new GroupDraft(new ConsumerGroup(groupId), effects, true);
    }
    const members = this.#convertible(classic, joining);
    if ('error' in members) return members;
    for (const { joinToken, syncToken, memberId } of classic.members.values()) {
      if (joinToken !== undefined)
        effects.reply('join', joinToken, failedJoin('REBALANCE_IN_PROGRESS', memberId));
      if (syncToken !== undefined) effects.reply('sync', syncToken, failedSync('REBALANCE_IN_PROGRESS'));
    }
    effects.write({ kind: 'group', groupId, value: null });
    const draft = new GroupDraft(new ConsumerGroup(groupId), effects, true);
    this.#write(draft, classic.generation, members, nowMs);
    return draft;
  }

  /** The members as this protocol sees them, or why they cannot be. */
  #convertible(classic: ClassicGroup, joining: Speaker): readonly ConsumerMember[] | Refusal {
    const cannot = (why: string) =>
      refusal(
        'GROUP_ID_NOT_FOUND',
        `Cannot upgrade classic group ${classic.groupId} to consumer group because ${why}.`,
      );
    const { migrationPolicy, maxSize } = this.#context.config().consumer;
    if (migrationPolicy !== 'bidirectional' && migrationPolicy !== 'upgrade')
      return cannot('online upgrade is disabled');
    if (classic.protocolType !== EMBEDDED_PROTOCOL)
      return cannot('the group does not use the consumer embedded protocol');
    const replaces =
      joining.instanceId !== null && classic.memberOfInstance(joining.instanceId) !== undefined;
    if (classic.members.size > maxSize)
      return cannot('the group size exceeds the consumer group maximum size');
    if (classic.members.size === maxSize && !replaces && !classic.members.has(joining.memberId))
      return refusal(
        'GROUP_MAX_SIZE_REACHED',
        `The consumer group has reached its maximum capacity of ${maxSize} members.`,
      );
    const members: ConsumerMember[] = [];
    for (const member of classic.members.values()) {
      const converted = this.#member(member, classic);
      if (typeof converted === 'string') return cannot(converted);
      members.push(converted);
    }
    return members;
  }

  #member(member: Member, classic: ClassicGroup): ConsumerMember | string {
    const protocol = member.protocols.find(({ name }) => name === classic.protocol) ?? member.protocols[0]!;
    const subscription = decodeSubscription(protocol.metadata);
    const assignment = decodeAssignment(member.assignment);
    if (subscription === undefined || assignment === undefined)
      return 'the embedded consumer protocol is malformed';
    if (assignment.hasUserData)
      return 'an unsupported custom assignor is in use. Please refer to the documentation or switch to a default assignor before re-attempting the upgrade';
    const { memberId, instanceId, clientId, clientHost, rebalanceTimeoutMs } = member;
    const { sessionTimeoutMs, protocols } = member;
    return {
      ...newMember(memberId),
      ...{ instanceId, clientId, clientHost, rebalanceTimeoutMs },
      rackId: subscription.rackId,
      subscribedTopics: [...new Set(subscription.topics)].sort(),
      classic: { sessionTimeoutMs, protocols },
      epoch: classic.generation,
      previousEpoch: classic.generation,
      assigned: fromNamedPartitions(assignment.partitions, this.#context.topics),
    };
  }

  #write(draft: GroupDraft, generation: number, members: readonly ConsumerMember[], nowMs: number): void {
    const { groupId } = draft.group;
    for (const member of members)
      draft.write({ kind: 'consumer member', memberId: member.memberId, value: detailsOf(member) });
    const metadataHash = topicsHash(draft.group.subscribedTopics(), this.#context.topics);
    draft.write({ kind: 'consumer epoch', value: { epoch: generation, metadataHash } });
    for (const { memberId, assigned } of members)
      draft.write({ kind: 'consumer target', memberId, value: assigned });
    draft.write({ kind: 'consumer target epoch', value: { epoch: generation } });
    const given = new Set<string>();
    for (const member of members) {
      draft.write({
        kind: 'consumer progress',
        memberId: member.memberId,
        value: { ...progressOf(member), ...this.#withoutDoubles(member, given) },
      });
      this.#context.timers.heard(groupId, member, nowMs);
    }
  }

  /** Assignments of clients are theirs: where two members name one partition, the first keeps it. */
  #withoutDoubles({ assigned }: ConsumerMember, given: Set<string>) {
    const kept = new Map<string, readonly number[]>();
    for (const [topicId, partitions] of assigned) {
      const left = partitions.filter((partition) => !given.has(`${topicId} ${partition}`));
      for (const partition of left) given.add(`${topicId} ${partition}`);
      if (left.length > 0) kept.set(topicId, left);
    }
    return { assigned: kept.size === 0 ? NO_PROGRESS.assigned : kept };
  }
}
