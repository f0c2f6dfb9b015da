/** Partitions of one topic, in ascending order. */
export interface TopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export type Assignment = readonly TopicPartitions[];

export interface RecordedShareMember {
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly topics: readonly string[];
}

/** What a member has been given. */
export interface RecordedShareAssignment {
  readonly memberEpoch: number;
  readonly previousMemberEpoch: number;
  readonly assignment: Assignment;
}

export interface SharedTopic extends TopicPartitions {
  readonly name: string;
}

interface OfGroup {
  readonly groupId: string;
}

interface OfMember extends OfGroup {
  readonly memberId: string;
}

/** What `__consumer_offsets` holds for share groups; null ends the thing. */
export type ShareGroupEntry =
  | (OfMember & { readonly kind: 'share member'; readonly value: RecordedShareMember | null })
  | (OfGroup & {
      readonly kind: 'share group';
      readonly value: { readonly epoch: number; readonly metadataHash: number } | null;
    })
  | (OfGroup & { readonly kind: 'share target'; readonly value: { readonly assignmentEpoch: number } | null })
  | (OfMember & { readonly kind: 'share target of member'; readonly value: Assignment | null })
  | (OfMember & { readonly kind: 'share assignment'; readonly value: RecordedShareAssignment | null })
  /** The partitions the group keeps a state for, members or not. */
  | (OfGroup & { readonly kind: 'share partitions'; readonly value: readonly SharedTopic[] | null });
