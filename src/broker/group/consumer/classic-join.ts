import { decodeSubscription, EMBEDDED_PROTOCOL, type EmbeddedSubscription } from '../embedded-protocol.ts';
import type { JoinReply, JoinRequest } from '../group-calls.ts';
import type { GroupEffects } from '../group-effects.ts';
import { newMemberId } from '../member-id.ts';
import { failedJoin } from '../rebalance.ts';
import type { Assignment } from './assignment.ts';
import { isRefusal } from './consumer-calls.ts';
import type { ConsumerContext } from './consumer-context.ts';
import type { ConsumerGroup } from './consumer-group.ts';
import {
  type ConsumerMember,
  detailsOf,
  type MemberDetails,
  sameDetails,
  sameTopics,
} from './consumer-member.ts';
import { canDowngrade, type Downgrade } from './downgrade.ts';
import { joiningMember, knownMember } from './find-member.ts';
import { GroupDraft } from './group-draft.ts';
import { fromNamedPartitions } from './named-partitions.ts';
import { followEpoch, reconcileMember, type StepContext, updateEpoch } from './settle.ts';

type JoinError = JoinReply['error'];

/**
 * JoinGroup in a consumer group (KIP-848, online migration): a member of the classic protocol takes part as one of
 * the new protocol would, its epoch being its generation. It never leads and never waits: the coordinator assigns.
 */
export class ClassicJoin {
  readonly #context: ConsumerContext;
  readonly #downgrade: Downgrade;

  constructor(context: ConsumerContext, downgrade: Downgrade) {
    this.#context = context;
    this.#downgrade = downgrade;
  }

  handle(group: ConsumerGroup, request: JoinRequest, effects: GroupEffects, nowMs: number): JoinReply {
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#context.config();
    const { sessionTimeoutMs } = request;
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs)
      return failedJoin('INVALID_SESSION_TIMEOUT', request.memberId);
    const isUnknown = request.memberId === '';
    const memberId = isUnknown ? newMemberId(request, this.#context.random) : request.memberId;
    const subscription = this.#subscription(group, memberId, request);
    if (typeof subscription === 'string') return failedJoin(subscription, '');
    if (isUnknown && request.mustKnowItsId && request.instanceId === null)
      return failedJoin('MEMBER_ID_REQUIRED', memberId);

    const draft = new GroupDraft(group, effects);
    const speaker = { memberId, instanceId: request.instanceId };
    const isKnownStatic = request.instanceId !== null && !isUnknown;
    const before = isKnownStatic ? knownMember(group, speaker) : joiningMember(draft, speaker, true);
    if (isRefusal(before)) return failedJoin(before.error, '');
    return this.#join(group, draft, before, request, subscription, nowMs);
  }

  #subscription(
    group: ConsumerGroup,
    memberId: string,
    request: JoinRequest,
  ): EmbeddedSubscription | JoinError {
    const config = this.#context.config();
    const { protocols, protocolType } = request;
    if (group.members.size >= config.consumer.maxSize && !group.members.has(memberId))
      return 'GROUP_MAX_SIZE_REACHED';
    if (protocolType !== EMBEDDED_PROTOCOL || protocols.length === 0) return 'INCONSISTENT_GROUP_PROTOCOL';
    // They must be able to form a classic group together, should the others leave.
    const classics = [...group.members.values()].filter(({ classic }) => classic !== null);
    const isCommon = protocols.some(({ name }) =>
      classics.every(({ classic }) => classic!.protocols.some((protocol) => protocol.name === name)),
    );
    if (!isCommon) return 'INCONSISTENT_GROUP_PROTOCOL';
    return decodeSubscription(protocols[0]!.metadata) ?? 'INCONSISTENT_GROUP_PROTOCOL';
  }

  #join(
    real: ConsumerGroup,
    draft: GroupDraft,
    before: ConsumerMember,
    request: JoinRequest,
    subscription: EmbeddedSubscription,
    nowMs: number,
  ): JoinReply {
    const { memberId } = before;
    const isReplacing =
      request.instanceId !== null && real.memberOfInstance(request.instanceId) !== undefined;
    const replaced = isReplacing ? real.memberOfInstance(request.instanceId!)! : undefined;
    const details = newDetails(before, request, subscription);
    if (!draft.group.members.has(memberId) || !sameDetails(details, detailsOf(before)))
      draft.write({ kind: 'consumer member', memberId, value: details });
    const change = {
      topics: !sameTopics(details.subscribedTopics, before.subscribedTopics),
      regex: before.subscribedRegex !== '',
    };
    const step = this.#step(request, nowMs);
    const owned = fromNamedPartitions(subscription.owned, this.#context.topics);
    const changed = updateEpoch(real, draft, change, step);
    const members = [...draft.group.members.values()];
    const isLastToCome = replaced !== undefined && replaced.classic === null;
    if (isLastToCome && canDowngrade(members, this.#context.config()))
      return this.#joinAndDowngrade(draft, memberId, owned, changed, step);
    followEpoch(draft, step);
    const after = reconcileMember(draft, memberId, owned, change.topics || change.regex, step);
    const { timers } = this.#context;
    timers.heard(real.groupId, after, nowMs);
    timers.awaitSync(real.groupId, after, nowMs);
    return joined(after);
  }

  /** A static member came back with the classic protocol, and nobody is left who speaks the new one. */
  #joinAndDowngrade(
    draft: GroupDraft,
    memberId: string,
    owned: Assignment,
    mustRebalance: boolean,
    step: StepContext,
  ): JoinReply {
    if (!mustRebalance) reconcileMember(draft, memberId, owned, false, step);
    const members = [...draft.group.members.values()];
    const member = draft.group.members.get(memberId)!;
    this.#downgrade.convert(draft, members, { mustRebalance }, step.nowMs);
    return joined(member);
  }

  #step({ mayDescribe = () => true }: JoinRequest, nowMs: number): StepContext {
    const { topics, timers, config } = this.#context;
    return { topics, timers, mayDescribe, nowMs, config: config().consumer };
  }
}

function newDetails(
  before: ConsumerMember,
  request: JoinRequest,
  subscription: EmbeddedSubscription,
): MemberDetails {
  const { clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = request;
  return {
    ...{ clientId, clientHost, rebalanceTimeoutMs },
    instanceId: request.instanceId ?? before.instanceId,
    rackId: subscription.rackId ?? before.rackId,
    subscribedTopics: [...new Set(subscription.topics)].sort(),
    // The classic protocol resolves regular expressions in the client.
    subscribedRegex: '',
    serverAssignor: before.serverAssignor,
    classic: { sessionTimeoutMs, protocols },
  };
}

function joined({ memberId, epoch, classic }: ConsumerMember): JoinReply {
  return {
    error: 'NONE',
    generation: epoch,
    protocolType: EMBEDDED_PROTOCOL,
    protocol: classic!.protocols[0]!.name,
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}
