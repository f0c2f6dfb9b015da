import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Assignment, toAssignment } from './assignment.ts';
import { type MemberProgress, newMember } from './consumer-member.ts';
import { reconcile } from './reconcile.ts';

/** `a0 a1 b2`: partitions 0 and 1 of topic a, 2 of b. */
function parse(text: string): Assignment {
  const names = text.split(' ').filter((name) => name !== '');
  return toAssignment(names.map((name) => ({ topicId: name[0]!, partitions: [Number(name.slice(1))] })));
}

function print(assignment: Assignment): string {
  return [...assignment]
    .flatMap(([topicId, partitions]) => partitions.map((partition) => `${topicId}${partition}`))
    .sort()
    .join(' ');
}

interface Case {
  readonly what: string;
  /** state, epoch, assigned, revoking */
  readonly before: readonly [MemberProgress['state'], number, string, string];
  readonly target: string;
  readonly targetEpoch: number;
  /** undefined: the heartbeat does not say. */
  readonly owned?: string;
  readonly heldByOthers?: string;
  /** Topics; left out: all. */
  readonly subscribed?: string;
  readonly subscriptionChanged?: boolean;
  readonly after: readonly [MemberProgress['state'], number, string, string];
}

const CASES: readonly Case[] = [
  {
    what: 'a stable member at the target epoch stays as it is',
    before: ['stable', 5, 'a0', ''],
    ...{ target: 'a0', targetEpoch: 5 },
    after: ['stable', 5, 'a0', ''],
  },
  {
    what: 'free partitions are given at once',
    before: ['stable', 0, '', ''],
    ...{ target: 'a0 a1', targetEpoch: 3, owned: '' },
    after: ['stable', 3, 'a0 a1', ''],
  },
  {
    what: 'partitions of others are waited for, at the new epoch',
    before: ['stable', 0, '', ''],
    ...{ target: 'a0 a1', targetEpoch: 3, owned: '', heldByOthers: 'a1' },
    after: ['unreleased', 3, 'a0', ''],
  },
  {
    what: 'what was waited for is given when it is free',
    before: ['unreleased', 3, 'a0', ''],
    ...{ target: 'a0 a1', targetEpoch: 3 },
    after: ['stable', 3, 'a0 a1', ''],
  },
  {
    what: 'what must go is revoked first, at the old epoch, before anything new is given',
    before: ['stable', 3, 'a0 a1', ''],
    ...{ target: 'a0 b0', targetEpoch: 4 },
    after: ['unrevoked', 3, 'a0', 'a1'],
  },
  {
    what: 'a heartbeat that does not say what is owned proves nothing',
    before: ['unrevoked', 3, 'a0', 'a1'],
    ...{ target: 'a0 b0', targetEpoch: 4 },
    after: ['unrevoked', 3, 'a0', 'a1'],
  },
  {
    what: 'one that still owns what it must give up stays',
    before: ['unrevoked', 3, 'a0', 'a1'],
    ...{ target: 'a0 b0', targetEpoch: 4, owned: 'a0 a1' },
    after: ['unrevoked', 3, 'a0', 'a1'],
  },
  {
    what: 'one that has let go gets the new epoch and what is free',
    before: ['unrevoked', 3, 'a0', 'a1'],
    ...{ target: 'a0 b0', targetEpoch: 4, owned: 'a0' },
    after: ['stable', 4, 'a0 b0', ''],
  },
  {
    what: 'the newest target counts when several epochs passed meanwhile',
    before: ['unrevoked', 3, 'a0', 'a1'],
    ...{ target: 'b0', targetEpoch: 9, owned: 'a0' },
    after: ['unrevoked', 3, '', 'a0'],
  },
  {
    what: 'what was to go and is wanted again comes back',
    before: ['unrevoked', 3, 'a0', 'a1'],
    ...{ target: 'a0 a1', targetEpoch: 5, owned: 'a0' },
    after: ['stable', 5, 'a0 a1', ''],
  },
  {
    what: 'nothing to revoke when the member owns none of it',
    before: ['stable', 3, 'a0', ''],
    ...{ target: 'b0', targetEpoch: 4, owned: '' },
    after: ['stable', 4, 'b0', ''],
  },
  {
    what: 'topics no longer subscribed to go at once, without a new target',
    before: ['stable', 5, 'a0 b0', ''],
    ...{ target: 'a0 b0', targetEpoch: 5, subscribed: 'a', subscriptionChanged: true },
    after: ['unrevoked', 5, 'a0', 'b0'],
  },
  {
    what: 'a target for a topic no longer subscribed to is not given',
    before: ['stable', 4, 'a0', ''],
    ...{ target: 'a0 b0', targetEpoch: 5, subscribed: 'a' },
    after: ['stable', 5, 'a0', ''],
  },
  {
    what: 'a change of subscription during a revocation adds to it',
    before: ['unrevoked', 5, 'a0 b0', 'b1'],
    ...{ target: 'a0', targetEpoch: 6, subscribed: 'a', subscriptionChanged: true },
    after: ['unrevoked', 5, 'a0', 'b0 b1'],
  },
];

describe('a member on its way to its target', () => {
  for (const one of CASES) {
    it(one.what, () => {
      const [state, epoch, assigned, revoking] = one.before;
      const member = {
        ...newMember('m'),
        ...{ state, epoch, previousEpoch: epoch, assigned: parse(assigned), revoking: parse(revoking) },
      };
      const held = new Set((one.heldByOthers ?? '').split(' '));
      const after = reconcile({
        member,
        target: parse(one.target),
        targetEpoch: one.targetEpoch,
        isSubscribed: (topicId) => one.subscribed?.includes(topicId) ?? true,
        subscriptionChanged: one.subscriptionChanged ?? false,
        isFree: (topicId, partition) => !held.has(`${topicId}${partition}`),
        owned: one.owned === undefined ? null : parse(one.owned),
      });
      assert.deepEqual([after.state, after.epoch, print(after.assigned), print(after.revoking)], one.after);
    });
  }
});
