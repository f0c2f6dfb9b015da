import type { Assignment } from './assignment.ts';
import type { MemberDetails, MemberProgress } from './consumer-member.ts';

/** What a regular expression stood for when the topics were last looked at. */
export interface ResolvedRegex {
  /** Sorted. */
  readonly topics: readonly string[];
  readonly version: number;
  readonly resolvedAtMs: number;
}

interface OfGroup {
  readonly groupId: string;
}

interface OfMember extends OfGroup {
  readonly memberId: string;
}

/** What `__consumer_offsets` holds for consumer groups (KIP-848), beside their offsets; null: gone. */
export type ConsumerGroupEntry =
  | (OfGroup & {
      readonly kind: 'consumer epoch';
      readonly value: { readonly epoch: number; readonly metadataHash: number } | null;
    })
  | (OfMember & { readonly kind: 'consumer member'; readonly value: MemberDetails | null })
  | (OfGroup & { readonly kind: 'consumer target epoch'; readonly value: { readonly epoch: number } | null })
  | (OfMember & { readonly kind: 'consumer target'; readonly value: Assignment | null })
  | (OfMember & { readonly kind: 'consumer progress'; readonly value: MemberProgress | null })
  | (OfGroup & {
      readonly kind: 'consumer regex';
      readonly regex: string;
      readonly value: ResolvedRegex | null;
    });
