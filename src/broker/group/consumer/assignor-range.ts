import { type Assignment, fromSets } from './assignment.ts';
import { type Assignor, inOrder, Shares } from './assignor.ts';

/**
 * `range`: of each topic every member gets a run of neighbouring partitions, in the same order of members for all
 * topics, so that equal partitions of topics that belong together meet in one member.
 */
export const assignRanges: Assignor = (members, partitionCountOf) => {
  const ordered = inOrder(members);
  const shares = new Shares(members);
  const topicIds = new Set(ordered.flatMap((member) => [...member.topicIds]));
  for (const topicId of topicIds) {
    const subscribers = ordered.filter((member) => member.topicIds.has(topicId));
    const count = partitionCountOf(topicId);
    const quota = Math.floor(count / subscribers.length);
    const withOneMore = count % subscribers.length;
    let next = 0;
    subscribers.forEach(({ memberId }, place) => {
      const end = next + quota + (place < withOneMore ? 1 : 0);
      while (next < end) shares.give(memberId, topicId, next++);
    });
  }
  const assignments = new Map<string, Assignment>();
  for (const [memberId, sets] of shares.sets()) assignments.set(memberId, fromSets(sets));
  return assignments;
};
