import type { Protocol } from '../group-calls.ts';
import { type Assignment, NO_PARTITIONS } from './assignment.ts';

/** What a member says about itself. */
export interface MemberDetails {
  readonly instanceId: string | null;
  readonly rackId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  /** Sorted. */
  readonly subscribedTopics: readonly string[];
  /** In RE2 syntax; empty for none. */
  readonly subscribedRegex: string;
  readonly rebalanceTimeoutMs: number;
  readonly serverAssignor: string | null;
  /** Set for one that still speaks the classic protocol. */
  readonly classic: ClassicDetails | null;
}

export interface ClassicDetails {
  readonly sessionTimeoutMs: number;
  readonly protocols: readonly Protocol[];
}

/**
 * - stable: has what the target gave it as of its epoch.
 * - unrevoked: must let go of partitions first, and stays at its epoch until it has.
 * - unreleased: is at its new epoch and waits for partitions others have not let go of.
 */
export type MemberStateName = 'stable' | 'unrevoked' | 'unreleased';

/** How far a member has come on its way to its target. */
export interface MemberProgress {
  readonly epoch: number;
  /** The epoch before, for a member that missed the answer with the new one. */
  readonly previousEpoch: number;
  readonly state: MemberStateName;
  readonly assigned: Assignment;
  /** No longer assigned, not yet let go of: still this member's, for all others. */
  readonly revoking: Assignment;
}

export interface ConsumerMember extends MemberDetails, MemberProgress {
  readonly memberId: string;
}

/** What heartbeats say instead of an epoch. */
export const JOIN_EPOCH = 0;
export const LEAVE_EPOCH = -1;
/** KIP-848: a static member that will be back within its session keeps its partitions. */
export const STATIC_LEAVE_EPOCH = -2;

const NO_DETAILS: MemberDetails = {
  instanceId: null,
  rackId: null,
  clientId: '',
  clientHost: '',
  subscribedTopics: [],
  subscribedRegex: '',
  rebalanceTimeoutMs: -1,
  serverAssignor: null,
  classic: null,
};

export const NO_PROGRESS: MemberProgress = {
  epoch: 0,
  previousEpoch: 0,
  state: 'stable',
  assigned: NO_PARTITIONS,
  revoking: NO_PARTITIONS,
};

export function newMember(memberId: string): ConsumerMember {
  return { memberId, ...NO_DETAILS, ...NO_PROGRESS };
}

export function detailsOf(member: ConsumerMember): MemberDetails {
  const { instanceId, rackId, clientId, clientHost, subscribedTopics, subscribedRegex } = member;
  const { rebalanceTimeoutMs, serverAssignor, classic } = member;
  return {
    ...{ instanceId, rackId, clientId, clientHost, subscribedTopics, subscribedRegex },
    ...{ rebalanceTimeoutMs, serverAssignor, classic },
  };
}

export function progressOf({
  epoch,
  previousEpoch,
  state,
  assigned,
  revoking,
}: ConsumerMember): MemberProgress {
  return { epoch, previousEpoch, state, assigned, revoking };
}

export function sameDetails(one: MemberDetails, other: MemberDetails): boolean {
  return (
    one.instanceId === other.instanceId &&
    one.rackId === other.rackId &&
    one.clientId === other.clientId &&
    one.clientHost === other.clientHost &&
    sameTopics(one.subscribedTopics, other.subscribedTopics) &&
    one.subscribedRegex === other.subscribedRegex &&
    one.rebalanceTimeoutMs === other.rebalanceTimeoutMs &&
    one.serverAssignor === other.serverAssignor &&
    sameClassic(one.classic, other.classic)
  );
}

export function sameTopics(one: readonly string[], other: readonly string[]): boolean {
  return one === other || (one.length === other.length && one.every((topic, i) => topic === other[i]));
}

function sameClassic(one: ClassicDetails | null, other: ClassicDetails | null): boolean {
  if (one === null || other === null) return one === other;
  return (
    one.sessionTimeoutMs === other.sessionTimeoutMs &&
    one.protocols.length === other.protocols.length &&
    one.protocols.every(({ name, metadata }, index) => {
      const protocol = other.protocols[index]!;
      return protocol.name === name && protocol.metadata.equals(metadata);
    })
  );
}
