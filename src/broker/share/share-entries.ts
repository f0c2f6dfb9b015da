import { Buffer } from 'node:buffer';
import type { SettledState } from './delivery-runs.ts';

/** One partition as one share group reads it. */
export interface ShareKey {
  readonly groupId: string;
  readonly topicId: string;
  readonly partition: number;
}

/** Neighbouring offsets with the same fate, as the log keeps them. */
export interface StateBatch {
  readonly firstOffset: number;
  readonly lastOffset: number;
  readonly state: SettledState;
  readonly deliveryCount: number;
}

export interface ShareSnapshot {
  readonly snapshotEpoch: number;
  /** Rises when an administrator moves the start. */
  readonly stateEpoch: number;
  readonly leaderEpoch: number;
  /** -1: not decided yet. */
  readonly startOffset: number;
  readonly createdAtMs: number;
  readonly writtenAtMs: number;
  readonly batches: readonly StateBatch[];
}

/** What changed since the entry before. */
export interface ShareUpdate {
  readonly snapshotEpoch: number;
  readonly leaderEpoch: number;
  /** -1: as before. */
  readonly startOffset: number;
  readonly batches: readonly StateBatch[];
}

/** What `__share_group_state` holds. */
export type ShareEntry =
  | { readonly kind: 'snapshot'; readonly key: ShareKey; readonly value: ShareSnapshot | null }
  | { readonly kind: 'update'; readonly key: ShareKey; readonly value: ShareUpdate | null };

/** `group:topic:partition` with the topic's id as Kafka prints it: what Kafka hashes to find the state's partition. */
export function coordinatorKey({ groupId, topicId, partition }: ShareKey): string {
  return `${groupId}:${Buffer.from(topicId, 'hex').toString('base64url')}:${partition}`;
}
