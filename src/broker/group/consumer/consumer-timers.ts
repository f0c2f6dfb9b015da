import type { Deadlines } from '../../../topics/deadlines.ts';
import { type GroupDeadline, groupDeadline } from '../rebalance.ts';
import type { ConsumerMember } from './consumer-member.ts';

/** What each deadline of a member of a consumer group waits for. Whoever lets one pass is no member any more. */
export class ConsumerTimers {
  readonly #deadlines: Deadlines<GroupDeadline>;
  readonly #sessionTimeoutMs: (groupId: string) => number;

  constructor(deadlines: Deadlines<GroupDeadline>, sessionTimeoutMs: (groupId: string) => number) {
    this.#deadlines = deadlines;
    this.#sessionTimeoutMs = sessionTimeoutMs;
  }

  /** A sign of life: the session ends later. */
  heard(groupId: string, { memberId, classic }: ConsumerMember, nowMs: number): void {
    const timeoutMs = classic?.sessionTimeoutMs ?? this.#sessionTimeoutMs(groupId);
    this.#deadlines.set(groupDeadline('session', groupId, memberId), nowMs + timeoutMs);
  }

  /** Runs while a member of the new protocol has to let go of partitions. */
  reconciled(groupId: string, member: ConsumerMember, nowMs: number): void {
    const deadline = groupDeadline('revoke', groupId, member.memberId);
    if (member.state === 'unrevoked' && member.classic === null)
      this.#deadlines.set(deadline, nowMs + member.rebalanceTimeoutMs);
    else this.#deadlines.delete(deadline);
  }

  /** A classic member was told to join again. */
  awaitRejoin(groupId: string, { memberId, rebalanceTimeoutMs }: ConsumerMember, nowMs: number): void {
    const deadline = groupDeadline('rejoin', groupId, memberId);
    if (!this.#deadlines.has(deadline)) this.#deadlines.set(deadline, nowMs + rebalanceTimeoutMs);
  }

  /** A classic member joined: it must fetch its assignment. */
  awaitSync(groupId: string, { memberId, rebalanceTimeoutMs }: ConsumerMember, nowMs: number): void {
    this.#deadlines.delete(groupDeadline('rejoin', groupId, memberId));
    this.#deadlines.set(groupDeadline('resync', groupId, memberId), nowMs + rebalanceTimeoutMs);
  }

  synced(groupId: string, memberId: string): void {
    this.#deadlines.delete(groupDeadline('resync', groupId, memberId));
  }

  forget(groupId: string, memberId: string): void {
    for (const kind of ['session', 'revoke', 'rejoin', 'resync'] as const)
      this.#deadlines.delete(groupDeadline(kind, groupId, memberId));
  }

  /** A classic group takes over: its members' sessions run by its rules. */
  becameClassic(groupId: string, memberId: string, sessionTimeoutMs: number, nowMs: number): void {
    this.forget(groupId, memberId);
    this.#deadlines.set(groupDeadline('session', groupId, memberId), nowMs + sessionTimeoutMs);
  }

  /** The classic group begins to rebalance as soon as it exists. */
  rebalanceSoon(groupId: string, nowMs: number): void {
    this.#deadlines.set(groupDeadline('rebalance', groupId), nowMs);
  }
}
