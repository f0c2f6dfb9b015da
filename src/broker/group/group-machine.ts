import type { Random } from '../../base/random.ts';
import type { ErrorName } from '../../protocol/errors.ts';
import { Deadlines } from '../../topics/deadlines.ts';
import type {
  Call,
  Outcome,
  ProducerIdentity,
  StateMachine,
  TransactionMarker,
} from '../../topics/state-machine.ts';
import type { GroupOverrides } from './consumer/consumer-config.ts';
import { ConsumerProtocol } from './consumer/consumer-protocol.ts';
import { describeConsumerGroup } from './consumer/describe.ts';
import { type GroupTopics, NO_TOPICS } from './consumer/group-topics.ts';
import type {
  GroupCalls,
  GroupSummary,
  JoinRequest,
  LeaveReply,
  LeaveRequest,
  MemberIdentity,
} from './group-calls.ts';
import type { GroupConfig } from './group-config.ts';
import { type Group, GroupDirectory } from './group-directory.ts';
import { GroupEffects } from './group-effects.ts';
import type { CoordinatorEntry } from './group-entries.ts';
import { GroupOffsets } from './group-offsets.ts';
import { Join } from './join.ts';
import { Membership } from './membership.ts';
import { OffsetStore } from './offset-store.ts';
import { failedJoin, type GroupDeadline, groupDeadline, parseDeadline, Rebalance } from './rebalance.ts';
import { isShareGroupEntry } from './share/share-group-codec.ts';
import { DEFAULT_SHARE_GROUP_CONFIG, type ShareGroupConfig } from './share/share-group-config.ts';
import { ShareGroups } from './share/share-groups.ts';

/** What the machine must know of the broker around it. */
export interface GroupSurroundings {
  readonly topics: GroupTopics;
  /** What one group has configured of its own. */
  readonly groupConfig: (groupId: string) => GroupOverrides;
  readonly shareConfig?: (groupId: string) => ShareGroupConfig;
}

const ALONE: GroupSurroundings = { topics: NO_TOPICS, groupConfig: () => ({}) };

/**
 * The group coordinator of one `__consumer_offsets` partition: classic groups, consumer groups, share groups,
 * committed offsets.
 *
 * Generations, epochs and offsets survive a restart by replay; who waits for what does not, and clients ask again.
 * The session of a reloaded member starts anew at the load.
 */
export class GroupMachine implements StateMachine<GroupCalls, CoordinatorEntry> {
  readonly #groups = new GroupDirectory();
  readonly #store = new OffsetStore();
  readonly #deadlines = new Deadlines<GroupDeadline>();
  readonly #config: () => GroupConfig;
  readonly #topics: GroupTopics;
  readonly #rebalance: Rebalance;
  readonly #join: Join;
  readonly #membership: Membership;
  readonly #consumers: ConsumerProtocol;
  readonly #offsets: GroupOffsets;
  readonly #shares: ShareGroups;

