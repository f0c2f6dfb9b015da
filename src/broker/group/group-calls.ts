import type { Buffer } from 'node:buffer';
import type { ErrorName } from '../../protocol/errors.ts';
import type { ProducerIdentity } from '../../topics/state-machine.ts';
import type { TopicPartition } from '../../topics/topics.ts';
import type {
  ConsumerGroupDescription,
  ConsumerHeartbeatReply,
  ConsumerHeartbeatRequest,
} from './consumer/consumer-calls.ts';
import type { ConsumerStateName } from './consumer/consumer-group.ts';
import type { ShareGroupCalls } from './share/share-group-calls.ts';

export interface Protocol {
  readonly name: string;
  /** The member's subscription in the form its protocol type defines; opaque to the broker. */
  readonly metadata: Buffer;
}

export interface JoinRequest {
  readonly groupId: string;
  /** Empty on the first join. */
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocolType: string;
  readonly protocols: readonly Protocol[];
  /** KIP-394: a new member is first told its id and joins with it, so a lost answer leaves no ghost. */
  readonly mustKnowItsId: boolean;
  /** KIP-814: a returning static leader may be told that the assignment stands. */
  readonly canSkipAssignment: boolean;
  /** Topics the client may not see match no regular expression of the group. */
  readonly mayDescribe?: (topic: string) => boolean;
}

export interface JoinReply {
  readonly error: ErrorName;
  readonly generation: number;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly leader: string;
  readonly skipAssignment: boolean;
  readonly memberId: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly metadata: Buffer;
  }[];
}

/** Who speaks, and as a member of which generation. */
export interface MemberIdentity {
  readonly groupId: string;
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly generation: number;
}

export interface SyncRequest extends MemberIdentity {
  /** null before version 5: not checked. */
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignments: readonly { readonly memberId: string; readonly assignment: Buffer }[];
}

export interface SyncReply {
  readonly error: ErrorName;
  readonly protocolType: string | null;
  readonly protocol: string | null;
  readonly assignment: Buffer;
}

export interface LeaveRequest {
  readonly groupId: string;
  readonly members: readonly { readonly memberId: string; readonly instanceId: string | null }[];
}

export interface LeaveReply {
  readonly error: ErrorName;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly error: ErrorName;
  }[];
}

export interface OffsetToCommit extends TopicPartition {
  readonly offset: number;
  /** -1 when the client does not know it. */
  readonly leaderEpoch: number;
  readonly metadata: string;
}

export interface CommitRequest extends MemberIdentity {
  readonly offsets: readonly OffsetToCommit[];
  /** The offsets count only when this producer's transaction commits. */
  readonly producer?: ProducerIdentity;
  /** Kept whatever the group's state and age; for readers that are not members of a group. */
  readonly neverExpires?: boolean;
  /** OffsetCommit v9+: the client knows member epochs, and the errors that come with them (KIP-848). */
  readonly knowsEpochs?: boolean;
}

export interface CommitReply {
  /** Not NONE: nothing was committed. */
  readonly error: ErrorName;
  /** One per offset of the request, in its order. */
  readonly results: readonly ErrorName[];
}

export interface CommittedOffset extends TopicPartition {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
}

export interface FetchOffsetsRequest {
  readonly groupId: string;
  readonly partitions: readonly TopicPartition[] | 'all';
  /** KIP-447: do not answer past a commit that is still undecided. */
  readonly requireStable: boolean;
  /** KIP-848: answered only while this is a member at this epoch. */
  readonly member?: { readonly memberId: string; readonly epoch: number };
}

export interface FetchOffsetsReply {
  /** Not NONE: of the group, and there are no offsets. */
  readonly error: ErrorName;
  readonly offsets: readonly (CommittedOffset & { readonly error: ErrorName })[];
}

export type ClassicStateName = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead';
export type GroupStateName = ClassicStateName | ConsumerStateName;

/** By ListGroups' names. */
export type GroupTypeName = 'classic' | 'consumer' | 'share';

export interface GroupSummary {
  readonly groupId: string;
  readonly type: GroupTypeName;
  readonly protocolType: string;
  readonly state: GroupStateName;
}

/** Of a classic group, or of one that only has offsets. */
export interface GroupDescription {
  readonly groupId: string;
  readonly protocolType: string;
  readonly state: ClassicStateName;
  readonly generation: number;
  readonly protocol: string;
  readonly members: readonly {
    readonly memberId: string;
    readonly instanceId: string | null;
    readonly clientId: string;
    readonly clientHost: string;
    readonly metadata: Buffer;
    readonly assignment: Buffer;
  }[];
}

/** Every call of the group coordinator. */
export type GroupCalls = ShareGroupCalls & {
  join: { request: JoinRequest; reply: JoinReply };
  sync: { request: SyncRequest; reply: SyncReply };
  heartbeat: { request: MemberIdentity; reply: { readonly error: ErrorName } };
  leave: { request: LeaveRequest; reply: LeaveReply };
  commit: { request: CommitRequest; reply: CommitReply };
  fetchOffsets: { request: FetchOffsetsRequest; reply: FetchOffsetsReply };
  list: { request: Record<string, never>; reply: readonly GroupSummary[] };
  /** `other type`: there is such a group, and it is not a classic one. */
  describe: { request: { readonly groupId: string }; reply: GroupDescription | 'other type' | undefined };
  consumerHeartbeat: { request: ConsumerHeartbeatRequest; reply: ConsumerHeartbeatReply };
  describeConsumer: {
    request: { readonly groupId: string };
    reply: ConsumerGroupDescription | 'other type' | undefined;
  };
  deleteGroup: { request: { readonly groupId: string }; reply: { readonly error: ErrorName } };
  deleteOffsets: {
    request: { readonly groupId: string; readonly partitions: readonly TopicPartition[] };
    reply: { readonly error: ErrorName; readonly results: readonly ErrorName[] };
  };
  /** Drops the offsets of topics that exist no more. */
  forgetTopics: {
    request: { readonly isGone: (topic: string) => boolean };
    reply: { readonly count: number };
  };
};
