import { Buffer } from 'node:buffer';
import type { ErrorName } from '../../protocol/errors.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import type { ConsumerGroup } from './consumer/consumer-group.ts';
import type {
  CommitReply,
  CommitRequest,
  FetchOffsetsReply,
  FetchOffsetsRequest,
  GroupCalls,
} from './group-calls.ts';
import type { GroupConfig } from './group-config.ts';
import type { GroupDirectory } from './group-directory.ts';
import type { GroupEffects } from './group-effects.ts';
import { expiredOffsets, topicsOfGroup } from './offset-expiry.ts';
import type { OffsetStore } from './offset-store.ts';
import type { Rebalance } from './rebalance.ts';

/** A commit that no rule expires: the largest time a number holds exactly. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;
const NOTHING_COMMITTED = { offset: -1, leaderEpoch: -1, metadata: '' } as const;

/** Committed offsets, with the right to commit, read and drop them that comes from a group. */
export class GroupOffsets {
  readonly #groups: GroupDirectory;
  readonly #store: OffsetStore;
  readonly #rebalance: Rebalance;
  readonly #config: () => GroupConfig;

  constructor(groups: GroupDirectory, store: OffsetStore, rebalance: Rebalance, config: () => GroupConfig) {
    this.#groups = groups;
    this.#store = store;
    this.#rebalance = rebalance;
    this.#config = config;
  }

  commit(request: CommitRequest, effects: GroupEffects, nowMs: number): CommitReply {
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
    if (group === undefined) {
      if (request.generation < 0) return 'NONE';
      return request.knowsEpochs === true ? 'GROUP_ID_NOT_FOUND' : 'ILLEGAL_GENERATION';
    }
    const isAnonymous = request.generation < 0 && request.memberId === '' && request.instanceId === null;
    const isTransactional = request.producer !== undefined;
    // A transaction is already fenced by its producer epoch.
    if (isAnonymous && isTransactional) return 'NONE';
    if (group.type === 'consumer') return consumerCommitRefusal(group, request);
    // A group with members owns its offsets; one without is open to administrators, whatever they call themselves.
    if (request.generation < 0 && group.state === 'Empty') return 'NONE';
    if (isAnonymous) return 'UNKNOWN_MEMBER_ID';
    const found = this.#groups.memberOf(request);
    if (typeof found === 'string') return found;
    if (request.generation !== group.generation) return 'ILLEGAL_GENERATION';
    if (group.state === 'CompletingRebalance' && !isTransactional) return 'REBALANCE_IN_PROGRESS';
    this.#rebalance.heard(group, found.member, nowMs);
    return 'NONE';
  }

  fetch(request: FetchOffsetsRequest): FetchOffsetsReply {
    const error = this.#fetchRefusal(request);
    return error === 'NONE' ? { error, offsets: this.#fetch(request) } : { error, offsets: [] };
  }

  #fetchRefusal({ groupId, member }: FetchOffsetsRequest): ErrorName {
    if (member === undefined) return 'NONE';
    const group = this.#groups.consumer(groupId);
    if (group === undefined) return 'NONE';
    const found = group.members.get(member.memberId);
    if (found === undefined) return 'UNKNOWN_MEMBER_ID';
    if (found.epoch === member.epoch) return 'NONE';
    return found.classic === null ? 'STALE_MEMBER_EPOCH' : 'ILLEGAL_GENERATION';
  }

  #fetch(request: FetchOffsetsRequest): FetchOffsetsReply['offsets'] {
    const { groupId, requireStable } = request;
    const partitions: Iterable<TopicPartition> =
      request.partitions === 'all' ? this.#store.ofGroup(groupId) : request.partitions;
    return [...partitions].map(({ topic, partition }) => {
      if (requireStable && this.#store.isPending(groupId, { topic, partition }))
        return { topic, partition, ...NOTHING_COMMITTED, error: 'UNSTABLE_OFFSET_COMMIT' };
      const found = this.#store.find(groupId, topic, partition);
      if (found === undefined) return { topic, partition, ...NOTHING_COMMITTED, error: 'NONE' };
      const { offset, leaderEpoch, metadata } = found;
      return { topic, partition, offset, leaderEpoch, metadata, error: 'NONE' };
    });
  }

  delete(
    request: GroupCalls['deleteOffsets']['request'],
    effects: GroupEffects,
  ): GroupCalls['deleteOffsets']['reply'] {
    const { groupId, partitions } = request;
    if (this.#groups.find(groupId) === undefined) return { error: 'GROUP_ID_NOT_FOUND', results: [] };
    const subscribed = this.#subscribed(groupId);
    if (subscribed === 'unknown') return { error: 'NON_EMPTY_GROUP', results: [] };
    const results = partitions.map(({ topic, partition }): ErrorName => {
      if (subscribed.has(topic)) return 'GROUP_SUBSCRIBED_TO_TOPIC';
      if (this.#store.find(groupId, topic, partition) !== undefined)
        effects.write({ kind: 'offset', groupId, topic, partition, value: null });
      return 'NONE';
    });
    return { error: 'NONE', results };
  }

  #subscribed(groupId: string): ReadonlySet<string> | 'unknown' {
    const group = this.#groups.find(groupId);
    if (group === undefined || group.state === 'Empty') return new Set();
    return topicsOfGroup(group) ?? 'unknown';
  }

  /** Everything the group has committed. */
  deleteAll(groupId: string, effects: GroupEffects): void {
    for (const { topic, partition } of this.#store.ofGroup(groupId))
      effects.write({ kind: 'offset', groupId, topic, partition, value: null });
  }

  /** Drops the offsets of topics that exist no more; returns how many. */
  forget(isGone: (topic: string) => boolean, effects: GroupEffects): number {
    for (const groupId of this.#store.groupIds()) {
      for (const { topic, partition } of this.#store.ofGroup(groupId)) {
        if (isGone(topic)) effects.write({ kind: 'offset', groupId, topic, partition, value: null });
      }
    }
    return effects.entries.length;
  }

  expire(effects: GroupEffects, nowMs: number): void {
    const { offsetsRetentionMs } = this.#config();
    for (const groupId of this.#store.groupIds()) {
      const group = this.#groups.find(groupId);
      for (const expired of expiredOffsets(groupId, group, this.#store, offsetsRetentionMs, nowMs)) {
        const { topic, partition } = expired;
        effects.write({ kind: 'offset', groupId, topic, partition, value: null });
      }
    }
  }
}

/** Only a member at its epoch commits; anybody while there are no members. */
function consumerCommitRefusal(group: ConsumerGroup, request: CommitRequest): ErrorName {
  if (request.generation < 0 && group.members.size === 0) return 'NONE';
  const member = group.members.get(request.memberId);
  if (member === undefined) return 'UNKNOWN_MEMBER_ID';
  const isClassic = member.classic !== null;
  if (request.producer === undefined && !isClassic && request.knowsEpochs !== true)
    return 'UNSUPPORTED_VERSION';
  if (request.generation === member.epoch) return 'NONE';
  // TxnOffsetCommit's clients know nothing of epochs.
  return isClassic || request.producer !== undefined ? 'ILLEGAL_GENERATION' : 'STALE_MEMBER_EPOCH';
}