  constructor(config: () => GroupConfig, random: Random, surroundings = ALONE) {
    const { topics, groupConfig, shareConfig = () => DEFAULT_SHARE_GROUP_CONFIG } = surroundings;
    const groups = this.#groups;
    const deadlines = this.#deadlines;
    this.#config = config;
    this.#topics = topics;
    this.#rebalance = new Rebalance(deadlines, config);
    this.#join = new Join(groups, this.#rebalance, deadlines, config, random);
    this.#membership = new Membership(groups, this.#rebalance, deadlines);
    this.#consumers = new ConsumerProtocol({
      ...{ groups, topics, deadlines, config, random },
      overrides: groupConfig,
    });
    this.#offsets = new GroupOffsets(groups, this.#store, this.#rebalance, config);
    this.#shares = new ShareGroups({
      ...{ topics, deadlines, config: shareConfig },
      isOther: (groupId) => groups.find(groupId) !== undefined || this.#store.hasOffsets(groupId),
    });
  }

  handle(call: Call<GroupCalls>, nowMs: number): Outcome<GroupCalls, CoordinatorEntry> {
    const effects = new GroupEffects();
    const producer = call.kind === 'commit' ? call.request.producer : undefined;
    if (!this.#refusesForShare(call, effects)) this.#handle(call, effects, nowMs);
    return this.#outcome(effects, producer);
  }

  #handle(call: Call<GroupCalls>, effects: GroupEffects, nowMs: number): void {
    const { token } = call;
    switch (call.kind) {
      case 'join':
        this.#joinGroup(token, call.request, effects, nowMs);
        break;
      case 'sync': {
        const group = this.#groups.consumer(call.request.groupId);
        if (group === undefined) this.#membership.sync(token, call.request, effects, nowMs);
        else effects.reply('sync', token, this.#consumers.classicSync(group, call.request, nowMs));
        break;
      }
      case 'heartbeat':
        effects.reply('heartbeat', token, { error: this.#heartbeat(call.request, nowMs) });
        break;
      case 'leave':
        effects.reply('leave', token, this.#leave(call.request, effects, nowMs));
        break;
      case 'consumerHeartbeat':
        effects.reply('consumerHeartbeat', token, this.#consumers.heartbeat(call.request, effects, nowMs));
        break;
      case 'commit':
        effects.reply('commit', token, this.#offsets.commit(call.request, effects, nowMs));
        break;
      case 'fetchOffsets':
        effects.reply('fetchOffsets', token, this.#offsets.fetch(call.request));
        break;
      case 'list':
        effects.reply('list', token, this.#list());
        break;
      case 'describe':
        effects.reply('describe', token, this.#describe(call.request.groupId));
        break;
      case 'describeConsumer':
        effects.reply('describeConsumer', token, this.#describeConsumer(call.request.groupId));
        break;
      case 'deleteGroup':
        effects.reply('deleteGroup', token, { error: this.#deleteGroup(call.request.groupId, effects) });
        break;
      case 'deleteOffsets':
        effects.reply('deleteOffsets', token, this.#offsets.delete(call.request, effects));
        break;
      case 'forgetTopics':
        this.#shares.forget(call.request.isGone, effects);
        effects.reply('forgetTopics', token, { count: this.#offsets.forget(call.request.isGone, effects) });
        break;
      default:
        this.#shares.handle(call, effects, nowMs);
    }
  }

  wake(nowMs: number): Outcome<GroupCalls, CoordinatorEntry> {
    const effects = new GroupEffects();
    // Entries take effect when they are replayed: what follows must see them.
    while (effects.entries.length === 0) {
      const due = this.#deadlines.takeDue(nowMs);
      if (due === undefined) break;
      this.#deadlineOver(due, effects, nowMs);
    }
    return this.#outcome(effects, undefined);
  }

  loaded(nowMs: number): Outcome<GroupCalls, CoordinatorEntry> {
    const { maxGroupSize, offsetsRetentionCheckMs } = this.#config();
    const effects = new GroupEffects();
    for (const group of this.#groups.all()) {
      if (group.type === 'consumer') {
        this.#consumers.loaded(group, nowMs);
        continue;
      }
      for (const member of group.members.values()) this.#rebalance.heard(group, member, nowMs);
      if (group.members.size > maxGroupSize) this.#rebalance.prepare(group, effects, nowMs);
    }
    this.#shares.loaded(nowMs);
    this.#deadlines.set(groupDeadline('expire offsets'), nowMs + offsetsRetentionCheckMs);
    return this.#outcome(effects, undefined);
  }

  replay(entry: CoordinatorEntry, producer?: ProducerIdentity): void {
    if (isShareGroupEntry(entry)) this.#shares.replay(entry);
    else if (entry.kind === 'offset') {
      this.#store.apply(entry, producer);
      // Who only has offsets is a group as well, and stays one until it is found to have none.
      if (entry.value !== null && this.#groups.find(entry.groupId) === undefined)
        this.#groups.findOrCreateClassic(entry.groupId);
    } else if (entry.kind === 'group') this.#groups.applyClassic(entry);
    else this.#groups.applyConsumer(entry);
  }

  replayMarker(marker: TransactionMarker): void {
    this.#store.applyMarker(marker);
  }

  hasSharePartition({
    groupId,
    topicId,
    partition,
  }: {
    readonly groupId: string;
    readonly topicId: string;
    readonly partition: number;
  }): boolean {
    const topic = this.#shares.find(groupId)?.partitions.find((each) => each.topicId === topicId);
    return topic?.partitions.includes(partition) ?? false;
  }

  /** Every group with what it has committed, for pages that show it; not yet durable perhaps. */
  overview() {
    return this.#list().map(({ groupId, state }) => ({
      groupId,
      state,
      members: (this.#groups.find(groupId) ?? this.#shares.find(groupId))?.members.size ?? 0,
      positions: [...this.#store.ofGroup(groupId)].map(({ topic, partition, value }) => ({
        topic,
        partition,
        offset: value.offset,
      })),
    }));
  }

  #outcome(
    effects: GroupEffects,
    producer: ProducerIdentity | undefined,
  ): Outcome<GroupCalls, CoordinatorEntry> {
    const { entries, replies } = effects;
    return { entries, replies, producer, wakeAtMs: this.#deadlines.earliest() };
  }

  #deadlineOver(deadline: GroupDeadline, effects: GroupEffects, nowMs: number): void {
    const [kind, groupId, memberId] = parseDeadline(deadline);
    const classic = this.#groups.classic(groupId);
    switch (kind) {
      case 'expire offsets':
        this.#expire(effects, nowMs);
        this.#deadlines.set(deadline, nowMs + this.#config().offsetsRetentionCheckMs);
        break;
      case 'session':
        if (classic !== undefined) this.#membership.sessionOver(groupId, memberId, effects, nowMs);
        else if (this.#shares.find(groupId) !== undefined)
          this.#shares.sessionOver(groupId, memberId, effects);
        else this.#consumers.timedOut(kind, groupId, memberId, effects, nowMs);
        break;
      case 'pending':
        this.#membership.pendingOver(groupId, memberId, effects, nowMs);
        break;
      case 'join':
        if (classic !== undefined) this.#rebalance.joinPhaseOver(classic, effects, nowMs);
        break;
      case 'sync':
        if (classic !== undefined) this.#rebalance.syncPhaseOver(classic, effects, nowMs);
        break;
      case 'rebalance':
        if (classic !== undefined && classic.members.size > 0)
          this.#rebalance.prepare(classic, effects, nowMs);
        break;
      case 'revoke':
      case 'rejoin':
      case 'resync':
        this.#consumers.timedOut(kind, groupId, memberId, effects, nowMs);
        break;
    }
  }

  /** A name belongs to groups of one type: calls of the others do not know a share group. */
  #refusesForShare(call: Call<GroupCalls>, effects: GroupEffects): boolean {
    const { kind, token } = call;
    if (kind === 'list' || kind === 'forgetTopics') return false;
    const { groupId } = call.request;
    if (this.#shares.find(groupId) === undefined) return false;
    const error = 'GROUP_ID_NOT_FOUND';
    switch (kind) {
      case 'join':
        effects.reply(kind, token, failedJoin('INCONSISTENT_GROUP_PROTOCOL', call.request.memberId));
        return true;
      case 'commit':
        effects.reply(kind, token, { error, results: call.request.offsets.map(() => error) });
        return true;
      case 'fetchOffsets':
        effects.reply(kind, token, { error, offsets: [] });
        return true;
      case 'describe':
      case 'describeConsumer':
        effects.reply(kind, token, 'other type');
        return true;
      case 'consumerHeartbeat':
        effects.reply(kind, token, {
          ...{ error, message: `Group ${groupId} is not a consumer group.` },
          ...{ memberId: null, memberEpoch: 0, heartbeatIntervalMs: 0, assignment: null },
        });
        return true;
      default:
        return false;
    }
  }

  #joinGroup(token: number, request: JoinRequest, effects: GroupEffects, nowMs: number): void {
    const { groupId } = request;
    const group = this.#groups.consumer(groupId);
    if (group !== undefined && group.members.size > 0) {
      effects.reply('join', token, this.#consumers.classicJoin(group, request, effects, nowMs));
      return;
    }
    this.#join.handle(token, request, effects, nowMs);
    // Nobody was in it: it has given way.
    if (group !== undefined && this.#groups.consumer(groupId) === undefined)
      this.#consumers.delete(group, effects);
  }

  #heartbeat(identity: MemberIdentity, nowMs: number): ErrorName {
    const group = this.#groups.consumer(identity.groupId);
    if (group === undefined) return this.#membership.heartbeat(identity, nowMs);
    return this.#consumers.classicHeartbeat(group, identity, nowMs);
  }

  #leave(request: LeaveRequest, effects: GroupEffects, nowMs: number): LeaveReply {
    const group = this.#groups.consumer(request.groupId);
    if (group === undefined) return this.#membership.leave(request, effects, nowMs);
    return this.#consumers.classicLeave(group, request, effects, nowMs);
  }

  #list(): readonly GroupSummary[] {
    const groups = this.#groups.all().map(
      ({ groupId, type, protocolType, state }): GroupSummary => ({
        ...{ groupId, type, state },
        protocolType: protocolType ?? '',
      }),
    );
    return [...groups, ...this.#shares.summaries()];
  }

  #describe(groupId: string): GroupCalls['describe']['reply'] {
    const group = this.#groups.find(groupId);
    if (group === undefined) return undefined;
    return group.type === 'classic' ? group.describe() : 'other type';
  }

  #describeConsumer(groupId: string): GroupCalls['describeConsumer']['reply'] {
    const group = this.#groups.consumer(groupId);
    if (group !== undefined)
      return describeConsumerGroup(group, this.#topics, this.#config().consumer.assignors);
    return this.#groups.find(groupId) === undefined ? undefined : 'other type';
  }

  #deleteGroup(groupId: string, effects: GroupEffects): ErrorName {
    const share = this.#shares.delete(groupId, effects);
    if (share !== undefined) return share;
    const group = this.#groups.find(groupId);
    if (group === undefined) return 'GROUP_ID_NOT_FOUND';
    if (group.state !== 'Empty') return 'NON_EMPTY_GROUP';
    if (this.#store.isPending(groupId)) return 'NON_EMPTY_GROUP';
    this.#offsets.deleteAll(groupId, effects);
    this.#writeEnd(group, effects);
    return 'NONE';
  }

  #writeEnd(group: Group, effects: GroupEffects): void {
    if (group.type === 'consumer') this.#consumers.delete(group, effects);
    else effects.write({ kind: 'group', groupId: group.groupId, value: null });
  }

  #expire(effects: GroupEffects, nowMs: number): void {
    this.#offsets.expire(effects, nowMs);
    for (const group of this.#groups.all()) {
      const { groupId } = group;
      const isAwaited = group.type === 'classic' && group.pendingMembers.size > 0;
      if (group.state !== 'Empty' || isAwaited) continue;
      if (!this.#store.hasOffsets(groupId) && !this.#store.isPending(groupId)) this.#writeEnd(group, effects);
    }
  }
}
