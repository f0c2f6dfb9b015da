import type { NamedPartitions } from '../embedded-protocol.ts';
import { type Assignment, toAssignment } from './assignment.ts';
import type { GroupTopics } from './group-topics.ts';

/** With names for ids, as the classic protocol has them; topics that exist no more are left out. */
export function toNamedPartitions(assignment: Assignment, topics: GroupTopics): NamedPartitions[] {
  return [...assignment].flatMap(([topicId, partitions]) => {
    const topic = topics.findById(topicId)?.name;
    return topic === undefined ? [] : [{ topic, partitions }];
  });
}

export function fromNamedPartitions(named: readonly NamedPartitions[], topics: GroupTopics): Assignment {
  return toAssignment(
    named.flatMap(({ topic, partitions }) => {
      const topicId = topics.find(topic)?.topicId;
      return topicId === undefined ? [] : [{ topicId, partitions }];
    }),
  );
}
