import type { ErrorName } from '../../../protocol/errors.ts';
import type { ShareMember } from './share-group.ts';
import type { Assignment, SharedTopic } from './share-group-entries.ts';

export interface ShareHeartbeat {
  readonly groupId: string;
  readonly memberId: string;
  /** 0 joins, -1 leaves. */
  readonly memberEpoch: number;
  /** null: as before. */
  readonly rackId: string | null;
  readonly topics: readonly string[] | null;
  readonly clientId: string;
  readonly clientHost: string;
}

export interface ShareHeartbeatReply {
  readonly error: ErrorName;
  readonly message?: string;
  readonly memberEpoch: number;
  readonly heartbeatIntervalMs: number;
  /** null: as the member knows it. */
  readonly assignment: Assignment | null;
}

export interface ShareGroupDescription {
  readonly groupId: string;
  readonly state: 'Empty' | 'Stable';
  readonly epoch: number;
  readonly assignmentEpoch: number;
  readonly members: readonly ShareMember[];
  readonly partitions: readonly SharedTopic[];
}

/** The calls of share groups; those that only look fail with what is wrong with the group. */
export type ShareGroupCalls = {
  shareHeartbeat: { request: ShareHeartbeat; reply: ShareHeartbeatReply };
  shareDescribe: {
    request: { readonly groupId: string };
    /** A text says why there is no such share group. */
    reply: ShareGroupDescription | string;
  };
  /** Names partitions the group keeps a state for from now on. */
  shareAddPartitions: {
    request: { readonly groupId: string; readonly topics: readonly SharedTopic[] };
    reply: Record<string, never>;
  };
  /** And those it does not any more. */
  shareRemoveTopics: {
    request: { readonly groupId: string; readonly topicIds: readonly string[] };
    reply: Record<string, never>;
  };
};
