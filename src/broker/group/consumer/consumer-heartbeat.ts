import { Buffer } from 'node:buffer';
import { uuidHex } from '../../../base/random.ts';
import type { GroupEffects } from '../group-effects.ts';
import { isEqual, NO_PARTITIONS, toAssignment, toTopicPartitions } from './assignment.ts';
import { checkHeartbeat } from './check-heartbeat.ts';
import {
  type ConsumerHeartbeatReply,
  type ConsumerHeartbeatRequest,
  isRefusal,
  type Refusal,
  refusal,
} from './consumer-calls.ts';
import { heartbeatIntervalMs } from './consumer-config.ts';
import type { ConsumerContext } from './consumer-context.ts';
import { ConsumerGroup } from './consumer-group.ts';
import {
  type ConsumerMember,
  detailsOf,
  JOIN_EPOCH,
  LEAVE_EPOCH,
  type MemberDetails,
  progressOf,
  STATIC_LEAVE_EPOCH,
  sameDetails,
  sameTopics,
} from './consumer-member.ts';
import type { ConsumerRemoval } from './consumer-removal.ts';
import { epochProblem, joiningMember, knownMember } from './find-member.ts';
import { GroupDraft } from './group-draft.ts';
import { followEpoch, reconcileMember, type StepContext, updateEpoch } from './settle.ts';
import type { Upgrade } from './upgrade.ts';

/**
 * ConsumerGroupHeartbeat (KIP-848): how a consumer joins, tells what it wants and has, learns what it gets, and
 * leaves. Each heartbeat takes the group as far as it can come without anybody else.
 */
export class ConsumerHeartbeat {
  readonly #context: ConsumerContext;
  readonly #removal: ConsumerRemoval;
  readonly #upgrade: Upgrade;

  constructor(context: ConsumerContext, removal: ConsumerRemoval, upgrade: Upgrade) {
    this.#context = context;
    this.#removal = removal;
    this.#upgrade = upgrade;
  }

  handle(request: ConsumerHeartbeatRequest, effects: GroupEffects, nowMs: number): ConsumerHeartbeatReply {
    const { assignors } = this.#context.config().consumer;
    const reply = checkHeartbeat(request, assignors) ?? this.#handle(request, effects, nowMs);
    if ('assignment' in reply) return reply;
    return { memberId: null, memberEpoch: 0, heartbeatIntervalMs: 0, assignment: null, ...reply };
  }

