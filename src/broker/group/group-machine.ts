import { Buffer } from 'node:buffer';
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
import type { TopicPartition } from '../../topics/topics.ts';
import type { ClassicGroup } from './classic-group.ts';
import type { CommitRequest, FetchOffsetsRequest, GroupCalls, GroupSummary } from './group-calls.ts';
import type { GroupConfig } from './group-config.ts';
import { GroupDirectory } from './group-directory.ts';
import { GroupEffects } from './group-effects.ts';
import type { CoordinatorEntry } from './group-entries.ts';
import { Join } from './join.ts';
import { Membership } from './membership.ts';
import { expiredOffsets, topicsOfGroup } from './offset-expiry.ts';
import { OffsetStore } from './offset-store.ts';
import { type GroupDeadline, groupDeadline, parseDeadline, Rebalance } from './rebalance.ts';

/** A commit that no rule expires: the largest time a number holds exactly. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

/**
 * The group coordinator of one `__consumer_offsets` partition: classic groups and committed offsets.
 *
 * Generations and offsets survive a restart by replay; who waits for what does not, and clients ask again. The
 * session of a reloaded member starts anew at the load.
 */
export class GroupMachine implements StateMachine<GroupCalls, CoordinatorEntry> {
  readonly #groups = new GroupDirectory();
  readonly #offsets = new OffsetStore();
  readonly #deadlines = new Deadlines<GroupDeadline>();
  readonly #config: () => GroupConfig;
  readonly #rebalance: Rebalance;
  readonly #join: Join;
  readonly #membership: Membership;

  constructor(config: () => GroupConfig, random: Random) {
    this.#config = config;
    this.#rebalance = new Rebalance(this.#deadlines, config);
    this.#join = new Join(this.#groups, this.#rebalance, this.#deadlines, config, random);
    this.#membership = new Membership(this.#groups, this.#rebalance, this.#deadlines);
  }

