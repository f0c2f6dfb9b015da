import { type Assignment, fromSets } from './assignment.ts';
import { type Assignor, type AssignorMember, inOrder, Shares } from './assignor.ts';

interface Partition {
  readonly topicId: string;
  readonly partition: number;
}

/**
 * `uniform`: as equal in number as subscriptions allow, and within that as little moved as possible.
 *
 * Everybody keeps what it had, up to its quota when all subscribe to the same; what is left goes to who has least;
 * with unlike subscriptions single partitions then move from those with more to those with less.
 */
export const assignUniformly: Assignor = (members, partitionCountOf) => {
  const ordered = inOrder(members);
  const shares = new Shares(ordered);
  const isAlike = ordered.every(({ topicIds }) => sameSet(topicIds, ordered[0]!.topicIds));
  const topicIds = new Set(ordered.flatMap((member) => [...member.topicIds]));
  const total = [...topicIds].reduce((sum, topicId) => sum + partitionCountOf(topicId), 0);

  const taken = keep(ordered, shares, partitionCountOf, isAlike ? quotas(ordered, total) : () => total);
  const subscribers = new Map(
    [...topicIds].map((topicId) => [topicId, ordered.filter((member) => member.topicIds.has(topicId))]),
  );
  // Topics few want first: those who want many have other choices.
  const byRarity = [...topicIds].sort((a, b) => subscribers.get(a)!.length - subscribers.get(b)!.length);
  for (const topicId of byRarity) {
    for (let partition = 0; partition < partitionCountOf(topicId); partition++) {
      if (taken.has(`${topicId} ${partition}`)) continue;
      shares.give(leastLoaded(subscribers.get(topicId)!, shares).memberId, topicId, partition);
    }
  }
  if (!isAlike) balance(ordered, shares, subscribers);

  const assignments = new Map<string, Assignment>();
  for (const [memberId, sets] of shares.sets()) assignments.set(memberId, fromSets(sets));
  return assignments;
};

/** How many each member may keep when all want the same: the extra ones go to those who have them already. */
function quotas(members: readonly AssignorMember[], total: number): (memberId: string) => number {
  const quota = Math.floor(total / members.length);
  let extras = total % members.length;
  const withExtra = new Set<string>();
  for (const { memberId, target, topicIds } of members) {
    let had = 0;
    for (const [topicId, partitions] of target) if (topicIds.has(topicId)) had += partitions.length;
    if (had > quota && extras > 0) {
      withExtra.add(memberId);
      extras--;
    }
  }
  return (memberId) => quota + (withExtra.has(memberId) ? 1 : 0);
}

function keep(
  members: readonly AssignorMember[],
  shares: Shares,
  partitionCountOf: (topicId: string) => number,
  quotaOf: (memberId: string) => number,
): ReadonlySet<string> {
  const taken = new Set<string>();
  for (const { memberId, topicIds, target } of members) {
    const quota = quotaOf(memberId);
    for (const [topicId, partitions] of target) {
      if (!topicIds.has(topicId)) continue;
      for (const partition of partitions) {
        const name = `${topicId} ${partition}`;
        if (partition >= partitionCountOf(topicId) || taken.has(name)) continue;
        if (shares.countOf(memberId) >= quota) continue;
        taken.add(name);
        shares.give(memberId, topicId, partition);
      }
    }
  }
  return taken;
}

function leastLoaded(members: readonly AssignorMember[], shares: Shares): AssignorMember {
  let least = members[0]!;
  for (const member of members)
    if (shares.countOf(member.memberId) < shares.countOf(least.memberId)) least = member;
  return least;
}

/** Each move makes two members more alike by one, so the sum of squares falls and this ends. */
function balance(
  members: readonly AssignorMember[],
  shares: Shares,
  subscribers: ReadonlyMap<string, readonly AssignorMember[]>,
): void {
  for (let isMoving = true; isMoving; ) {
    isMoving = false;
    const byLoad = [...members].sort((a, b) => shares.countOf(b.memberId) - shares.countOf(a.memberId));
    for (const { memberId } of byLoad) {
      const mine: Partition[] = [...shares.of(memberId)];
      for (const { topicId, partition } of mine.reverse()) {
        const other = leastLoaded(subscribers.get(topicId)!, shares);
        if (shares.countOf(other.memberId) + 1 >= shares.countOf(memberId)) continue;
        shares.take(memberId, topicId, partition);
        shares.give(other.memberId, topicId, partition);
        isMoving = true;
      }
    }
  }
}

function sameSet(one: ReadonlySet<string>, other: ReadonlySet<string>): boolean {
  return one.size === other.size && [...one].every((item) => other.has(item));
}
