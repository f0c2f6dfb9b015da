import type {
  Assignment,
  RecordedShareAssignment,
  RecordedShareMember,
  SharedTopic,
  ShareGroupEntry,
} from './share-group-entries.ts';

export interface ShareMember extends RecordedShareMember, RecordedShareAssignment {
  readonly memberId: string;
}

const NOTHING_GIVEN: RecordedShareAssignment = { memberEpoch: 0, previousMemberEpoch: -1, assignment: [] };
const UNKNOWN: RecordedShareMember = { rackId: null, clientId: '', clientHost: '', topics: [] };

export function newShareMember(memberId: string): ShareMember {
  return { memberId, ...UNKNOWN, ...NOTHING_GIVEN };
}

/** A share group as its entries tell: who belongs to it, who is to have what, and what it keeps a state for. */
export class ShareGroup {
  readonly groupId: string;
  readonly members = new Map<string, ShareMember>();
  readonly targets = new Map<string, Assignment>();
  epoch = 0;
  metadataHash = 0;
  assignmentEpoch = 0;
  partitions: readonly SharedTopic[] = [];

  constructor(groupId: string) {
    this.groupId = groupId;
  }

  get state(): 'Empty' | 'Stable' {
    return this.members.size === 0 ? 'Empty' : 'Stable';
  }

  apply(entry: ShareGroupEntry): void {
    switch (entry.kind) {
      case 'share group':
        this.epoch = entry.value?.epoch ?? 0;
        this.metadataHash = entry.value?.metadataHash ?? 0;
        break;
      case 'share target':
        this.assignmentEpoch = entry.value?.assignmentEpoch ?? 0;
        break;
      case 'share partitions':
        this.partitions = entry.value ?? [];
        break;
      case 'share member':
        if (entry.value === null) this.members.delete(entry.memberId);
        else this.#change(entry.memberId, entry.value);
        break;
      case 'share assignment':
        // Without its member there is nothing to be assigned to.
        if (this.members.has(entry.memberId)) this.#change(entry.memberId, entry.value ?? NOTHING_GIVEN);
        break;
      case 'share target of member':
        if (entry.value === null) this.targets.delete(entry.memberId);
        else this.targets.set(entry.memberId, entry.value);
        break;
    }
  }

  #change(memberId: string, change: Partial<ShareMember>): void {
    this.members.set(memberId, { ...(this.members.get(memberId) ?? newShareMember(memberId)), ...change });
  }
}