  #handle(
    request: ConsumerHeartbeatRequest,
    effects: GroupEffects,
    nowMs: number,
  ): ConsumerHeartbeatReply | Refusal {
    const { memberEpoch } = request;
    if (memberEpoch === LEAVE_EPOCH || memberEpoch === STATIC_LEAVE_EPOCH)
      return this.#leave(request, effects, nowMs);
    const known = this.#context.groups.find(request.groupId);
    const real = known?.type === 'consumer' ? known : undefined;
    const draft = this.#groupFor(request, effects, nowMs);
    if (isRefusal(draft)) return draft;
    const memberId = request.memberId === '' ? base64Uuid(uuidHex(this.#context.random)) : request.memberId;
    const { maxSize } = this.#context.config().consumer;
    if (draft.group.members.size >= maxSize && !draft.group.members.has(memberId))
      return refusal(
        'GROUP_MAX_SIZE_REACHED',
        `The consumer group has reached its maximum capacity of ${maxSize} members.`,
      );
    return this.#beat(real, draft, { ...request, memberId }, nowMs);
  }

  /** The group, made when it does not exist, and made one of this protocol when it is of the classic one. */
  #groupFor(request: ConsumerHeartbeatRequest, effects: GroupEffects, nowMs: number): GroupDraft | Refusal {
    const { groupId, memberEpoch } = request;
    const group = this.#context.groups.find(groupId);
    if (group?.type === 'consumer') return new GroupDraft(group, effects);
    if (memberEpoch !== JOIN_EPOCH) {
      const what =
        group === undefined
          ? `Consumer group ${groupId} not found.`
          : `Group ${groupId} is not a consumer group.`;
      return refusal('GROUP_ID_NOT_FOUND', what);
    }
    if (group === undefined) return new GroupDraft(new ConsumerGroup(groupId), effects, true);
    return this.#upgrade.draftOf(group, request, effects, nowMs);
  }

  #beat(
    real: ConsumerGroup | undefined,
    draft: GroupDraft,
    request: ConsumerHeartbeatRequest,
    nowMs: number,
  ): ConsumerHeartbeatReply | Refusal {
    const owned = request.owned && toAssignment(request.owned);
    const isJoining = request.memberEpoch === JOIN_EPOCH;
    const before = isJoining ? joiningMember(draft, request, false) : knownMember(draft.group, request);
    if (isRefusal(before)) return before;
    const fenced = epochProblem(before, request.memberEpoch, owned);
    if (fenced !== undefined) return fenced;

    const details = newDetails(before, request);
    const isNew = !draft.group.members.has(before.memberId);
    const { memberId } = before;
    if (isNew || !sameDetails(details, detailsOf(before)))
      draft.write({ kind: 'consumer member', memberId, value: details });
    const change = {
      topics: !sameTopics(details.subscribedTopics, before.subscribedTopics),
      regex: details.subscribedRegex !== before.subscribedRegex,
    };
    const step = this.#step(request, nowMs);
    updateEpoch(real, draft, change, step);
    followEpoch(draft, step);
    const after = reconcileMember(draft, memberId, owned, change.topics || change.regex, step);
    this.#context.timers.heard(request.groupId, after, nowMs);
    return this.#reply(request, before, after);
  }

  #step({ mayDescribe }: ConsumerHeartbeatRequest, nowMs: number): StepContext {
    const { topics, timers, config } = this.#context;
    return { topics, timers, mayDescribe, nowMs, config: config().consumer };
  }

  #reply(
    request: ConsumerHeartbeatRequest,
    before: ConsumerMember,
    after: ConsumerMember,
  ): ConsumerHeartbeatReply {
    // Whoever says everything asks for everything: it joins, or is not sure what our last answer was.
    const isFull =
      request.rebalanceTimeoutMs !== -1 &&
      (request.subscribedTopics !== null || request.subscribedRegex !== null) &&
      request.owned !== null;
    const mustTell =
      request.memberEpoch === JOIN_EPOCH || isFull || !isEqual(before.assigned, after.assigned);
    const { overrides, config } = this.#context;
    return {
      error: 'NONE',
      message: null,
      memberId: after.memberId,
      memberEpoch: after.epoch,
      heartbeatIntervalMs: heartbeatIntervalMs(config().consumer, overrides(request.groupId)),
      assignment: mustTell ? toTopicPartitions(after.assigned) : null,
    };
  }

  #leave(
    request: ConsumerHeartbeatRequest,
    effects: GroupEffects,
    nowMs: number,
  ): ConsumerHeartbeatReply | Refusal {
    const { groupId, memberEpoch } = request;
    const group = this.#context.groups.find(groupId);
    if (group?.type !== 'consumer') {
      const what =
        group === undefined ? `Group ${groupId} not found.` : `Group ${groupId} is not a consumer group.`;
      return refusal('GROUP_ID_NOT_FOUND', what);
    }
    const member = knownMember(group, request);
    if (isRefusal(member)) return member;
    const draft = new GroupDraft(group, effects);
    if (memberEpoch === STATIC_LEAVE_EPOCH) {
      const { memberId } = member;
      const value = {
        ...progressOf(member),
        epoch: STATIC_LEAVE_EPOCH,
        previousEpoch: member.epoch,
        revoking: NO_PARTITIONS,
      };
      draft.write({ kind: 'consumer progress', memberId, value });
    } else {
      this.#removal.remove(draft, [member], nowMs);
    }
    const { memberId } = member;
    return {
      ...{ error: 'NONE', message: null, memberId, memberEpoch },
      ...{ heartbeatIntervalMs: 0, assignment: null },
    };
  }
}

function newDetails(before: ConsumerMember, request: ConsumerHeartbeatRequest): MemberDetails {
  const { instanceId, rackId, clientId, clientHost, rebalanceTimeoutMs, serverAssignor } = request;
  return {
    instanceId: instanceId ?? before.instanceId,
    rackId: rackId ?? before.rackId,
    clientId,
    clientHost,
    subscribedTopics:
      request.subscribedTopics === null
        ? before.subscribedTopics
        : [...new Set(request.subscribedTopics)].sort(),
    subscribedRegex: request.subscribedRegex ?? before.subscribedRegex,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? before.rebalanceTimeoutMs : rebalanceTimeoutMs,
    serverAssignor: serverAssignor ?? before.serverAssignor,
    classic: null,
  };
}

/** As Kafka writes ids. */
function base64Uuid(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64url');
}
