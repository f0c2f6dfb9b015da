import type { Buffer } from 'node:buffer';
import type { TopicPartition } from '../../topics/topics.ts';
import type { ConsumerGroupEntry } from './consumer/consumer-entries.ts';
import type { ShareGroupEntry } from './share/share-group-entries.ts';

export interface RecordedMember {
  readonly memberId: string;
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly rebalanceTimeoutMs: number;
  readonly sessionTimeoutMs: number;
  readonly subscription: Buffer;
  readonly assignment: Buffer;
}

/** One finished generation of a group. */
export interface RecordedGeneration {
  readonly protocolType: string;
  readonly generation: number;
  readonly protocol: string | null;
  readonly leader: string | null;
  readonly stateSinceMs: number;
  readonly members: readonly RecordedMember[];
}

export interface RecordedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAtMs: number;
  /** undefined: by the group's rules. */
  readonly expiresAtMs: number | undefined;
}

export interface GroupEntry {
  readonly kind: 'group';
  readonly groupId: string;
  /** null: the group is gone. */
  readonly value: RecordedGeneration | null;
}

export interface OffsetEntry extends TopicPartition {
  readonly kind: 'offset';
  readonly groupId: string;
  /** null: nothing is committed any more. */
  readonly value: RecordedOffset | null;
}

/** What `__consumer_offsets` holds. */
export type CoordinatorEntry = GroupEntry | OffsetEntry | ConsumerGroupEntry | ShareGroupEntry;