  handle(call: Call<GroupCalls>, nowMs: number): Outcome<GroupCalls, CoordinatorEntry> {
    const effects = new GroupEffects();
    let producer: ProducerIdentity | undefined;
    switch (call.kind) {
      case 'join':
        this.#join.handle(call.token, call.request, effects, nowMs);
        break;
      case 'sync':
        this.#membership.sync(call.token, call.request, effects, nowMs);
        break;
      case 'heartbeat':
        effects.reply('heartbeat', call.token, { error: this.#membership.heartbeat(call.request, nowMs) });
        break;
      case 'leave':
        effects.reply('leave', call.token, this.#membership.leave(call.request, effects, nowMs));
        break;
      case 'commit':
        effects.reply('commit', call.token, this.#commit(call.request, effects, nowMs));
        producer = call.request.producer;
        break;
      case 'fetchOffsets':
        effects.reply('fetchOffsets', call.token, { offsets: this.#fetchOffsets(call.request) });
        break;
      case 'list':
        effects.reply('list', call.token, this.#list());
        break;
      case 'describe':
        effects.reply('describe', call.token, this.#describe(call.request.groupId));
        break;
      case 'deleteGroup':
        effects.reply('deleteGroup', call.token, { error: this.#deleteGroup(call.request.groupId, effects) });
        break;
      case 'deleteOffsets':
        effects.reply('deleteOffsets', call.token, this.#deleteOffsets(call.request, effects));
        break;
      case 'forgetTopics':
        effects.reply('forgetTopics', call.token, { count: this.#forget(call.request.isGone, effects) });
        break;
    }
    return this.#outcome(effects, producer);
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
    for (const group of this.#groups.all()) {
      for (const member of group.members.values()) this.#rebalance.heard(group, member, nowMs);
    }
    this.#deadlines.set(groupDeadline('expire offsets'), nowMs + this.#config().offsetsRetentionCheckMs);
    return this.#outcome(new GroupEffects(), undefined);
  }

  replay(entry: CoordinatorEntry, producer?: ProducerIdentity): void {
    if (entry.kind === 'offset') this.#offsets.apply(entry, producer);
    else if (entry.value === null) this.#groups.delete(entry.groupId);
    else this.#groups.findOrCreate(entry.groupId).apply(entry.value);
  }

  replayMarker(marker: TransactionMarker): void {
    this.#offsets.applyMarker(marker);
  }

  /** Every group with what it has committed, for pages that show it; not yet durable perhaps. */
  overview() {
    return this.#list().map(({ groupId, state }) => ({
      groupId,
      state,
      members: this.#groups.find(groupId)?.members.size ?? 0,
      positions: [...this.#offsets.ofGroup(groupId)].map(({ topic, partition, value }) => ({
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
    if (kind === 'expire offsets') {
      this.#expire(effects, nowMs);
      this.#deadlines.set(deadline, nowMs + this.#config().offsetsRetentionCheckMs);
      return;
    }
    if (kind === 'session') this.#membership.sessionOver(groupId, memberId, effects, nowMs);
    if (kind === 'pending') this.#membership.pendingOver(groupId, memberId, effects, nowMs);
    const group = this.#groups.find(groupId);
    if (group === undefined) return;
    if (kind === 'join') this.#rebalance.joinPhaseOver(group, effects, nowMs);
    if (kind === 'sync') this.#rebalance.syncPhaseOver(group, effects, nowMs);
  }

  #commit(request: CommitRequest, effects: GroupEffects, nowMs: number): GroupCalls['commit']['reply'] {
    const error = this.#commitRefusal(request, nowMs);
    if (error !== 'NONE') return { error, results: request.offsets.map(() => error) };
    const { offsetMetadataMaxBytes } = this.#config();
    const results = request.offsets.map((commit): ErrorName => {
      if (Buffer.byteLength(commit.metadata) > offsetMetadataMaxBytes) return 'OFFSET_METADATA_TOO_LARGE';
      const { topic, partition, offset, leaderEpoch, metadata } = commit;
      const expiresAtMs = request.neverExpires === true ? NEVER_MS : undefined;
      const value = { offset, leaderEpoch, metadata, committedAtMs: nowMs, expiresAtMs };
      effects.write({ kind: 'offset', groupId: request.groupId, topic, partition, value });
      return 'NONE';
    });
    return { error: 'NONE', results };
  }

  #commitRefusal(request: CommitRequest, nowMs: number): ErrorName {
    const group = this.#groups.find(request.groupId);
    const isAnonymous = request.generation < 0 && request.memberId === '' && request.instanceId === null;
    if (group === undefined) return request.generation < 0 ? 'NONE' : 'ILLEGAL_GENERATION';
    if (isAnonymous) {
      // A group with members owns its offsets; a transaction is already fenced by its producer epoch.
      const isFree = group.state === 'Empty' || request.producer !== undefined;
      return isFree ? 'NONE' : 'UNKNOWN_MEMBER_ID';
    }
    const found = this.#groups.memberOf(request);
    if (typeof found === 'string') return found;
    if (request.generation !== group.generation) return 'ILLEGAL_GENERATION';
    if (group.state === 'CompletingRebalance' && request.producer === undefined)
      return 'REBALANCE_IN_PROGRESS';
    this.#rebalance.heard(group, found.member, nowMs);
    return 'NONE';
  }

  #fetchOffsets(request: FetchOffsetsRequest): GroupCalls['fetchOffsets']['reply']['offsets'] {
    const { groupId, requireStable } = request;
    const partitions: Iterable<TopicPartition> =
      request.partitions === 'all' ? this.#offsets.ofGroup(groupId) : request.partitions;
    return [...partitions].map(({ topic, partition }) => {
      if (requireStable && this.#offsets.isPending(groupId, { topic, partition }))
        return { topic, partition, ...NOTHING_COMMITTED, error: 'UNSTABLE_OFFSET_COMMIT' };
      const found = this.#offsets.find(groupId, topic, partition);
      if (found === undefined) return { topic, partition, ...NOTHING_COMMITTED, error: 'NONE' };
      const { offset, leaderEpoch, metadata } = found;
      return { topic, partition, offset, leaderEpoch, metadata, error: 'NONE' };
    });
  }

  #list(): readonly GroupSummary[] {
    const groups = this.#groups.all().map(({ groupId, protocolType, state }) => ({
      groupId,
      protocolType: protocolType ?? '',
      state,
    }));
    const names = new Set(groups.map(({ groupId }) => groupId));
    const simple = this.#offsets.groupIds().filter((groupId) => !names.has(groupId));
    return [...groups, ...simple.map((groupId) => ({ groupId, protocolType: '', state: 'Empty' as const }))];
  }

  #describe(groupId: string): GroupCalls['describe']['reply'] {
    const group = this.#groups.find(groupId);
    if (group !== undefined) return group.describe();
    if (!this.#offsets.hasOffsets(groupId)) return undefined;
    return { groupId, protocolType: '', state: 'Empty', generation: 0, protocol: '', members: [] };
  }

  #deleteGroup(groupId: string, effects: GroupEffects): ErrorName {
    const group = this.#groups.find(groupId);
    if (group === undefined && !this.#offsets.hasOffsets(groupId)) return 'GROUP_ID_NOT_FOUND';
    if (group !== undefined && group.state !== 'Empty') return 'NON_EMPTY_GROUP';
    if (this.#offsets.isPending(groupId)) return 'NON_EMPTY_GROUP';
    for (const { topic, partition } of this.#offsets.ofGroup(groupId))
      effects.write({ kind: 'offset', groupId, topic, partition, value: null });
    if (group !== undefined) effects.write({ kind: 'group', groupId, value: null });
    return 'NONE';
  }

  #deleteOffsets(
    request: GroupCalls['deleteOffsets']['request'],
    effects: GroupEffects,
  ): GroupCalls['deleteOffsets']['reply'] {
    const { groupId, partitions } = request;
    const group = this.#groups.find(groupId);
    if (group === undefined && !this.#offsets.hasOffsets(groupId))
      return { error: 'GROUP_ID_NOT_FOUND', results: [] };
    const subscribed = this.#subscribed(group);
    if (subscribed === 'unknown') return { error: 'NON_EMPTY_GROUP', results: [] };
    const results = partitions.map(({ topic, partition }): ErrorName => {
      if (subscribed.has(topic)) return 'GROUP_SUBSCRIBED_TO_TOPIC';
      if (this.#offsets.find(groupId, topic, partition) !== undefined)
        effects.write({ kind: 'offset', groupId, topic, partition, value: null });
      return 'NONE';
    });
    return { error: 'NONE', results };
  }

  #subscribed(group: ClassicGroup | undefined): ReadonlySet<string> | 'unknown' {
    if (group === undefined || group.state === 'Empty') return new Set();
    return topicsOfGroup(group) ?? 'unknown';
  }

  #forget(isGone: (topic: string) => boolean, effects: GroupEffects): number {
    for (const groupId of this.#offsets.groupIds()) {
      for (const { topic, partition } of this.#offsets.ofGroup(groupId)) {
        if (isGone(topic)) effects.write({ kind: 'offset', groupId, topic, partition, value: null });
      }
    }
    return effects.entries.length;
  }

  #expire(effects: GroupEffects, nowMs: number): void {
    const { offsetsRetentionMs } = this.#config();
    for (const groupId of this.#offsets.groupIds()) {
      const group = this.#groups.find(groupId);
      for (const { topic, partition } of expiredOffsets(
        groupId,
        group,
        this.#offsets,
        offsetsRetentionMs,
        nowMs,
      ))
        effects.write({ kind: 'offset', groupId, topic, partition, value: null });
    }
    for (const group of this.#groups.all()) {
      const isForgotten = group.state === 'Empty' && group.pendingMembers.size === 0;
      if (isForgotten && !this.#offsets.hasOffsets(group.groupId) && !this.#offsets.isPending(group.groupId))
        effects.write({ kind: 'group', groupId: group.groupId, value: null });
    }
  }
}

const NOTHING_COMMITTED = { offset: -1, leaderEpoch: -1, metadata: '' } as const;
